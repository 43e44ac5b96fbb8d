"""The database: engines, transactions, cached statements and bulk inserts."""
