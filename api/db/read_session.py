"""Statements that are executed often, and the read-only sessions that pass them to the driver.

Building a query and looking up its compiled SQL takes much longer than running it in the database. Public reads
therefore build their statements when a module is imported, or once for each shape of query (``functools.cache``). The
statements have a ``bindparam`` for each value, and are run with ``execute``. A read session compiles each statement
once for its engine, caches the processors of the statement's parameters and results, and calls the driver directly.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

from sqlalchemy import ColumnElement, CursorResult, Engine, Select, Table, bindparam, literal_column
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.models import Base

Processor = Callable[[Any], Any]
# A mapped class, or the columns of a table or table alias. Both have one attribute for each column.
Columns: TypeAlias = Any

# ``LIMIT 1`` as part of the SQL.
LIMIT_ONE: ColumnElement[int] = literal_column("1")


def inline_limit(limit: int | None) -> ColumnElement[int]:
    """Return ``limit`` as a literal in the SQL. For None, return a parameter named ``limit``.

    With a parameter as LIMIT, SQLite plans the statement again at every execution. Planning takes as long as reading a
    page.
    """
    return bindparam("limit") if limit is None else literal_column(str(limit))


def table_of(entity: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return cast(Table, entity.__table__)


class Rows(Sequence[Any]):
    """The rows of a result as named tuples, with those methods of SQLAlchemy's ``Result`` that the service uses."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Return all rows."""
        return self._rows

    def first(self) -> Any:
        """Return the first row, or None if there is none."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """Return the first value of the first row, or None if there is no row."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """Return the first value of the only row. Raises ValueError if there are no rows or several."""
        (row,) = self._rows
        return row[0]


class PreparedStatement(NamedTuple):
    """A compiled statement. ``constants`` are the parameters whose values are part of the statement."""

    sql: str
    # The names of the parameters in order; None for a driver that takes parameters by name.
    parameter_order: Sequence[str] | None
    constants: Mapping[str, Any]
    bind_processors: Sequence[tuple[str, Processor]]
    result_processors: Sequence[tuple[int, Processor]]
    make_row: Callable[[Sequence[Any]], Any]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters in the form that the driver takes; ``values`` gives their values by name."""
        named = {**self.constants, **values}
        for name, process in self.bind_processors:
            named[name] = process(named[name])
        return named if self.parameter_order is None else [named[name] for name in self.parameter_order]

    def to_rows(self, rows: Sequence[Sequence[Any]]) -> Rows:
        """Convert the driver's rows to named tuples of Python values."""
        if self.result_processors:
            rows = [self._process(row) for row in rows]
        return Rows(list(map(self.make_row, rows)))

    def _process(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for index, process in self.result_processors:
            values[index] = process(values[index])
        return values


def list_bind_processors(compiled: Any, dialect: Dialect) -> Sequence[tuple[str, Processor]]:
    """Return the names of parameters, each with SQLAlchemy's converter from a Python value to a driver value."""
    return [
        (name, process)
        for bind, name in compiled.bind_names.items()
        if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]


def prepare_statement(statement: Select[Any], dialect: Dialect) -> PreparedStatement | None:
    """Compile a statement for a dialect; return None if its SQL depends on the values, as with ``IN``."""
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    columns = list(statement.selected_columns)
    result_processors = [
        (index, process)
        for index, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    # Unbound parameters get no default value. A missing parameter therefore raises an error instead of becoming NULL.
    unbound = {name for bind, name in compiled.bind_names.items() if bind.required}
    row_type: Any = namedtuple("Row", statement.selected_columns.keys(), rename=True)  # type: ignore[misc]
    return PreparedStatement(
        compiled.string,
        parameter_order=tuple(compiled.positiontup) if compiled.positional else None,
        constants={name: value for name, value in compiled.params.items() if name not in unbound},
        bind_processors=list_bind_processors(compiled, dialect),
        result_processors=result_processors,
        make_row=row_type._make,
    )


class ReadSession(Session):
    """A session that sees one state of the database and can change nothing."""

    def __init__(self, engine: Engine, prepared: dict[Select[Any], PreparedStatement | None]) -> None:
        self._prepared = prepared
        # The transaction begins here on SQLite (see ``engines.py``), and with the first statement on PostgreSQL.
        self._connection = engine.connect()
        self._driver: Any = self._connection.connection.driver_connection
        super().__init__(self._connection, autoflush=False, expire_on_commit=False)

    def execute_prepared(self, statement: Select[Any], values: Mapping[str, Any]) -> Rows | CursorResult[Any]:
        """Execute a statement with these values and return its rows. Raises DBAPIError."""
        try:
            prepared = self._prepared[statement]
        except KeyError:
            prepared = self._prepared[statement] = prepare_statement(statement, self._connection.dialect)
        if prepared is None:
            return self.connection().execute(statement, values)
        return prepared.to_rows(self._run(prepared.sql, prepared.arguments(values)))

    def _run(self, sql: str, arguments: Any) -> Sequence[Sequence[Any]]:
        dialect = self._connection.dialect
        dbapi: Any = dialect.dbapi
        try:
            return cast(Sequence[Sequence[Any]], self._driver.execute(sql, arguments).fetchall())
        except dbapi.Error as error:
            # Remove a broken connection from the pool, as SQLAlchemy does.
            is_disconnected = dialect.is_disconnect(error, self._driver, None)
            if is_disconnected:
                self._connection.invalidate(error)
            raise DBAPIError.instance(
                sql, arguments, error, dbapi.Error, connection_invalidated=is_disconnected, dialect=dialect
            ) from error

    def __exit__(self, type_: Any, *error: Any) -> None:
        if type_ is None and self.in_transaction():
            # There is nothing to roll back, and a rollback would make psycopg drop its prepared statements.
            self.commit()
        super().__exit__(type_, *error)

    def close(self) -> None:
        """Close the session and return its connection to the pool."""
        super().close()
        self._connection.close()


@dataclass(frozen=True, slots=True)
class ReadSessionFactory:
    """Opens read sessions on an engine, and caches their prepared statements."""

    engine: Engine
    prepared: dict[Select[Any], PreparedStatement | None]

    def open(self) -> ReadSession:
        """Open a session on a live connection. Raises SQLAlchemyError if the database cannot be reached."""
        return ReadSession(self.engine, self.prepared)


def execute(session: Session, statement: Select[Any], **values: Any) -> CursorResult[Any] | Rows:
    """Execute a statement that selects columns, and return plain rows. The session's identity map is not used."""
    if isinstance(session, ReadSession):
        return session.execute_prepared(statement, values)
    return session.connection().execute(statement, values)
