"""Responses have the same bytes and headers with and without the cache, before and after every kind of release."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.kind import KINDS
from api.services.maintenance.suppression import suppress
from api.services.publishing.reverts import revert_release
from tests.conftest import MakeApp
from tests.tools.booklets import editor, load, small_booklet
from tests.tools.cache_bypass import RawRequest, assert_same_response, get_middleware, random_requests, send
from tests.tools.rows import change_text

SLUGS = {kind: ["nothing-here"] for kind in KINDS}
for _entry in small_booklet():
    SLUGS[_entry.kind] += [slug for slug in _entry.slugs.values() if slug]
Pair = tuple[Flask, Flask]


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_database


@pytest.fixture
def pair(database: Database, empty_url: str, make_app: MakeApp) -> Pair:
    """Return two applications: one whose cache checks the release at every request, and one without a cache."""
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


CHANGES: tuple[Callable[[Database], None], ...] = (_release, _revert, _suppress)


def test_cached_and_uncached_responses_are_equal_after_a_release_a_revert_and_a_suppression(
    pair: Pair, database: Database
) -> None:
    cached, uncached = pair
    requests = random_requests(200, seed=18, releases=4, slugs=SLUGS)
    assert {"/v1/search", "/v1/moments", "/v1/bilingual/moments"} <= {request.path for request in requests}
    middleware, hits = get_middleware(cached), []
    for change in (None, *CHANGES):
        if change is not None:
            change(database)
        statuses = {assert_same_response(cached, uncached, request).status[:3] for request in requests}
        assert statuses >= {"200", "304", "404", "400"}
        hits.append(sum(middleware.counters.count_hits(middleware.store.entries()).values()))
    # Without cache hits, the test would compare the application with itself.
    assert hits[0] > 100
    assert hits == sorted(set(hits))


def test_a_pinned_response_stays_cached_after_a_release_but_not_after_a_suppression(
    pair: Pair, database: Database
) -> None:
    cached, uncached = pair
    store = get_middleware(cached).store
    pinned, plain = RawRequest("/v1/moments", "lang=cy&release=1"), RawRequest("/v1/moments", "lang=cy")
    header = RawRequest("/v1/moments", "release=1", {"HTTP_ACCEPT_LANGUAGE": "cy"})
    for request in (pinned, plain, header):
        assert_same_response(cached, uncached, request)
    entries = {entry.key.query: entry for entry in store.entries()}
    _release(database)
    send(cached, RawRequest("/nothing"))
    assert list(store.entries()) == [entries[("lang", "cy"), ("release", "1")]]
    _suppress(database)
    send(cached, RawRequest("/nothing"))
    assert list(store.entries()) == []
    for request in (pinned, plain, header):
        assert b"moment.first" not in assert_same_response(cached, uncached, request).body


@pytest.mark.parametrize(
    "raw_request",
    [
        RawRequest("/v1/moments/random", "lang=cy"),
        RawRequest("/v1/moments/nothing-here", "lang=cy"),
        RawRequest("/v1/moments", "limit=0"),
        RawRequest("/v1/units"),
        RawRequest("/v1/moments", "release=next", {"HTTP_AUTHORIZATION": "Bearer eih_0"}),
        RawRequest("/v1/moments", "", {"HTTP_AUTHORIZATION": "Bearer eih_0"}),
        RawRequest("/v1/moments", "", {"HTTP_IF_MATCH": "*"}),
        RawRequest("/v1/moments", "", {"CONTENT_LENGTH": "3"}),
        RawRequest("/v1/moments", method="OPTIONS"),
        RawRequest("/v1/moments", method="POST"),
        RawRequest("/v1/moments", method="PURGE"),
        RawRequest("/readyz"),
        RawRequest("/healthz"),
    ],
    ids=str,
)
def test_writes_are_not_cached_and_neither_are_private_or_random_or_failed_responses(
    pair: Pair, raw_request: RawRequest
) -> None:
    cached, _ = pair
    for _ in range(3):
        send(cached, raw_request)
    assert list(get_middleware(cached).store.entries()) == []


def test_a_response_repeats_a_valid_request_id_and_otherwise_has_a_new_id(pair: Pair) -> None:
    cached, _ = pair
    ids = {request_id(cached, {"HTTP_X_REQUEST_ID": value}) for value in ("", "short", "x" * 65, "a b c d e f")}
    ids |= {request_id(cached, {"HTTP_X_REQUEST_ID": "a-good-one"}) for _ in range(3)}
    assert len(ids) == 5
    assert "a-good-one" in ids
    assert all(len(value) == 16 for value in ids - {"a-good-one"})


def request_id(app: Flask, headers: dict[str, str]) -> str:
    response = send(app, RawRequest("/v1/moments/first", "lang=cy", headers))
    assert response.status == "200 OK"
    return dict(response.headers)["X-Request-Id"]
