"""Rate limits in Redis: nodes share their counts. While Redis is down, each node counts for itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.conftest import MakeApp
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Clients
from tests.tools.endpoints import assert_problem
from tests.tools.redis_server import Redis, own_redis
from tests.tools.servers import wait_until

SEARCHES = 6


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with own_redis(tmp_path) as server:
        yield server


@pytest.fixture
def nodes(empty_database: Database, empty_url: str, make_app: MakeApp, redis: Redis) -> list[Clients]:
    """Return clients of two nodes that share one database and one Redis."""
    with empty_database.writing() as session:
        load(session, small_booklet())
    limits = {"search_limit": f"{SEARCHES}/hour", "write_limit": "3/hour", "rate_limit_url": redis.url}
    first = Clients.of(make_app(empty_url, **limits))
    return [first, Clients(make_app(empty_url, **limits).test_client(), first.secrets)]


def _search(client: FlaskClient, word: str) -> int:
    return client.get("/v1/search", query_string={"q": word}).status_code


def test_two_nodes_count_searches_together(nodes: list[Clients], redis: Redis) -> None:
    first, second = (clients.client for clients in nodes)
    statuses = [
        _search(client, f"{word}{node}") for word in ("a", "b", "c", "d") for node, client in enumerate((first, second))
    ]
    assert statuses == [200] * SEARCHES + [429] * 2
    problem = assert_problem(first.get("/v1/search?q=e", headers={"Accept-Language": "cy"}), 429, "cy")
    assert problem["title"] == "Gormod o geisiadau"
    assert first.get("/readyz").json["checks"]["limits"] == "ok"
    # Redis stores nothing about clients except their IP addresses.
    assert all(key.startswith("LIMITS:LIMITER/eiliadau-hud/127.0.0.1/searches/") for key in redis.list_keys())


def test_two_nodes_count_writes_together_and_store_no_token(nodes: list[Clients], redis: Redis) -> None:
    statuses = [
        nodes[turn % 2]
        .request("twm", "PUT", "/units/moment.first.title/target", {"text": "x"}, if_match='"x"')
        .status_code
        for turn in range(5)
    ]
    assert statuses == [412, 412, 412, 429, 429]
    assert redis.list_keys()
    assert not any(nodes[0].secrets["twm"] in key for key in redis.list_keys())


def test_limits_apply_while_redis_is_down_and_are_shared_again_afterwards(nodes: list[Clients], redis: Redis) -> None:
    first, second = (clients.client for clients in nodes)
    assert [_search(first, f"a{turn}") for turn in range(SEARCHES)] == [200] * SEARCHES
    assert _search(second, "b") == 429
    redis.stop()
    # While Redis is down no request fails; each node counts for itself.
    assert [_search(second, f"c{turn}") for turn in range(SEARCHES)] == [200] * SEARCHES
    assert _search(second, "d") == 429
    ready = second.get("/readyz")
    assert ready.status_code == 200
    assert ready.json["checks"]["limits"] == "counted by each worker: Redis does not answer"
    redis.start()
    wait_until(lambda: second.get("/readyz").json["checks"]["limits"] == "ok")
    wait_until(lambda: _search(second, "e") == 200 and redis.list_keys())
