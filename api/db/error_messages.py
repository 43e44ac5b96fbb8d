"""Errors of the database, described to an operator in one line."""

from __future__ import annotations

# A part of the driver's message, and what the operator can do.
_ADVICE = (
    ("authentication failed", "check the user and the password in DATABASE_URL"),
    ("no password supplied", "add a password to DATABASE_URL: postgresql://user:password@host/name"),
    ('role "', "check the user in DATABASE_URL"),
    ('database "', "create it with createdb, or change the name in DATABASE_URL"),
    ("permission denied", "the user in DATABASE_URL needs the right to create and change tables there"),
    ("database is locked", "another process is writing to it; try again"),
    ("readonly database", "set READ_ONLY=1 to serve it as it is"),
    ("read-only transaction", "set READ_ONLY=1 to serve it as it is"),
    ("unable to open database file", "check DATABASE_URL, and the permissions of the file and its folder"),
    ("invalid connection option", "remove the parameter from DATABASE_URL"),
    ("connection", "check the host and the port in DATABASE_URL, and that the server is running"),
)


def describe_database_error(error: BaseException) -> str:
    """Return one line: the message of the driver, and advice if there is any."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    advice = next((f"; {advice}" for phrase, advice in _ADVICE if phrase in text), "")
    return f"the database: {text}{advice}"
