"""The tests: they mirror api/, and run on SQLite and on PostgreSQL."""
