"""Compaction after releases merges the search index and empties the log without a change of search results."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from api.db.database import Database
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.search_query import parse_search_query
from api.domain.state import MinState
from api.services.maintenance.compaction import compact, compact_step
from api.services.search.find import SearchFilters, find_matches
from api.services.search.plan import make_plans
from tests.tools.booklets import load, small_booklet
from tests.tools.rows import change_text

# Eight releases leave several segments, although FTS5 merges every four segments of the same size automatically.
RELEASES = 8


def _release(database: Database, number: int) -> None:
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en=f"Red {number}", cy=f"Coch {number}"))


def _count_segments(database: Database) -> int:
    """Return the number of segments of the FTS5 index, from its page table (see fts5_index.c)."""
    with database.reading() as session:
        pages = session.scalars(text("SELECT DISTINCT segid FROM search_text_idx"))
        return len(pages.all())


def _search(database: Database, q: str) -> list[int]:
    rule = LanguageRule(Language.CY, Fallback.ALLOW, MinState.TRANSLATED)
    with database.reading() as session:
        matches, _ = find_matches(
            session, make_plans(session, parse_search_query(q), Language), SearchFilters(rule), 100
        )
    return [match.resource_id for match in matches]


def _count_log_pages(database: Database) -> tuple[int, int]:
    """Return the number of pages in the write-ahead log, and the number of checkpointed pages."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        _, pages, done = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return pages, done


@pytest.fixture
def released(empty_database: Database) -> Database:
    for number in range(RELEASES):
        _release(empty_database, number)
    return empty_database


def test_compaction_does_not_change_search_results(released: Database) -> None:
    before = [_search(released, q) for q in ("coch", "red", "goch 7", "second")]
    assert before[0]
    compact(released)
    assert [_search(released, q) for q in ("coch", "red", "goch 7", "second")] == before


def test_compaction_merges_the_segments_left_by_releases(released: Database) -> None:
    if not released.is_sqlite:
        assert list(compact_step(released)) == []
        return
    assert _count_segments(released) >= RELEASES
    compact(released)
    assert _count_segments(released) < RELEASES // 2
    assert len(list(compact_step(released))) == 1


def test_compaction_checkpoints_the_write_ahead_log(released: Database) -> None:
    if not released.is_sqlite:
        return
    compact(released)
    pages, done = _count_log_pages(released)
    assert pages == done


def test_compaction_stops_while_another_writer_has_the_lock(released: Database) -> None:
    with released.writing() as session:
        session.execute(text("SELECT 1"))
        assert list(compact_step(released)) == []
    if released.is_sqlite:
        assert len(list(compact_step(released))) > 1
