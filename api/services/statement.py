"""Asking the database what is asked at every read: a statement built once, and run with today's values.

Building a query and finding the SQL that was made of it costs many times what the database takes to answer. What
reads for the public builds its statements when it is imported, or once a shape (``functools.cache``), with a
``bindparam`` for each value, and runs them here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Select
from sqlalchemy.orm import Session


def ask(session: Session, statement: Select[Any], **values: Any) -> CursorResult[Any]:
    """The rows of a prepared statement, as plain rows: nothing of the session's objects is looked up or made."""
    return session.connection().execute(statement, values)
