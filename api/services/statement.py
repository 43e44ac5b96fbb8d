"""Asking the database what is asked at every read: a statement built once, and run with today's values.

Building a query and finding the SQL that was made of it costs many times what the database takes to answer. What
reads for the public builds its statements when it is imported, or once a shape (``functools.cache``), with a
``bindparam`` for each value, and runs them here.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from sqlalchemy import CursorResult, Select, Table
from sqlalchemy.orm import Session

from api.models import Base

# A mapped class, or the columns of its table (or of an alias of that): both have a column under each name.
Columns: TypeAlias = Any


def table_of(entity: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, entity.__table__)


def ask(session: Session, statement: Select[Any], **values: Any) -> CursorResult[Any]:
    """The rows of a prepared statement, as plain rows: nothing of the session's objects is looked up or made."""
    return session.connection().execute(statement, values)
