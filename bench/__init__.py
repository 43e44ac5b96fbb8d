"""What is measured, and how. Nothing here is part of the service."""
