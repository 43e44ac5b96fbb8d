"""Releases update PostgreSQL's statistics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.db.database import Database, analyze_if_stale
from api.services.maintenance.migrations import upgrade
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.postgres import fresh_database, server_url

COUNTED = text("SELECT reltuples FROM pg_class WHERE relname = 'edition'")


@pytest.fixture
def session() -> Iterator[Session]:
    with fresh_database(server_url()) as url:
        database = Database(make_settings(url))
        upgrade(database.engine)
        with database.writing() as session:
            yield session
        database.close()


def test_statistics_are_updated_after_the_first_load(session: Session) -> None:
    assert session.scalar(COUNTED) == -1
    load(session, small_booklet())
    editions = session.scalar(text("SELECT count(*) FROM edition"))
    assert session.scalar(COUNTED) == editions > 0


def test_statistics_are_not_updated_after_a_small_number_of_changes(session: Session) -> None:
    load(session, small_booklet())
    before = session.scalar(COUNTED)
    for table in ("search_entry", "search_counted", "edition_unit"):
        session.execute(text(f"TRUNCATE {table} CASCADE"))
    session.execute(text("DELETE FROM edition WHERE language = 'cy'"))
    analyze_if_stale(session, 1)
    assert session.scalar(COUNTED) == before
    analyze_if_stale(session, int(before or 0))
    assert session.scalar(COUNTED) == (before or 0) / 2
