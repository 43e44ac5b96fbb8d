"""Read sessions return the same rows, and raise the same errors, as SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from api.db.database import Database
from api.db.read_session import ReadSession, Rows, execute, table_of
from api.domain.errors import DatabaseUnavailableError
from api.models import Audit, Base, Edition, Resource
from tests.conftest import make_settings
from tests.tools.postgres import fresh_database, server_url
from tests.tools.programs import require_program


@pytest.fixture
def database(shared_url: str) -> Iterator[Database]:
    """Open the database of the loaded booklet, with connections that no other test uses."""
    database = Database(make_settings(shared_url))
    yield database
    database.close()


@pytest.mark.parametrize("table", [table for table in Base.metadata.sorted_tables if "search_text" not in table.name])
def test_the_driver_returns_the_same_rows_as_sqlalchemy(database: Database, table: Any) -> None:
    key = table.primary_key.columns.values()[0]
    statement = select(*table.c).order_by(key).limit(50)
    with database.reading() as session:
        rows, expected = session.execute_prepared(statement, {}), session.connection().execute(statement).all()
        assert isinstance(rows, Rows)
        assert [tuple(row) for row in rows] == [tuple(row) for row in expected]
        assert [[type(value) for value in row] for row in rows] == [[type(value) for value in row] for row in expected]
        assert [row._fields for row in rows] == [row._fields for row in expected]


def test_parameters_are_converted_as_in_sqlalchemy(database: Database) -> None:
    edition, audit = table_of(Edition).c, table_of(Audit).c
    by_key = select(edition.id).where(edition.sort_key > bindparam("key", type_=edition.sort_key.type))
    by_time = select(func.count()).where(audit.at >= bindparam("at", type_=audit.at.type))
    with database.reading() as session:
        row = session.execute_prepared(
            select(edition.sort_key).where(edition.sort_key.is_not(None)).limit(1), {}
        ).first()
        at = session.scalar(select(func.min(Audit.at)))
        for statement, values in ((by_key, {"key": row.sort_key}), (by_time, {"at": at})):
            rows, expected = (
                session.execute_prepared(statement, values),
                session.connection().execute(statement, values),
            )
            assert [tuple(row) for row in rows] == [tuple(row) for row in expected]
        assert session.execute_prepared(by_time, {"at": at}).scalar_one() > 100


def test_statements_with_expanding_parameters_are_executed_by_sqlalchemy(database: Database) -> None:
    resource = table_of(Resource).c
    statement = select(resource.id).where(resource.id.in_(bindparam("ids", expanding=True))).order_by(resource.id)
    with database.reading() as session:
        assert [row.id for row in execute(session, statement, ids=[2, 1])] == [1, 2]
        assert [row.id for row in execute(session, statement, ids=[3, 4, 5])] == [3, 4, 5]


def test_a_missing_parameter_raises_an_error(database: Database) -> None:
    statement = select(table_of(Resource).c.id).where(table_of(Resource).c.kind == bindparam("kind"))

    def read_without_value() -> None:
        with database.reading() as session:
            session.execute_prepared(statement, {})

    with pytest.raises((KeyError, DBAPIError), match="kind"):
        read_without_value()


def test_the_driver_and_the_orm_read_the_same_snapshot(loaded_database: Database) -> None:
    if loaded_database.is_sqlite:
        require_program("sqlite-wal")
    count = select(func.count()).select_from(table_of(Resource))
    with loaded_database.reading() as session:
        before = session.execute_prepared(count, {}).scalar()
        with loaded_database.writing() as writer:
            writer.execute(text("UPDATE resource SET version = version + 1 WHERE id = 1"))
            writer.execute(text("DELETE FROM waiver"))
            version = writer.scalar(text("SELECT version FROM resource WHERE id = 1"))
        assert session.scalar(count) == before
        assert session.scalar(text("SELECT version FROM resource WHERE id = 1")) == version - 1
        assert (
            session.execute_prepared(select(Resource.__table__.c.version).where(Resource.id == 1), {}).scalar()
            == version - 1
        )
    with loaded_database.reading() as session:
        assert session.scalar(text("SELECT version FROM resource WHERE id = 1")) == version


def test_a_read_session_cannot_write(loaded_database: Database) -> None:
    for statement in ("UPDATE resource SET version = 7", "DELETE FROM resource"):
        with pytest.raises(DBAPIError), loaded_database.reading() as session:
            session.execute(text(statement))
    with loaded_database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM resource WHERE version = 7")) == 0


def test_a_failing_statement_raises_the_error_that_sqlalchemy_raises(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.reading() as session:
        session.execute_prepared(select(text("no_such_column")).select_from(table_of(Resource)), {})
    assert "no_such_column" in str(caught.value)
    with database.reading() as session:
        assert session.execute_prepared(select(func.count()).select_from(table_of(Resource)), {}).scalar() > 100


@pytest.fixture
def postgresql_database() -> Iterator[Database]:
    """Create an empty database on PostgreSQL, for features that SQLite does not have."""
    with fresh_database(server_url()) as url:
        database = Database(make_settings(url))
        yield database
        database.close()


def test_the_next_session_after_a_broken_connection_gets_a_new_connection(postgresql_database: Database) -> None:
    statement = select(func.count()).select_from(text("pg_class"))

    def read_while_it_is_cut() -> None:
        with postgresql_database.reading() as session:
            number = session.scalar(text("SELECT pg_backend_pid()"))
            with postgresql_database.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
            session.execute_prepared(statement, {})

    with pytest.raises(DatabaseUnavailableError):
        read_while_it_is_cut()
    with postgresql_database.reading() as session:
        assert session.execute_prepared(statement, {}).scalar() > 100


def test_a_new_session_can_read_after_a_connection_was_closed(loaded_database: Database) -> None:
    count = select(func.count()).select_from(table_of(Resource))

    def read_while_it_is_closed() -> None:
        with loaded_database.reading() as session:
            session._driver.close()
            session.execute_prepared(count, {})

    with pytest.raises((DBAPIError, DatabaseUnavailableError)):
        read_while_it_is_closed()
    with loaded_database.reading() as session:
        assert session.execute_prepared(count, {}).scalar() > 100


def test_a_prepared_statement_is_reused_by_later_sessions(postgresql_database: Database) -> None:
    minimum: Any = bindparam("minimum", type_=Integer)
    statement = select(func.count()).select_from(text("pg_class AS prepared")).where(minimum > 0)
    for _ in range(12):
        with postgresql_database.reading() as session:
            session.execute_prepared(statement, {"minimum": 1})
            session.scalar(text("SELECT 1"))
    count = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS prepared%'")
    with postgresql_database.reading() as session:
        assert session.scalar(count) == 1


def test_scalar_one_requires_exactly_one_row() -> None:
    assert Rows([(1, 2)]).scalar_one() == 1
    assert Rows([]).first() is None
    assert Rows([]).scalar() is None
    for rows in ([], [(1,), (2,)]):
        with pytest.raises(ValueError, match="unpack"):
            Rows(rows).scalar_one()


def test_the_reading_method_of_a_database_yields_a_read_session(database: Database) -> None:
    with database.reading() as session:
        assert isinstance(session, ReadSession)
