"""Errors of the database, described to an operator in one line."""

from __future__ import annotations

import re

# A regular expression for a part of the driver's message, and what the operator can do. The first match counts.
_ADVICE = (
    ("authentication failed", "check the user and the password in DATABASE_URL"),
    ("no password supplied", "add a password to DATABASE_URL: postgresql://user:password@host/name"),
    ('role "[^"]*" does not exist', "check the user in DATABASE_URL"),
    ('database "[^"]*" does not exist', "create it with createdb, or change the name in DATABASE_URL"),
    ("no pg_hba.conf entry", "the server's pg_hba.conf must admit this user, database and address"),
    ("too many clients|connection slots", "the server has too many connections; end some, or raise max_connections"),
    ("permission denied", "the user in DATABASE_URL needs the right to create and change tables there"),
    ("database is locked", "another process is writing to it; try again"),
    ("readonly database", "set READ_ONLY=1 to serve it as it is"),
    ("read-only transaction", "set READ_ONLY=1 to serve it as it is"),
    ("disk I/O error", "DATABASE_URL must name a regular file on a disk that works"),
    ("unable to open database file", "check DATABASE_URL, and the permissions of the file and its folder"),
    ("invalid connection option", "remove the parameter from DATABASE_URL"),
    (
        "Connection refused|No such file|could not translate host name|failed to resolve host|timeout expired|"
        "[Nn]etwork is unreachable|No route to host|connection is bad",
        "check the host and the port in DATABASE_URL, and that the server is running",
    ),
)


def describe_database_error(error: BaseException) -> str:
    """Return one line: the message of the driver, and advice if there is any."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    advice = next((f"; {advice}" for pattern, advice in _ADVICE if re.search(pattern, text)), "")
    return f"the database: {text}{advice}"
