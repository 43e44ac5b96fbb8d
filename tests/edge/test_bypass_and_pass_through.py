"""Turning the cache off changes nothing but time: the same bytes and headers, through every kind of release."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.kind import KINDS
from api.edge.middleware import CacheMiddleware
from api.services.maintenance.suppression import suppress
from api.services.publishing.reverts import revert_release
from tests.conftest import MakeApp
from tests.tools.booklets import editor, load, small_booklet
from tests.tools.cache_bypass import Question, ask, assert_alike, make_questions
from tests.tools.rows import change_text

SLUGS = {kind: ["nothing-here"] for kind in KINDS}
for _entry in small_booklet():
    SLUGS[_entry.kind] += [slug for slug in _entry.slugs.values() if slug]
Pair = tuple[Flask, Flask]


def front_of(app: Flask) -> CacheMiddleware:
    front: CacheMiddleware = app.extensions["delivery"]
    return front


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_database


@pytest.fixture
def pair(database: Database, empty_url: str, make_app: MakeApp) -> Pair:
    """The service with a cache that asks for the release at every request, and without one."""
    return make_app(empty_url, release_check_ms=0), make_app(empty_url, cache_mb=0)


def _release(database: Database) -> None:
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en="New", cy="Newydd"))


def _revert(database: Database) -> None:
    with database.writing() as session:
        revert_release(session, editor(session), 1, note="as it was")


def _suppress(database: Database) -> None:
    with database.writing() as session:
        suppress(session, editor(session), "moment.first", "asked for")


ACTS: tuple[Callable[[Database], None], ...] = (_release, _revert, _suppress)


def test_200_random_addresses_through_releases_a_revert_and_a_suppression(pair: Pair, database: Database) -> None:
    through, past = pair
    questions = make_questions(200, seed=18, releases=4, slugs=SLUGS)
    assert {"/v1/search", "/v1/moments", "/v1/bilingual/moments"} <= {question.path for question in questions}
    hits = []
    for audit in (None, *ACTS):
        if audit is not None:
            audit(database)
        statuses = {assert_alike(through, past, question).status[:3] for question in questions}
        assert statuses >= {"200", "304", "404", "400"}
        hits.append(sum(front_of(through).figures.count_hits(front_of(through).store.entries()).values()))
    # The cache was in use, not only out of the way.
    assert hits[0] > 100
    assert hits == sorted(set(hits))


def test_a_pinned_answer_survives_a_release_and_not_a_suppression(pair: Pair, database: Database) -> None:
    through, past = pair
    store = front_of(through).store
    pinned, plain = Question("/v1/moments", "lang=cy&release=1"), Question("/v1/moments", "lang=cy")
    header = Question("/v1/moments", "release=1", {"HTTP_ACCEPT_LANGUAGE": "cy"})
    for question in (pinned, plain, header):
        assert_alike(through, past, question)
    kept = {entry.key.query: entry for entry in store.entries()}
    _release(database)
    ask(through, Question("/nothing"))
    assert list(store.entries()) == [kept[("lang", "cy"), ("release", "1")]]
    _suppress(database)
    ask(through, Question("/nothing"))
    assert list(store.entries()) == []
    for question in (pinned, plain, header):
        assert b"moment.first" not in assert_alike(through, past, question).body


@pytest.mark.parametrize(
    "question",
    [
        Question("/v1/moments/random", "lang=cy"),
        Question("/v1/moments/nothing-here", "lang=cy"),
        Question("/v1/moments", "limit=0"),
        Question("/v1/units"),
        Question("/v1/moments", "release=next", {"HTTP_AUTHORIZATION": "Bearer eih_0"}),
        Question("/v1/moments", "", {"HTTP_AUTHORIZATION": "Bearer eih_0"}),
        Question("/v1/moments", "", {"HTTP_IF_MATCH": "*"}),
        Question("/v1/moments", "", {"CONTENT_LENGTH": "3"}),
        Question("/v1/moments", method="OPTIONS"),
        Question("/v1/moments", method="POST"),
        Question("/v1/moments", method="PURGE"),
        Question("/readyz"),
        Question("/healthz"),
    ],
    ids=str,
)
def test_what_may_not_be_kept_is_not_kept(pair: Pair, question: Question) -> None:
    through, _ = pair
    for _ in range(3):
        ask(through, question)
    assert list(front_of(through).store.entries()) == []


def test_every_request_has_an_id_of_its_own_and_keeps_the_one_it_brought(pair: Pair) -> None:
    through, _ = pair
    given = {ask_id(through, {"HTTP_X_REQUEST_ID": value}) for value in ("", "short", "x" * 65, "a b c d e f")}
    given |= {ask_id(through, {"HTTP_X_REQUEST_ID": "a-good-one"}) for _ in range(3)}
    assert len(given) == 5
    assert "a-good-one" in given
    assert all(len(value) == 16 for value in given - {"a-good-one"})


def ask_id(app: Flask, headers: dict[str, str]) -> str:
    said = ask(app, Question("/v1/moments/first", "lang=cy", headers))
    assert said.status == "200 OK"
    return dict(said.headers)["X-Request-Id"]
