"""Backups: a copy of the whole database in one file, made while the service runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from api.db.database import Database
from api.db.postgresql_connections import is_pooler
from api.db.sqlite import sqlite3


class BackupError(Exception):
    """The backup cannot be made. The message gives the reason."""


def back_up(database: Database, file: Path) -> None:
    """Write a consistent copy to ``file``: a database for SQLite, a ``pg_dump`` archive (custom format) for PostgreSQL.

    Raises BackupError if the file exists, if its folder does not exist, or if pg_dump is not installed or fails.
    """
    if file.exists():
        raise BackupError(f"{file} exists already, and is not overwritten")
    if not file.parent.is_dir():
        raise BackupError(f"{file.parent} is not a folder")
    partial = file.with_name(file.name + ".partial")
    try:
        if database.is_sqlite:
            _copy_sqlite(database, partial)
        else:
            _dump_postgresql(database, partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _copy_sqlite(database: Database, file: Path) -> None:
    with database.engine.connect() as connection:
        copy = sqlite3.connect(str(file))
        try:
            connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
        finally:
            copy.close()


def _dump_postgresql(database: Database, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError("pg_dump is not installed; it is one of PostgreSQL’s client programs")
    with database.engine.connect() as connection:
        if is_pooler(connection.connection.driver_connection):
            # pg_dump changes settings of its session, which a pooler passes on to other clients.
            raise BackupError(
                "DATABASE_URL leads to a connection pooler such as PgBouncer; name the server itself for this command"
            )
    url = database.engine.url.set(drivername="postgresql")
    # Pass the password in the environment, because every user of the machine can read the arguments of a process.
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    url_without_password = url._replace(password=None).render_as_string()
    process = subprocess.run(
        [program, "--format=custom", f"--file={file}", f"--dbname={url_without_password}"],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise BackupError(process.stderr.strip() or "pg_dump failed")
