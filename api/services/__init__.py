"""What the service can do, as plain functions that take a session. Nothing here commits, and nothing knows HTTP."""
