"""The SQLite driver: pysqlite3, which carries a recent SQLite, or Python's own where no wheel of it exists."""

from __future__ import annotations

try:
    import pysqlite3 as sqlite3
except ImportError:  # Linux on ARM
    import sqlite3

__all__ = ["sqlite3"]
