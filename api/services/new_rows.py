"""Many new rows at once, and their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from api.models import Base
from api.services.statement import table_of


def insert_rows(session: Session, entity: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert ``rows``, columns by name, all of them with the same names; their ids, in the same order.

    SQLite gives ids back in no order, so that rows would have to go in one by one. It numbers them from the highest
    there is, and whoever writes holds its lock: they are numbered here.
    """
    if not rows:
        return []
    table, connection = table_of(entity), session.connection()
    if connection.dialect.name != "sqlite":
        return list(connection.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows))
    first = 1 + (connection.scalar(select(func.max(table.c.id))) or 0)
    ids = list(range(first, first + len(rows)))
    connection.execute(insert(table), [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)])
    return ids
