"""Asking the database what is asked at every read: a statement built once, and run with today's values.

Building a query and finding the SQL that was made of it costs many times what the database takes to answer. What
reads for the public builds its statements when it is imported, or once a shape (``functools.cache``), with a
``bindparam`` for each value, and runs them here. A session that only reads has them run by the driver (``reads.py``).
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Table, bindparam, literal_column
from sqlalchemy.orm import Session

from api.db.read_session import ReadSession, Rows
from api.models import Base

# A mapped class, or the columns of its table (or of an alias of that): both have a column under each name.
Columns: TypeAlias = Any


# A row at most.
LIMIT_ONE: ColumnElement[int] = literal_column("1")


def inline_limit(limit: int | None) -> ColumnElement[int]:
    """How many rows at most: this many, or as many as the parameter ``limit`` says.

    SQLite plans a statement anew at every run whose limit is a parameter. That takes as long as finding a page.
    """
    return bindparam("limit") if limit is None else literal_column(str(limit))


def table_of(entity: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, entity.__table__)


def execute(session: Session, statement: Select[Any], **values: Any) -> CursorResult[Any] | Rows:
    """The rows of a prepared statement, as plain rows: nothing of the session's objects is looked up or made."""
    if isinstance(session, ReadSession):
        return session.execute_prepared(statement, values)
    return session.connection().execute(statement, values)
