"""The cache has a size limit, stays up to date, fetches each response once, and survives a database failure."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.errors import DatabaseUnavailableError
from api.edge.release_watch import ReleaseWatcher
from api.services.publishing.snapshot import Epoch
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import RawRequest, get_middleware, record_application_requests, send
from tests.tools.rows import change_text
from tests.tools.servers import wait_until

ITEM = RawRequest("/v1/moments/first", "lang=cy")


@pytest.fixture
def database(empty_database: Database) -> Database:
    release(empty_database, 1)
    return empty_database


def release(database: Database, number: int) -> None:
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en=f"R{number}", cy=f"R{number}"))


def test_a_full_cache_stays_within_its_limit_and_keeps_popular_responses_and_is_reported(
    database: Database,
    empty_url: str,
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[str] = []
    monkeypatch.setattr("api.edge.store.log", SimpleNamespace(warning=lambda event, **_: events.append(event)))
    app = make_app(empty_url, cache_mb=1)
    store = get_middleware(app).store
    send(app, ITEM)
    assert cache_check(app) == "ok"
    for number in range(600):
        assert (
            send(app, RawRequest("/v1/moments", f"lang=cy&limit={number % 100 + 1}&number={number + 1}")).status
            == "200 OK"
        )
        send(app, ITEM)
        assert store.size + store.alias_size <= store.limit
        assert store.size == sum(entry.size for entry in store.entries())
    assert store.evictions > 0
    assert [entry for entry in store.entries() if entry.key.path == ITEM.path]
    # The log reports the full cache once. The readiness check reports it until evictions have stopped for a while.
    assert cache_check(app) == "full: the least recently used responses are evicted"
    assert events == ["cache full"]
    monkeypatch.setattr("api.edge.store.FULL_SECONDS", 0.0)
    assert cache_check(app) == "ok"


def cache_check(app: Flask) -> str:
    """Return the result of the cache's readiness check."""
    ready = app.test_client().get("/readyz")
    assert ready.status_code == 200
    return str(ready.json["checks"]["cache"])


def test_a_response_of_more_than_an_eighth_of_the_limit_is_not_cached(shared_url: str, make_app: MakeApp) -> None:
    app = make_app(shared_url, cache_mb=1)
    for _ in range(2):
        assert len(send(app, RawRequest("/openapi.json")).body) > 2**20 // 8
    assert list(get_middleware(app).store.entries()) == []


def test_only_one_of_several_simultaneous_equal_requests_reaches_the_application(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    app = make_app(empty_url)
    send(app, RawRequest("/v1"))
    fetched = record_application_requests(app, lambda: time.sleep(0.2))
    with ThreadPoolExecutor(8) as pool:
        responses = set(pool.map(lambda _: send(app, ITEM), range(8)))
    assert len(responses) == 1
    assert fetched == [ITEM.path]


def test_a_release_made_by_another_process_is_served_after_the_check_interval(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    app = make_app(empty_url, release_check_ms=100)
    assert b'"R1"' in send(app, ITEM).body
    release(database, 2)
    time.sleep(0.11)
    assert b'"R2"' in send(app, ITEM).body


def test_popular_responses_are_fetched_again_after_a_release(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    app = make_app(empty_url, cache_warm=2, release_check_ms=0)
    first, second, third = (
        ITEM,
        RawRequest("/v1/moments", "", {"HTTP_ACCEPT_LANGUAGE": "cy, en;q=0"}),
        RawRequest("/v1/prompts"),
    )
    for request, times in ((first, 9), (second, 5), (third, 2)):
        for _ in range(times):
            send(app, request)
    release(database, 2)
    send(app, RawRequest("/healthz"))
    store = get_middleware(app).store
    wait_until(lambda: len(store.by_key) == 2)
    get_middleware(app).warmer.wait(5)
    assert {entry.key.path for entry in store.entries()} == {first.path, second.path}
    fetched = record_application_requests(app)
    assert b'"R2"' in send(app, first).body
    assert b"R2" in send(app, second).body
    assert fetched == []
    # The warmer's own requests are not counted.
    assert sum(get_middleware(app).counters.count_hits(store.entries()).values()) == 8 + 4 + 1 + 2


def test_an_unavailable_database_is_reported_and_cached_responses_are_still_served(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, release_check_ms=0, stale_if_error=3600)
    cached = send(app, ITEM)
    monkeypatch.setattr(Database, "reading", fail)
    get_middleware(app).watcher.invalidate()
    assert send(app, ITEM) == cached
    assert send(app, RawRequest("/v1/moments/second", "lang=cy")).status.startswith("503")
    ready = app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert (
        ready.json["checks"]["cache"]
        == "serving cached responses: the database is unavailable (DatabaseUnavailableError)"
    )
    monkeypatch.undo()
    release(database, 2)
    get_middleware(app).watcher.invalidate()
    assert b'"R2"' in send(app, ITEM).body
    assert app.test_client().get("/readyz").json["checks"]["cache"] == "ok"


def test_a_failed_database_causes_a_503_when_cached_responses_exceed_the_allowed_staleness(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, release_check_ms=0, stale_if_error=0)
    send(app, ITEM)
    monkeypatch.setattr(Database, "reading", fail)
    get_middleware(app).watcher.invalidate()
    assert send(app, ITEM).status.startswith("503")


def fail(_database: Database) -> Any:
    """Raise the error of an unavailable database; tests use this in place of a ``Database`` method."""
    raise DatabaseUnavailableError("unavailable")


def test_other_threads_use_a_recently_confirmed_epoch_while_one_thread_polls() -> None:
    reads, may_finish = [], Event()

    def read_slowly() -> Epoch:
        reads.append(1)
        if len(reads) > 1:
            may_finish.wait(5)
        return Epoch(len(reads))

    changes: list[Epoch | None] = []
    watcher = ReleaseWatcher(read_slowly, changes.append, interval=10.0, max_staleness=60)
    watcher.poll(time.monotonic())
    watcher.invalidate()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(watcher.poll, time.monotonic())
        wait_until(lambda: len(reads) == 2)
        started = time.monotonic()
        for _ in range(100):
            watcher.poll(time.monotonic())
        assert time.monotonic() - started < 1
        may_finish.set()
        first.result()
    assert len(reads) == 2
    assert changes == [Epoch(1), Epoch(2)]


def test_the_epoch_is_read_only_by_metrics_and_once_per_interval_with_the_cache_off() -> None:
    reads: list[int] = []

    def read() -> Epoch:
        reads.append(1)
        return Epoch(len(reads))

    watcher = ReleaseWatcher(read, lambda _: None, interval=10.0, max_staleness=60)
    watcher.next_poll = float("inf")
    now = time.monotonic()
    assert [watcher.current(now + seconds) for seconds in (0, 9, 11)] == [Epoch(1), Epoch(1), Epoch(2)]
    watcher.invalidate()
    assert watcher.next_poll == float("inf")


def test_the_newest_release_is_available_with_the_cache_turned_off(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    middleware = get_middleware(make_app(empty_url, cache_mb=0))
    epoch = middleware.watcher.current(time.monotonic())
    assert epoch is not None
    assert epoch.release == 1
    assert middleware.store.epoch is None


def test_closing_waits_for_the_current_warming_request_and_skips_later_requests(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    app = make_app(empty_url, cache_warm=2)
    for request in (ITEM, ITEM, RawRequest("/v1/moments/second", "lang=cy")):
        send(app, request)
    started, may_finish = Event(), Event()
    fetched = record_application_requests(app, lambda: (started.set(), may_finish.wait(5)))
    release(database, 2)
    get_middleware(app).watcher.poll(time.monotonic())
    assert started.wait(5)
    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(get_middleware(app).close)
        time.sleep(0.05)
        assert not closed.done()
        may_finish.set()
        closed.result(5)
    assert fetched == [ITEM.path]


def test_a_worker_compacts_the_database_once_per_release(
    database: Database, make_app: MakeApp, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url)
    middleware = get_middleware(app)
    scheduled: list[int] = []
    schedule = middleware.housekeeper.schedule
    monkeypatch.setattr(middleware.housekeeper, "schedule", lambda: (scheduled.append(1), schedule()))
    send(app, ITEM)
    assert len(scheduled) == 1
    release(database, 2)
    middleware.watcher.invalidate()
    send(app, ITEM)
    send(app, ITEM)
    assert len(scheduled) == 2
    middleware.housekeeper.wait(10)
