"""Sessions that only read. What is prepared for them goes to the driver; all else goes SQLAlchemy's way.

SQLAlchemy makes the SQL, once for each statement and engine, and says what becomes of each value on its way in and out.
That is kept here, so that a statement which is put again and again costs little more than the database takes for it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import CursorResult, Engine, Select
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")
Processor = Callable[[Any], Any]


class Rows(Sequence[Any]):
    """All rows of an answer, each a tuple whose values have names too."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first value of the first row; None where there is no row."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first value of the only row. Raises ValueError where there are none or several."""
        (row,) = self._rows
        return row[0]


class Prepared(NamedTuple):
    """A statement as an engine's driver takes it; ``given`` are the values that it names itself."""

    sql: str
    # The names of the parameters in order, where the driver counts them; None where it knows them by name.
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    bind_processors: Sequence[tuple[str, Processor]]
    result_processors: Sequence[tuple[int, Processor]]
    make_row: Callable[[Sequence[Any]], Any]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given for these values, by name."""
        named = {**self.constants, **values}
        for name, process in self.bind_processors:
            named[name] = process(named[name])
        return named if self.order is None else [named[name] for name in self.order]

    def read(self, rows: Sequence[Sequence[Any]]) -> Rows:
        """What the driver gave, as Python values under the names of the columns."""
        if self.result_processors:
            rows = [self._process(row) for row in rows]
        return Rows(list(map(self.make_row, rows)))

    def _process(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, process in self.result_processors:
            values[place] = process(values[place])
        return values


def list_processors(compiled: Any, dialect: Dialect) -> Sequence[tuple[str, Processor]]:
    """What becomes of the values of a compiled statement on their way to the driver, by the names of its parameters."""
    return [
        (name, process)
        for bind, name in compiled.bind_names.items()
        if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]


def prepare(statement: Select[Any], dialect: Dialect) -> Prepared | None:
    """``statement`` as this dialect's driver takes it; None where its SQL depends on the values (an ``IN`` of many)."""
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    into = list_processors(compiled, dialect)
    columns = list(statement.selected_columns)
    out_of = [
        (place, process)
        for place, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    order = tuple(compiled.positiontup) if compiled.positional else None
    # What the statement leaves open is not given: who forgets it is told so, and does not ask for NULL.
    open_names = {name for bind, name in compiled.bind_names.items() if bind.required}
    given = {name: value for name, value in compiled.params.items() if name not in open_names}
    row: Any = namedtuple("Row", statement.selected_columns.keys(), rename=True)  # type: ignore[misc]
    return Prepared(compiled.string, order, given, into, out_of, row._make)


class ReadSession(Session):
    """A session that sees one state of the database and can change nothing."""

    def __init__(self, engine: Engine, prepared: dict[Select[Any], Prepared | None]) -> None:
        self._prepared = prepared
        # Begins on SQLite at once (see db.py), on PostgreSQL with the first statement: by whichever way that goes.
        self._opened = engine.connect()
        self._driver: Any = self._opened.connection.driver_connection
        super().__init__(self._opened, autoflush=False, expire_on_commit=False)

    def execute_prepared(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows | CursorResult[Any]:
        """The rows of ``statement`` for these values. Raises DBAPIError."""
        try:
            prepared = self._prepared[statement]
        except KeyError:
            prepared = self._prepared[statement] = prepare(statement, self._opened.dialect)
        if prepared is None:
            return self.connection().execute(statement, values)
        return prepared.read(self._run(prepared.sql, prepared.arguments(values)))

    def _run(self, sql: str, arguments: Any) -> Sequence[Sequence[Any]]:
        dialect = self._opened.dialect
        dbapi: Any = dialect.dbapi
        try:
            return cast(Sequence[Sequence[Any]], self._driver.execute(sql, arguments).fetchall())
        except dbapi.Error as error:
            # As SQLAlchemy would have it: a connection that is gone goes out of the pool.
            is_gone = dialect.is_disconnect(error, self._driver, None)
            if is_gone:
                self._opened.invalidate(error)
            raise DBAPIError.instance(
                sql, arguments, error, dbapi.Error, connection_invalidated=is_gone, dialect=dialect
            ) from error

    def __exit__(self, kind: Any, *fault: Any) -> None:
        if kind is None and self.in_transaction():
            # Nothing was changed: a rollback would make psycopg forget what it has prepared.
            self.commit()
        super().__exit__(kind, *fault)

    def close(self) -> None:
        super().close()
        self._opened.close()


@dataclass(frozen=True, slots=True)
class ReadSessionFactory:
    """Opens sessions that read on ``engine``, and remembers what it makes of statements."""

    engine: Engine
    prepared: dict[Select[Any], Prepared | None]

    def open(self) -> ReadSession:
        """A session on a connection that is there. Raises SQLAlchemyError where none can be had."""
        return ReadSession(self.engine, self.prepared)
