"""The SQLite driver: pysqlite3, which contains a recent SQLite, or Python's own module if pysqlite3 has no wheel."""

from __future__ import annotations

try:
    import pysqlite3 as sqlite3
except ImportError:  # Linux on ARM
    import sqlite3

__all__ = ["sqlite3"]
