"""Public reads use a replica, or the primary if the replica fails. A lagging replica serves a whole older release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url, text

import api.db.replica
from api.db.database import Database
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.cache_bypass import RawRequest, send
from tests.tools.clients import Clients
from tests.tools.postgres import fresh_database, server_url
from tests.tools.rows import change_text

TITLE = RawRequest("/v1/moments/first", "lang=cy")
LIST = RawRequest("/v1/moments", "lang=cy&limit=2")


class Follower:
    """A copy of the primary database. ``follow`` updates the copy, and ``remove`` deletes the copy."""

    def __init__(self, primary: Database, url: str) -> None:
        self.primary, self.url, self._source = primary, url, make_url(str(primary.engine.url))
        self._is_file = url.startswith("sqlite")
        self.follow()

    def follow(self) -> None:
        """Replace the replica with a new copy of the primary."""
        self.remove()
        self.primary.truncate_wal()
        self.primary.engine.dispose()
        if self._is_file:
            shutil.copyfile(self._source.database or "", self.url.removeprefix("sqlite:///"))
        else:
            _admin(f'CREATE DATABASE "{make_url(self.url).database}" TEMPLATE "{self._source.database}"')

    def remove(self) -> None:
        if self._is_file:
            for suffix in ("", "-wal", "-shm"):
                Path(self.url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        else:
            _admin(f'DROP DATABASE IF EXISTS "{make_url(self.url).database}" WITH (FORCE)')


def _admin(statement: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(server_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def release(database: Database, number: int) -> None:
    with database.writing() as session:
        load(session, change_text(small_booklet(), "moment.first", "title", en=f"R{number}", cy=f"R{number}"))


@pytest.fixture
def follower(empty_database: Database, tmp_path: Path) -> Iterator[Follower]:
    release(empty_database, 1)
    with ExitStack() as stack:
        if empty_database.is_sqlite:
            url = f"sqlite:///{tmp_path / 'replica.sqlite'}"
        else:
            url = stack.enter_context(fresh_database(server_url()))
        copy = Follower(empty_database, url)
        yield copy
        with suppress(Exception):
            copy.remove()
            stack.pop_all() if not copy._is_file else None


@pytest.fixture
def app(follower: Follower, empty_url: str, make_app: MakeApp) -> Flask:
    return make_app(empty_url, read_database_url=follower.url, release_check_ms=0)


def close_connections(app: Flask) -> None:
    """Close all connections, so that the replica can be replaced."""
    app.extensions["edge"].close()


def title(app: Flask) -> str:
    body = json.loads(send(app, TITLE).body)
    assert body["title"] == f"R{body['release']}"
    return str(body["title"])


def ready(app: Flask) -> str:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    return str(answer.json["checks"]["replica"])


def test_a_lagging_replica_serves_a_whole_older_release(app: Flask, follower: Follower) -> None:
    assert title(app) == "R1"
    release(follower.primary, 2)
    assert title(app) == "R1"
    client = app.test_client()
    assert {item["release"] for item in client.get("/v1/moments?lang=cy").json["items"]} == {1}
    assert client.get("/v1").json["release"] == 1
    assert ready(app) == "ok"
    close_connections(app)
    follower.follow()
    assert title(app) == "R2"
    assert client.get("/v1").json["release"] == 2


def test_the_publishing_worker_does_not_cache_old_responses_under_the_new_release(
    app: Flask, follower: Follower
) -> None:
    clients = Clients.of(app)
    assert title(app) == "R1"
    etag = clients.request("eirlys", "GET", "/units/moment.first.title").headers["ETag"]
    source = {"text": "R2", "minor": True}
    response = clients.request("eirlys", "PUT", "/units/moment.first.title/source", source, if_match=etag)
    assert response.status_code == 200, response.text
    assert clients.request("pedr", "POST", "/releases", {"note": "two"}).status_code == 201
    store = app.extensions["edge"].store
    for _ in range(3):
        assert title(app) == "R1"
        assert {entry.cache_hint.epoch.release for entry in store.entries()} == {1}
    close_connections(app)
    follower.follow()
    assert json.loads(send(app, TITLE).body)["release"] == 2


def test_the_primary_serves_releases_that_a_lagging_replica_does_not_have_yet(app: Flask, follower: Follower) -> None:
    assert title(app) == "R1"
    release(follower.primary, 2)
    client = app.test_client()
    assert client.get("/v1/moments/first?lang=cy&release=2").json["title"] == "R2"
    assert client.get("/v1/releases/2").json["number"] == 2
    assert client.get("/v1/changes?since=2").json["items"] == []
    assert client.get("/v1/moments/first?lang=cy&release=3").status_code == 404
    assert title(app) == "R1"


def test_a_failed_replica_is_disabled_and_later_enabled_again(
    app: Flask, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.db.replica, "RETRY_SECONDS", 0.0)
    assert title(app) == "R1"
    release(follower.primary, 2)
    close_connections(app)
    follower.remove()
    for _ in range(3):
        assert title(app) == "R2", "the primary answers"
    assert ready(app).startswith("not used: ")
    release(follower.primary, 3)
    assert title(app) == "R3"
    close_connections(app)
    follower.follow()
    assert title(app) == "R3"
    assert ready(app) == "ok"
    release(follower.primary, 4)
    assert title(app) == "R3", "the replica answers again"


def test_a_disabled_replica_stays_disabled_while_it_lags(
    app: Flask, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.db.replica, "RETRY_SECONDS", 0.0)
    assert title(app) == "R1"
    app.extensions["eiliadau_hud"].database.replica._disable("cut off")
    release(follower.primary, 2)
    assert title(app) == "R2"
    assert ready(app) == "not used: at release 1, behind 2"


def test_a_missing_replica_is_not_created(empty_database: Database, empty_url: str, make_app: MakeApp) -> None:
    release(empty_database, 1)
    url = "sqlite:////nowhere/replica.sqlite"
    if not empty_database.is_sqlite:
        url = "postgresql://127.0.0.1:8258/nothing"
    app = make_app(empty_url, read_database_url=url)
    assert title(app) == "R1"
    assert ready(app).startswith("not used: ")
    assert not Path("/nowhere").exists()


def test_an_unreachable_replica_is_detected_within_seconds(app: Flask) -> None:
    engine = app.extensions["eiliadau_hud"].database.replica._sessions.engine
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            parameters = connection.connection.driver_connection.info.get_parameters()
            probes = int(parameters["keepalives_idle"]) + int(parameters["keepalives_interval"]) * int(
                parameters["keepalives_count"]
            )
            assert max(probes, int(parameters["tcp_user_timeout"]) / 1000) < 15
        else:
            assert connection.scalar(text("PRAGMA busy_timeout")) <= 15_000
