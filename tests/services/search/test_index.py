"""The search index contains the current editions. After any change, the index equals a rebuilt index."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.search_query import parse_search_query
from api.domain.state import MinState
from api.models import Edition, Resource, SearchCounted, SearchEntry, SearchKey, SearchState, SearchWord
from api.services.maintenance.migrations import downgrade, upgrade
from api.services.maintenance.suppression import suppress
from api.services.publishing.preview import previewed_release
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from api.services.search.find import SearchFilters, find_matches
from api.services.search.index import is_index_current, rebuild_index
from api.services.search.plan import make_plans
from api.services.search.text_index import Term, select_matching
from tests.tools.booklets import editor, entry, get_row_ids, load, small_booklet

RULE = LanguageRule(Language.CY, Fallback.ALLOW, MinState.TRANSLATED)


def _search(session: Session, q: str) -> list[str]:
    plans = make_plans(session, parse_search_query(q), Language)
    matches, total = find_matches(session, plans, SearchFilters(RULE), 100)
    assert total == len(matches)
    names = {r.id: f"{r.kind}.{r.key}" for r in session.scalars(select(Resource))}
    return [names[match.resource_id] for match in matches]


def _read_contents(session: Session) -> dict[str, Any]:
    """Return the contents of the index without word ids."""
    words = {word.id: (word.language, word.word) for word in session.scalars(select(SearchWord))}
    return {
        "states": sorted((s.language, s.texts, s.version) for s in session.scalars(select(SearchState))),
        "entries": sorted(
            (e.edition_id, e.resource_id, e.language, e.state, e.kind, e.collection_id, e.category_id or 0, e.rank)
            for e in session.scalars(select(SearchEntry))
        ),
        "words": sorted((word.language, word.word, word.texts) for word in session.scalars(select(SearchWord))),
        "keys": sorted((k.language, k.key, words[k.word_id], k.tier) for k in session.scalars(select(SearchKey))),
        "counted": sorted(
            (c.edition_id, sorted(words[n] for n in _unpack(c.numbers))) for c in session.scalars(select(SearchCounted))
        ),
        "texts": {
            word: sorted(
                (mark, number)
                for mark in "tb"
                for number in session.scalars(select_matching(session, Term((f"{mark}{key}",))))
            )
            for key, word in words.items()
        },
    }


def _unpack(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[start : start + 4], "little") for start in range(0, len(raw), 4)]


def _assert_equals_rebuilt_index(database: Database) -> None:
    with database.reading() as session:
        assert is_index_current(session)
        before = _read_contents(session)
        public = session.scalars(
            select(Edition.id).where(Edition.end_release.is_(None), Edition.document.is_not(None))
        ).all()
    assert [entry[0] for entry in before["entries"]] == sorted(public)
    with database.writing() as session:
        assert rebuild_index(session) == len(public)
    with database.reading() as session:
        assert _read_contents(session) == before


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_database


def _reword(database: Database, **texts: str) -> None:
    entries = [e for e in small_booklet() if e.id != "moment.second"]
    second = next(e for e in small_booklet() if e.id == "moment.second")
    second.texts["en"]["body"] = texts["en"]
    second.texts["cy"]["body"] = texts["cy"]
    with database.writing() as session:
        load(session, [*entries, second])


def test_the_first_release_can_be_searched(database: Database) -> None:
    _assert_equals_rebuilt_index(database)
    with database.reading() as session:
        assert _search(session, "second") == ["moment.second"]


def test_a_release_updates_the_index(database: Database) -> None:
    _reword(database, en="A bicycle stands here.", cy="Mae beic yma.")
    with database.reading() as session:
        assert _search(session, "feic") == ["moment.second"]
        assert _search(session, "bicycles") == ["moment.second"]
    _assert_equals_rebuilt_index(database)
    _reword(database, en="A boat lies here.", cy="Mae cwch yma.")
    with database.reading() as session:
        assert _search(session, "beic") == []
        assert session.scalar(select(SearchWord.id).where(SearchWord.word == "beic")) is None
    _assert_equals_rebuilt_index(database)


def test_a_revert_restores_the_index(database: Database) -> None:
    _reword(database, en="A bicycle stands here.", cy="Mae beic yma.")
    with database.writing() as session:
        revert_release(session, editor(session), 1, note="back")
    with database.reading() as session:
        assert _search(session, "beic") == []
        assert _search(session, "second") == ["moment.second"]
    _assert_equals_rebuilt_index(database)


def test_suppressed_content_leaves_no_word_in_the_index(database: Database) -> None:
    _reword(database, en="A bicycle stands here.", cy="Mae beic yma.")
    with database.writing() as session:
        suppress(session, editor(session), "moment.second", "it must vanish")
    with database.reading() as session:
        assert _search(session, "beic") == _search(session, "bicycle") == []
        assert not set(session.scalars(select(SearchWord.word))) & {"beic", "bicycle"}
        assert not set(session.scalars(select(SearchKey.key))) & {"beic", "bicycle", "bicycl"}
    _assert_equals_rebuilt_index(database)


def test_withdrawn_content_is_removed_from_the_index_until_it_is_published_again(database: Database) -> None:
    for is_withdrawn in (True, False):
        with database.writing() as session:
            row = session.get(Resource, get_row_ids(session, "moment.second")[0])
            assert row is not None
            row.withdrawn, row.version = is_withdrawn, row.version + 1
            session.flush()
            publish(session, editor(session), [row.id], note="a change", required=MinState.TRANSLATED)
        with database.reading() as session:
            assert _search(session, "second") == ([] if is_withdrawn else ["moment.second"])
        _assert_equals_rebuilt_index(database)


def test_a_preview_does_not_change_the_index(database: Database) -> None:
    with database.reading() as session:
        before = _read_contents(session)
    with database.writing() as session:
        load(
            session,
            [*small_booklet(), entry("moment.sixth", "sixth", number=6, category="category.care")],
            is_released=False,
        )
    with database.writing() as session, previewed_release(session, editor(session), MinState.TRANSLATED):
        pass
    with database.reading() as session:
        assert _read_contents(session) == before


def test_a_failed_release_does_not_change_the_index(database: Database) -> None:
    with database.reading() as session:
        before = _read_contents(session)
    database.before_commit = lambda: 1 // 0
    with pytest.raises(ZeroDivisionError):
        _reword(database, en="A bicycle stands here.", cy="Mae beic yma.")
    database.before_commit = lambda: None
    with database.reading() as session:
        assert _read_contents(session) == before


def test_upgrading_a_database_without_an_index_builds_the_index(database: Database) -> None:
    downgrade(database.engine, "0002_access")
    upgrade(database.engine)
    _assert_equals_rebuilt_index(database)


def test_the_next_release_rebuilds_an_index_of_another_version(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE search_state SET version = 'an older one'"))
        session.execute(text("DELETE FROM search_key"))
    _reword(database, en="A bicycle stands here.", cy="Mae beic yma.")
    with database.reading() as session:
        assert _search(session, "second") == ["moment.second"]
    _assert_equals_rebuilt_index(database)


def test_a_very_long_text_is_found_by_its_last_word(database: Database) -> None:
    long = "gair " * 3_900
    _reword(database, en=long + "finis", cy=long + "diwedd")
    with database.reading() as session:
        assert _search(session, "ddiwedd") == ["moment.second"]
        assert _search(session, "finis") == ["moment.second"]
    _assert_equals_rebuilt_index(database)


def test_a_large_load_updates_the_statistics_of_the_index(empty_database: Database) -> None:
    many = [entry(f"prompt.p{n}", f"p{n}", facet="framing") for n in range(220)]
    with empty_database.writing() as session:
        load(session, [*small_booklet(), *many])
    with empty_database.reading() as session:
        assert len(_search(session, "second")) == 1
        if session.get_bind().dialect.name == "postgresql":
            estimated = session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'search_entry'"))
            assert estimated == session.scalar(select(func.count()).select_from(SearchEntry)) > 400
