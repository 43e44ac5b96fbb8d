"""Bulk inserts that pass rows to the driver in one call, and can return their ids.

SQLAlchemy processes the values of each row several times. This module caches SQLAlchemy's compiled INSERT statements,
so that inserting a row takes little more time than with the driver alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import Session

from api.db.read_session import Processor, list_bind_processors, table_of
from api.models import Base


class _Insertion(NamedTuple):
    """A compiled INSERT statement. ``parameter_order`` is None for a driver that takes parameters by name."""

    sql: str
    parameter_order: Sequence[str] | None
    bind_processors: Sequence[tuple[str, Processor]]

    def arguments(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """Return the parameters of each row in the form that the driver takes."""
        processed = self._process(rows) if self.bind_processors else rows
        order = self.parameter_order
        return map(dict, processed) if order is None else map(itemgetter(*order), processed)

    def _process(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            values = dict(row)
            for name, process in self.bind_processors:
                values[name] = process(values[name])
            yield values


# Insertions by table, columns and dialect; None if SQLAlchemy has to execute the insert.
_insertions: dict[tuple[str, tuple[str, ...], str], _Insertion | None] = {}


def bulk_insert_returning_ids(session: Session, entity: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert ``rows``, which all have the same columns, and return the new ids in the order of ``rows``.

    SQLite returns new ids in no particular order. On SQLite, this function therefore assigns the ids itself, starting
    after the highest id in the table. This is safe because the writer holds SQLite's write lock.
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
    """Insert ``rows``, which all have the same columns."""
    if not rows:
        return
    table, connection = table_of(entity), session.connection()
    insertion = _prepare(table, tuple(rows[0]), connection.dialect)
    if insertion is None:
        connection.execute(insert(table), rows)
        return
    connection.exec_driver_sql(insertion.sql, list(insertion.arguments(rows)))


def _prepare(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Insertion | None:
    """Return the statement that inserts these columns, or None if SQLAlchemy adds values such as defaults."""
    key = (table.name, names, dialect.name)
    if key not in _insertions:
        compiled: Any = insert(table).compile(dialect=dialect, column_keys=list(names))
        is_whole = set(compiled.bind_names.values()) == set(names)
        order = tuple(compiled.positiontup) if compiled.positional else None
        insertion = _Insertion(compiled.string, order, list_bind_processors(compiled, dialect))
        _insertions[key] = insertion if is_whole else None
    return _insertions[key]
