"""A copy of the whole database in one file, made while the service runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from api.db.database import Database
from api.db.sqlite import sqlite3


class BackupError(Exception):
    """The backup cannot be made; the message says why."""


def back_up(database: Database, file: Path) -> None:
    """Write a consistent copy to ``file``: a database for SQLite, ``pg_dump``'s custom format for PostgreSQL.

    Raises BackupRefused where the file is there already, or its folder or pg_dump is not.
    """
    if file.exists():
        raise BackupError(f"{file} exists already, and a backup overwrites nothing")
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
        raise BackupError("pg_dump is not installed: it comes with PostgreSQL’s client programs")
    url = database.engine.url.set(drivername="postgresql")
    # A password among the arguments could be read by everybody on the machine.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    address = url._replace(password=None).render_as_string()
    done = subprocess.run(  # our own program and settings
        [program, "--format=custom", f"--file={file}", f"--dbname={address}"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(done.stderr.strip() or "pg_dump failed")
