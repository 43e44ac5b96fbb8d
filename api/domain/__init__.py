"""The rules, in plain Python: nothing here knows a database, a framework or a file."""
