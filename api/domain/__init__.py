"""The rules of the service in plain Python, without databases, frameworks or files."""
