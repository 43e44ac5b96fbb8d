"""What the service can do, as plain functions that take a session. Nothing here commits or depends on HTTP."""
