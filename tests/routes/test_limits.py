"""Rate limits: too many requests get a 429 with the time to wait; reading is never limited."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.http.rate_limits import get_client
from api.setting_rules import InvalidSettingError
from api.settings import Settings
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Clients
from tests.tools.endpoints import assert_problem

UNIT = "/units/moment.first.title"
FORWARDED = "X-Forwarded-For"


@pytest.fixture
def small_url(empty_database: Database, empty_url: str) -> str:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_url


def test_writes_are_counted_separately_for_each_token(small_url: str, make_app: MakeApp) -> None:
    actors = Clients.of(make_app(small_url, write_limit="3/hour"))
    responses = [actors.request("twm", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"') for _ in range(4)]
    assert [response.status_code for response in responses] == [412, 412, 412, 429]
    problem = assert_problem(responses[-1], 429)
    assert problem["type"].endswith("/problems/too-many-requests")
    assert 0 < int(responses[-1].headers["Retry-After"]) <= 3600
    assert responses[-1].headers["Cache-Control"] == "no-store"
    # Other tokens are not affected, and neither is reading with the same token.
    assert actors.request("mair", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"').status_code == 412
    assert actors.request("twm", "GET", UNIT).status_code == 200
    assert actors.client.get("/v1/moments").status_code == 200


def test_the_problem_is_in_the_language_of_the_reader(small_url: str, make_app: MakeApp) -> None:
    client = make_app(small_url, write_limit="1/hour").test_client()
    for status in (401, 429):
        response = client.post("/v1/releases", headers={"Accept-Language": "cy"})
        problem = assert_problem(response, status, "cy")
    assert problem["title"] == "Gormod o geisiadau"


def test_requests_with_invalid_tokens_are_counted_for_each_ip_address(small_url: str, make_app: MakeApp) -> None:
    actors = Clients.of(make_app(small_url, write_limit="3/hour"))
    guesses = [
        actors.client.get(f"/v1{UNIT}", headers={"Authorization": f"Bearer eih_{number}"}).status_code
        for number in range(5)
    ]
    assert guesses == [401, 401, 401, 429, 429]
    # Public reading ignores tokens and has no limit.
    assert actors.client.get("/v1/moments", headers={"Authorization": "Bearer eih_9"}).status_code == 200


def test_searches_are_counted_for_each_ip_address_but_options_requests_are_not_counted(
    small_url: str, make_app: MakeApp
) -> None:
    app = make_app(small_url, search_limit="2/hour", trusted_proxies=1)
    actors = Clients.of(app)

    def search(address: str, **query: str) -> int:
        headers = {"Authorization": f"Bearer {actors.secrets['twm']}", FORWARDED: address}
        return actors.client.get("/v1/units", query_string=query, headers=headers).status_code

    assert [search("192.0.2.1", q="x") for _ in range(3)] == [200, 200, 429]
    assert search("192.0.2.1") == 200
    assert actors.client.options("/v1/units?q=x", headers={FORWARDED: "192.0.2.1"}).status_code == 204
    assert search("192.0.2.2", q="x") == 200
    # All addresses of an IPv6 /64 network count as one client.
    assert [search(f"2001:db8::{n}", q="x") for n in (1, 2, 3)] == [200, 200, 429]
    # A client can forge all entries before the one that the trusted proxy adds.
    assert search("198.51.100.9, 192.0.2.1", q="x") == 429


@pytest.mark.parametrize(
    ("trusted", "header", "client"),
    [
        (0, "192.0.2.7", "127.0.0.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "evil, 192.0.2.7", "192.0.2.7"),
        (2, "192.0.2.7", "127.0.0.1"),
        (2, "192.0.2.7, 10.0.0.1", "192.0.2.7"),
        (1, "192.0.2.7:4711", "192.0.2.7"),
        (1, "x" * 5_000, "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_the_client_address_is_the_one_added_by_the_outermost_trusted_proxy(
    trusted: int, header: str, client: str, make_app: MakeApp, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('none')}/none.sqlite", trusted_proxies=trusted)
    clients: list[str] = []
    app.before_request(lambda: clients.append(get_client()))
    app.test_client().get("/healthz", headers={FORWARDED: header}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert clients == [client]


def test_readyz_reports_an_unreachable_redis_and_the_limits_still_apply(small_url: str, make_app: MakeApp) -> None:
    app = make_app(small_url, write_limit="2/hour", rate_limit_url="redis://127.0.0.1:8259/0")
    actors = Clients.of(app)
    responses = [actors.request("twm", "PUT", f"{UNIT}/target", {"text": "x"}, if_match='"x"') for _ in range(3)]
    assert [response.status_code for response in responses] == [412, 412, 429]
    ready = actors.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["checks"]["limits"] == "counted by each worker: Redis does not answer"


def test_a_limit_of_0_switches_the_limit_off(small_url: str, make_app: MakeApp) -> None:
    app: Flask = make_app(small_url, write_limit="0", search_limit="0")
    assert "limiter" not in app.extensions
    client: FlaskClient = app.test_client()
    assert [client.post("/v1/releases").status_code for _ in range(5)] == [401] * 5


@pytest.mark.parametrize("value", ["many", "0/minute", "-1/hour", "1 per day", "1/fortnight"])
def test_an_invalid_limit_stops_the_service_from_starting(value: str) -> None:
    with pytest.raises(InvalidSettingError, match="WRITE_LIMIT"):
        Settings(write_limit=value)
