"""Bulk inserts write the same rows as SQLAlchemy."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert, bulk_insert_returning_ids
from api.db.database import Database
from api.db.read_session import table_of
from api.models import Edition, EditionUnit, Release, Resource, SearchCounted
from api.models.base import Base

RELEASE = table_of(Release)
EXACTLY = (Edition, EditionUnit, SearchCounted)


def _rows(session: Session, entity: type[Base]) -> list[dict[str, Any]]:
    table = table_of(entity)
    return [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]


def _statements(session: Session) -> list[str]:
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    return statements


@pytest.mark.parametrize("entity", EXACTLY, ids=lambda entity: entity.__tablename__)
def test_inserted_rows_are_read_back_unchanged(loaded_database: Database, entity: type[Base]) -> None:
    with loaded_database.writing() as session:
        rows = _rows(session, entity)
        assert len(rows) > 100
        if entity is Edition:
            # Editions cannot be deleted, because other rows refer to them. Insert copies in a new release 0 instead.
            first = max(row["id"] for row in rows) + 1
            rows = [row | {"id": first + i, "first_release": 0, "end_release": 1} for i, row in enumerate(rows)]
            first_release = {**session.execute(select(RELEASE)).mappings().one(), "number": 0}
            session.execute(insert(RELEASE), [first_release])
        else:
            session.execute(delete(entity))
        bulk_insert(session, entity, rows)
        ids = {tuple(row[key.name] for key in table_of(entity).primary_key) for row in rows}
        actual = _rows(session, entity)
        assert [r for r in actual if tuple(r[key.name] for key in table_of(entity).primary_key) in ids] == rows
        session.rollback()


def test_rows_are_inserted_in_one_statement(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        rows = _rows(session, SearchCounted)
        session.execute(delete(SearchCounted))
        statements = _statements(session)
        bulk_insert(session, SearchCounted, rows)
        assert len(statements) == 1
        session.rollback()


def test_sqlalchemy_column_defaults_are_inserted(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        template: Any = session.execute(select(table_of(Resource)).where(Resource.kind == "prompt")).mappings().first()
        row = {n: template[n] for n in template if n not in {"id", "version", "deleted", "loaded", "withdrawn"}}
        (row_id,) = bulk_insert_returning_ids(session, Resource, [row | {"key": "another", "rank": 2**40}])
        actual: Any = session.get(Resource, row_id)
        assert (actual.key, actual.version, actual.deleted) == ("another", 1, False)
        session.rollback()


def test_ids_are_returned_in_the_order_of_the_rows(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        template: Any = session.execute(select(table_of(Resource)).where(Resource.kind == "prompt")).mappings().first()
        row = {n: template[n] for n in template if n != "id"}
        ids = bulk_insert_returning_ids(
            session, Resource, [row | {"key": f"new-{n}", "rank": 2**40 + n} for n in range(20)]
        )
        keys = dict(session.execute(select(Resource.id, Resource.key).where(Resource.id.in_(ids))).all())
        assert [keys[row_id] for row_id in ids] == [f"new-{n}" for n in range(20)]
        session.rollback()


def test_an_empty_insert_executes_no_statement(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        statements = _statements(session)
        bulk_insert(session, SearchCounted, [])
        assert bulk_insert_returning_ids(session, Resource, []) == []
        assert statements == []
