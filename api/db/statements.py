"""Statements that are built once and executed many times with different values.

Building a query and looking up its compiled SQL takes many times as long as the database needs for the answer. Public
reads therefore build their statements when a module is imported, or once for each shape of query
(``functools.cache``), with a ``bindparam`` for each value, and execute them here. A read session passes them to the
driver (``read_session.py``).
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Table, bindparam, literal_column
from sqlalchemy.orm import Session

from api.db.read_session import ReadSession, Rows
from api.models import Base

# A mapped class, or the columns of its table or of an alias of it: either has an attribute for each column.
Columns: TypeAlias = Any

# ``LIMIT 1`` as part of the SQL.
LIMIT_ONE: ColumnElement[int] = literal_column("1")


def inline_limit(limit: int | None) -> ColumnElement[int]:
    """Return the value of a LIMIT as part of the SQL, or the parameter ``limit`` for None.

    SQLite plans a statement again at every execution if its limit is a parameter, which takes as long as reading a
    page.
    """
    return bindparam("limit") if limit is None else literal_column(str(limit))


def table_of(entity: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return cast(Table, entity.__table__)


def execute(session: Session, statement: Select[Any], **values: Any) -> CursorResult[Any] | Rows:
    """Execute a statement that selects columns, and return plain rows. The session's identity map is not used."""
    if isinstance(session, ReadSession):
        return session.execute_prepared(statement, values)
    return session.connection().execute(statement, values)
