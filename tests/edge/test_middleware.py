"""The cache is bounded, fresh, filled once, warmed by itself, and stands a database that is away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.errors import DatabaseUnavailableError
from api.edge.middleware import CacheMiddleware
from api.edge.release_watch import ReleaseWatcher
from api.services.publishing.snapshot import Epoch
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import Question, ask
from tests.tools.rows import change_text
from tests.tools.servers import wait_until

ITEM = Question("/v1/moments/first", "lang=cy")


@pytest.fixture
def database(empty_database: Database) -> Database:
    release(empty_database, 1)
    return empty_database


def release(database: Database, number: int) -> None:
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en=f"R{number}", cy=f"R{number}"))


def front_of(app: Flask) -> CacheMiddleware:
    front: CacheMiddleware = app.extensions["delivery"]
    return front


def count_made(app: Flask, monkeypatch: pytest.MonkeyPatch, wait: Callable[[], Any] = lambda: None) -> list[str]:
    """The paths that the application itself is asked for from now on."""
    made: list[str] = []
    front = front_of(app)
    run = front._run

    def counted(environ: dict[str, Any]) -> Any:
        made.append(environ["PATH_INFO"])
        wait()
        return run(environ)

    monkeypatch.setattr(front, "_run", counted)
    return made


def test_a_full_cache_stays_within_its_bytes_keeps_what_is_read_and_says_so(
    database: Database,
    empty_url: str,
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr("api.edge.store.log", SimpleNamespace(warning=lambda event, **_: told.append(event)))
    app = make_app(empty_url, cache_mb=1)
    store = front_of(app).store
    ask(app, ITEM)
    assert _say_cache(app) == "ok"
    for number in range(600):
        assert (
            ask(app, Question("/v1/moments", f"lang=cy&limit={number % 100 + 1}&number={number + 1}")).status
            == "200 OK"
        )
        ask(app, ITEM)
        assert store.size + store.alias_size <= store.limit
        assert store.size == sum(entry.size for entry in store.entries())
    assert store.evictions > 0
    assert [entry for entry in store.entries() if entry.key.path == ITEM.path]
    # It is said, in the log once, and it is over when nothing had to give way for a while.
    assert _say_cache(app) == "full: what was used least gives way, and is made again when it is asked for"
    assert told == ["cache full"]
    monkeypatch.setattr("api.edge.store.FULL", 0.0)
    assert _say_cache(app) == "ok"


def _say_cache(app: Flask) -> str:
    ready = app.test_client().get("/readyz")
    assert ready.status_code == 200
    said: str = ready.json["checks"]["cache"]
    return said


def test_one_answer_may_not_fill_the_cache(shared_url: str, make_app: MakeApp) -> None:
    app = make_app(shared_url, cache_mb=1)
    for _ in range(2):
        assert len(ask(app, Question("/openapi.json")).body) > 2**20 // 8
    assert list(front_of(app).store.entries()) == []


def test_many_at_once_ask_the_application_once(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url)
    ask(app, Question("/v1"))
    made = count_made(app, monkeypatch, lambda: time.sleep(0.2))
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: ask(app, ITEM), range(8)))
    assert len(answers) == 1
    assert made == [ITEM.path]


def test_a_release_elsewhere_is_seen_when_the_time_is_up(database: Database, empty_url: str, make_app: MakeApp) -> None:
    app = make_app(empty_url, release_check_ms=100)
    assert b'"R1"' in ask(app, ITEM).body
    release(database, 2)
    time.sleep(0.11)
    assert b'"R2"' in ask(app, ITEM).body


def test_what_was_hot_is_made_again_without_being_asked_for(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, cache_warm=2, release_check_ms=0)
    hot, warm, cold = ITEM, Question("/v1/moments", "", {"HTTP_ACCEPT_LANGUAGE": "cy, en;q=0"}), Question("/v1/prompts")
    for question, times in ((hot, 9), (warm, 5), (cold, 2)):
        for _ in range(times):
            ask(app, question)
    release(database, 2)
    ask(app, Question("/healthz"))
    store = front_of(app).store
    wait_until(lambda: len(store.by_key) == 2)
    front_of(app).warmer.wait(5)
    assert {entry.key.path for entry in store.entries()} == {hot.path, warm.path}
    made = count_made(app, monkeypatch)
    assert b'"R2"' in ask(app, hot).body
    assert b"R2" in ask(app, warm).body
    assert made == []
    # Nobody asked: nobody is counted.
    assert sum(front_of(app).figures.count_hits(store.entries()).values()) == 8 + 4 + 1 + 2


def test_a_database_that_is_away_is_told_of_and_the_cache_goes_on(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, release_check_ms=0, stale_if_error=3600)
    known = ask(app, ITEM)
    monkeypatch.setattr(front_of(app)._service.database.__class__, "reading", _away)
    front_of(app).watch.invalidate()
    assert ask(app, ITEM) == known
    assert ask(app, Question("/v1/moments/second", "lang=cy")).status.startswith("503")
    ready = app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert ready.json["checks"]["cache"] == "serving what it has: the database does not answer (Unavailable)"
    monkeypatch.undo()
    release(database, 2)
    front_of(app).watch.invalidate()
    assert b'"R2"' in ask(app, ITEM).body
    assert app.test_client().get("/readyz").json["checks"]["cache"] == "ok"


def test_what_is_too_old_is_given_no_more(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, release_check_ms=0, stale_if_error=0)
    ask(app, ITEM)
    monkeypatch.setattr(front_of(app)._service.database.__class__, "reading", _away)
    front_of(app).watch.invalidate()
    assert ask(app, ITEM).status.startswith("503")


def _away(_database: Database) -> Any:
    raise DatabaseUnavailableError("away")


def test_one_thread_asks_and_nobody_waits_for_long_where_what_is_known_is_new() -> None:
    asked, go = [], Event()

    def ask_slowly() -> Epoch:
        asked.append(1)
        if len(asked) > 1:
            go.wait(5)
        return Epoch(len(asked))

    changes: list[Epoch | None] = []
    watch = ReleaseWatcher(ask_slowly, changes.append, interval=10.0, stale=60)
    watch.poll(time.monotonic())
    watch.invalidate()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(watch.poll, time.monotonic())
        wait_until(lambda: len(asked) == 2)
        started = time.monotonic()
        for _ in range(100):
            watch.poll(time.monotonic())
        assert time.monotonic() - started < 1
        go.set()
        first.result()
    assert asked == [1, 1]
    assert changes == [Epoch(1), Epoch(2)]


def test_who_only_wants_to_know_asks_as_seldom_and_makes_no_request_ask() -> None:
    asked: list[int] = []

    def ask_it() -> Epoch:
        asked.append(1)
        return Epoch(len(asked))

    watch = ReleaseWatcher(ask_it, lambda _: None, interval=10.0, stale=60)
    watch.next_poll = float("inf")
    now = time.monotonic()
    assert [watch.current(now + seconds) for seconds in (0, 9, 11)] == [Epoch(1), Epoch(1), Epoch(2)]
    watch.invalidate()
    assert watch.next_poll == float("inf")


def test_the_newest_release_is_known_with_the_cache_turned_off(
    database: Database, empty_url: str, make_app: MakeApp
) -> None:
    front = front_of(make_app(empty_url, cache_mb=0))
    known = front.watch.current(time.monotonic())
    assert known is not None
    assert known.release == 1
    assert front.store.epoch is None


def test_closing_waits_for_what_is_being_warmed_and_warms_no_more(
    database: Database, empty_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url, cache_warm=2)
    for question in (ITEM, ITEM, Question("/v1/moments/second", "lang=cy")):
        ask(app, question)
    begun, go = Event(), Event()
    made = count_made(app, monkeypatch, lambda: (begun.set(), go.wait(5)))
    release(database, 2)
    front_of(app).watch.poll(time.monotonic())
    assert begun.wait(5)
    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(front_of(app).close)
        time.sleep(0.05)
        assert not closed.done()
        go.set()
        closed.result(5)
    assert made == [ITEM.path]


def test_a_worker_that_learns_of_a_release_puts_the_database_in_order(
    database: Database, make_app: MakeApp, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_url)
    front = front_of(app)
    begun: list[int] = []
    begin = front.housekeeper.begin
    monkeypatch.setattr(front.housekeeper, "begin", lambda: (begun.append(1), begin()))
    ask(app, ITEM)
    assert begun == [1]
    release(database, 2)
    front.watch.invalidate()
    ask(app, ITEM)
    ask(app, ITEM)
    assert begun == [1, 1]
    front.housekeeper.wait(10)
