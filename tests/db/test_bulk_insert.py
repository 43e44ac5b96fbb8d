"""Rows that go to the driver are the rows that SQLAlchemy would have written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert, bulk_insert_returning_ids
from api.db.database import Database
from api.db.statements import table_of
from api.models import Edition, EditionUnit, Release, Resource, SearchCounted
from api.models.base import Base

RELEASE = table_of(Release)
EXACTLY = (Edition, EditionUnit, SearchCounted)


def _rows(session: Session, entity: type[Base]) -> list[dict[str, Any]]:
    table = table_of(entity)
    return [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]


def _statements(session: Session) -> list[str]:
    said: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *given: said.append(given[2]))
    return said


@pytest.mark.parametrize("entity", EXACTLY, ids=lambda entity: entity.__tablename__)
def test_rows_come_back_as_they_were(loaded_database: Database, entity: type[Base]) -> None:
    with loaded_database.writing() as session:
        rows = _rows(session, entity)
        assert len(rows) > 100
        if entity is Edition:
            # Much holds the editions: new ones beside them, of a release that was before all.
            first = max(row["id"] for row in rows) + 1
            rows = [row | {"id": first + i, "first_release": 0, "end_release": 1} for i, row in enumerate(rows)]
            before_all = {**session.execute(select(RELEASE)).mappings().one(), "number": 0}
            session.execute(insert(RELEASE), [before_all])
        else:
            session.execute(delete(entity))
        bulk_insert(session, entity, rows)
        ids = {tuple(row[key.name] for key in table_of(entity).primary_key) for row in rows}
        written = _rows(session, entity)
        assert [r for r in written if tuple(r[key.name] for key in table_of(entity).primary_key) in ids] == rows
        session.rollback()


def test_they_go_to_the_driver_in_one_statement(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        rows = _rows(session, SearchCounted)
        session.execute(delete(SearchCounted))
        said = _statements(session)
        bulk_insert(session, SearchCounted, rows)
        assert len(said) == 1
        session.rollback()


def test_what_sqlalchemy_adds_by_itself_is_added(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        like: Any = session.execute(select(table_of(Resource)).where(Resource.kind == "prompt")).mappings().first()
        row = {n: like[n] for n in like if n not in {"id", "version", "deleted", "loaded", "withdrawn"}}
        (made,) = bulk_insert_returning_ids(session, Resource, [row | {"key": "another", "rank": 2**40}])
        written: Any = session.get(Resource, made)
        assert (written.key, written.version, written.deleted) == ("another", 1, False)
        session.rollback()


def test_ids_come_in_the_order_of_the_rows(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        like: Any = session.execute(select(table_of(Resource)).where(Resource.kind == "prompt")).mappings().first()
        row = {n: like[n] for n in like if n != "id"}
        ids = bulk_insert_returning_ids(
            session, Resource, [row | {"key": f"new-{n}", "rank": 2**40 + n} for n in range(20)]
        )
        keys = dict(session.execute(select(Resource.id, Resource.key).where(Resource.id.in_(ids))).all())
        assert [keys[each] for each in ids] == [f"new-{n}" for n in range(20)]
        session.rollback()


def test_no_rows_are_no_statement(loaded_database: Database) -> None:
    with loaded_database.writing() as session:
        said = _statements(session)
        bulk_insert(session, SearchCounted, [])
        assert bulk_insert_returning_ids(session, Resource, []) == []
        assert said == []
