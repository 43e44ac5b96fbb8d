"""Too many requests are a 429 that says when to come back; readers, and whoever keeps within bounds, never meet one."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.settings import InvalidSettingError, Settings
from tests.conftest import MakeApp
from tests.tools.addresses import assert_problem
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Desk

UNIT = "/units/moment.first.title"
BEHIND = "X-Forwarded-For"


@pytest.fixture
def small_url(empty_database: Database, empty_url: str) -> str:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_url


def test_writes_are_counted_by_token(small_url: str, make_app: MakeApp) -> None:
    desk = Desk.of(make_app(small_url, write_limit="3/hour"))
    answers = [desk.ask("twm", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"') for _ in range(4)]
    assert [answer.status_code for answer in answers] == [412, 412, 412, 429]
    problem = assert_problem(answers[-1], 429)
    assert problem["type"].endswith("/problems/too-many-requests")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert answers[-1].headers["Cache-Control"] == "no-store"
    # Others go on, and so does reading with the same token.
    assert desk.ask("mair", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"').status_code == 412
    assert desk.ask("twm", "GET", UNIT).status_code == 200
    assert desk.client.get("/v1/moments").status_code == 200


def test_the_problem_is_in_the_language_of_the_reader(small_url: str, make_app: MakeApp) -> None:
    client = make_app(small_url, write_limit="1/hour").test_client()
    for status in (401, 429):
        answer = client.post("/v1/releases", headers={"Accept-Language": "cy"})
        problem = assert_problem(answer, status, "cy")
    assert problem["title"] == "Gormod o geisiadau"


def test_guessing_tokens_is_counted_by_address(small_url: str, make_app: MakeApp) -> None:
    desk = Desk.of(make_app(small_url, write_limit="3/hour"))
    guesses = [
        desk.client.get(f"/v1{UNIT}", headers={"Authorization": f"Bearer eih_{number}"}).status_code
        for number in range(5)
    ]
    assert guesses == [401, 401, 401, 429, 429]
    # Public reading knows of no token, and of no limit.
    assert desk.client.get("/v1/moments", headers={"Authorization": "Bearer eih_9"}).status_code == 200


def test_searches_are_counted_by_address_and_options_are_free(small_url: str, make_app: MakeApp) -> None:
    app = make_app(small_url, search_limit="2/hour", trusted_proxies=1)
    desk = Desk.of(app)

    def search(address: str, **query: str) -> int:
        headers = {"Authorization": f"Bearer {desk.secrets['twm']}", BEHIND: address}
        return desk.client.get("/v1/units", query_string=query, headers=headers).status_code

    assert [search("192.0.2.1", q="x") for _ in range(3)] == [200, 200, 429]
    assert search("192.0.2.1") == 200
    assert desk.client.options("/v1/units?q=x", headers={BEHIND: "192.0.2.1"}).status_code == 204
    assert search("192.0.2.2", q="x") == 200
    # One client has a whole network of IPv6.
    assert [search(f"2001:db8::{n}", q="x") for n in (1, 2, 3)] == [200, 200, 429]
    # What is said before the trusted proxy is anybody's word.
    assert search("198.51.100.9, 192.0.2.1", q="x") == 429


@pytest.mark.parametrize(
    ("trusted", "said", "known"),
    [
        (0, "192.0.2.7", "127.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "evil, 192.0.2.7", "192.0.2.7"),
        (2, "192.0.2.7", "127.0.0.1"),
        (2, "192.0.2.7, 10.0.0.1", "192.0.2.7"),
        (1, "192.0.2.7:4711", "192.0.2.7"),
        (1, "x" * 5_000, "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
    ],
)
def test_proxies_are_believed_as_far_as_they_are_counted(
    trusted: int, said: str, known: str, make_app: MakeApp, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from api.http.rate_limits import get_client

    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('none')}/none.sqlite", trusted_proxies=trusted)
    with app.test_request_context(headers={BEHIND: said}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert get_client() == known


def test_a_dead_redis_is_told_of_and_the_limits_hold(small_url: str, make_app: MakeApp) -> None:
    app = make_app(small_url, write_limit="2/hour", rate_limit_url="redis://127.0.0.1:8259/0")
    desk = Desk.of(app)
    answers = [desk.ask("twm", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"') for _ in range(3)]
    assert [answer.status_code for answer in answers] == [412, 412, 429]
    ready = desk.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["checks"]["limits"] == "counted by each worker: Redis does not answer"


def test_0_is_no_limit(small_url: str, make_app: MakeApp) -> None:
    app: Flask = make_app(small_url, write_limit="0", search_limit="0")
    assert "limiter" not in app.extensions
    client: FlaskClient = app.test_client()
    assert [client.post("/v1/releases").status_code for _ in range(5)] == [401] * 5


@pytest.mark.parametrize("value", ["many", "0/minute", "-1/hour", "1 per day", "1/fortnight"])
def test_a_limit_that_cannot_be_read_stops_the_start(value: str) -> None:
    with pytest.raises(InvalidSettingError, match="WRITE_LIMIT"):
        Settings(write_limit=value)
