"""Many new rows at once, and their ids.

SQLAlchemy goes over the values of each row several times. What it makes of an insertion is kept here, so that a row
costs little more than the driver takes for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import Session

from api.db.read_session import Processor, list_processors
from api.db.statements import table_of
from api.models import Base


class _Insertion(NamedTuple):
    """An insertion as a driver takes it.

    ``order`` has the names of the values where the driver counts them; ``into`` is what some of them are made into.
    """

    sql: str
    order: Sequence[str] | None
    into: Sequence[tuple[str, Processor]]

    def arguments(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """What the driver is given for each row."""
        processed = self._process(rows) if self.into else rows
        return map(dict, processed) if self.order is None else map(itemgetter(*self.order), processed)

    def _process(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            values = dict(row)
            for name, process in self.into:
                values[name] = process(values[name])
            yield values


# By table, columns and engine: as many as there are places in the code.
_known: dict[tuple[str, tuple[str, ...], str], _Insertion | None] = {}


def bulk_insert_returning_ids(session: Session, entity: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
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
    bulk_insert(session, entity, [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)])
    return ids


def bulk_insert(session: Session, entity: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, columns by name, all of them with the same names, whose ids nobody asks for."""
    if not rows:
        return
    table, connection = table_of(entity), session.connection()
    insertion = _prepare(table, tuple(rows[0]), connection.dialect)
    if insertion is None:
        connection.execute(insert(table), rows)
        return
    connection.exec_driver_sql(insertion.sql, list(insertion.arguments(rows)))


def _prepare(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Insertion | None:
    """The insertion of these columns; None where SQLAlchemy has values of its own to add."""
    key = (table.name, names, dialect.name)
    if key not in _known:
        compiled: Any = insert(table).compile(dialect=dialect, column_keys=list(names))
        is_whole = set(compiled.bind_names.values()) == set(names)
        order = tuple(compiled.positiontup) if compiled.positional else None
        insertion = _Insertion(compiled.string, order, list_processors(compiled, dialect))
        _known[key] = insertion if is_whole else None
    return _known[key]
