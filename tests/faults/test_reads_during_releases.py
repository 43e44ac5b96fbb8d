"""During releases, each response is of a single release, and a reader never goes back to an older release."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from flask import Flask

from api.db.database import Database
from api.services.publishing.reverts import revert_release
from tests.conftest import MakeApp
from tests.tools.booklets import editor, load, small_booklet
from tests.tools.cache_bypass import RawRequest, send
from tests.tools.rows import change_text

ROUNDS = 12
REQUESTS = (
    RawRequest("/v1/moments", "lang=cy"),
    RawRequest("/v1/moments", "lang=en&limit=5"),
    RawRequest("/v1/bilingual/moments", "limit=5"),
    RawRequest("/v1/moments", "", {"HTTP_ACCEPT_LANGUAGE": "cy"}),
)


def publish(database: Database, number: int) -> None:
    """Make a release in which the title of every moment is ``R`` followed by ``number``."""
    entries = small_booklet()
    for name in ("first", "second", "paned", "fourth", "fifth"):
        entries = change_text(entries, f"moment.{name}", "title", en=f"R{number}", cy=f"R{number}")
    with database.writing() as session:
        load(session, entries)


def read_release(app: Flask, request: RawRequest) -> int:
    """Return the release of a list, after checking that every item is of that release."""
    response = send(app, request)
    assert response.status == "200 OK", response
    body = json.loads(response.body)
    titles = {title for item in body["items"] for title in _titles(item["title"])}
    assert titles == {f"R{body['release']}"}, f"release {body['release']} has {titles}"
    return int(body["release"])


def _titles(title: str | dict[str, str]) -> list[str]:
    return [title] if isinstance(title, str) else list(title.values())


def test_each_response_is_of_one_release_and_no_reader_goes_back_to_an_older_release(
    empty_database: Database, empty_url: str, make_app: MakeApp
) -> None:
    publish(empty_database, 1)
    apps = [make_app(empty_url, release_check_ms=5, cache_warm=20) for _ in range(2)]
    is_over = Event()

    def watch(number: int) -> list[int]:
        releases = [0]
        while not is_over.is_set():
            releases.append(read_release(apps[number % 2], REQUESTS[number % len(REQUESTS)]))
        return releases

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(watch, number) for number in range(4)]
        try:
            for number in range(2, ROUNDS):
                publish(empty_database, number)
        finally:
            is_over.set()
        for reader in readers:
            releases = reader.result()
            assert releases == sorted(releases), "a reader got an older release after a newer one"
            assert releases[-1] > 1
    for app in apps:
        app.extensions["edge"].warmer.wait(10)
        app.extensions["edge"].watcher.invalidate()
        assert read_release(app, REQUESTS[0]) == ROUNDS - 1


def test_a_revert_is_served_as_a_new_release(empty_database: Database, empty_url: str, make_app: MakeApp) -> None:
    app = make_app(empty_url, release_check_ms=0)
    for number in (1, 2):
        publish(empty_database, number)
        assert read_release(app, REQUESTS[0]) == number
    with empty_database.writing() as session:
        revert_release(session, editor(session), 1, note="back")
    response = json.loads(send(app, REQUESTS[0]).body)
    assert (response["release"], {item["title"] for item in response["items"]}) == (3, {"R1"})
