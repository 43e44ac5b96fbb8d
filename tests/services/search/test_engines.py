"""SQLite and PostgreSQL find the same resources in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.app import create_app
from api.models import SearchWord
from api.services.maintenance.migrations import upgrade
from tests.conftest import load_booklet, make_settings
from tests.tools.postgres import fresh_database, server_url

QUERIES = 300


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Flask]]:
    """Load the booklet on each engine, with word ids in different orders."""
    file: Path = tmp_path_factory.mktemp("engines") / "booklet.sqlite"
    with fresh_database(server_url()) as url:
        apps = [create_app(make_settings(database_url)) for database_url in (f"sqlite:///{file}", url)]
        for app in apps:
            database = app.extensions["eiliadau_hud"].database
            upgrade(database.engine)
            load_booklet(database)
        yield apps[0], apps[1]
        for app in apps:
            app.extensions["edge"].close()


def _queries(app: Flask) -> list[str]:
    """Return queries from the booklet's words, with phrases and exclusions; the same at every run."""
    with app.extensions["eiliadau_hud"].database.reading() as session:
        words = sorted(set(session.scalars(select(SearchWord.word).where(SearchWord.word.not_like("'%")))))
    chance = random.Random(4)
    with_texts = [chance.choice(words) for _ in range(QUERIES // 2)]
    pairs = [" ".join(chance.sample(words, 2)) for _ in range(QUERIES // 6)]
    common = ["y", "a", "i'r", "yn y", "the and", "cymdeithasol", "gweithwyr -y", "social workers"]
    phrases = [
        '"gweithwyr cymdeithasol"',
        '"eiliadau hud"',
        '"magic moments"',
        '"y gweithiwr"',
        "hunan-barch",
        '"â’r teulu"',
    ]
    without = [f"gwaith -{chance.choice(words)}" for _ in range(QUERIES // 6)]
    mutated = [f"{letters}{word[1:]}" for letters in ("g", "ngh", "f", "m") for word in with_texts[:20]]
    return [*with_texts, *pairs, *common, *phrases, *without, *mutated]


def _ask(client: FlaskClient, address: str, **query: str | int) -> Any:
    answer = client.get(address, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_both_engines_find_the_same_resources_in_the_same_order(both: tuple[Flask, Flask]) -> None:
    clients = [app.test_client() for app in both]
    queries = _queries(both[0])
    assert len(queries) >= QUERIES
    total = 0
    for q in queries:
        for params in ({}, {"lang": "cy"}) if len(q) % 2 else ({"lang": "en"}, {"kind": "moment"}):
            answers = [_ask(client, "/v1/search", q=q, limit=100, **params) for client in clients]
            assert answers[0] == answers[1], (q, params)
            total += answers[0]["total"]
    assert total > QUERIES


def test_both_engines_return_the_same_pages(both: tuple[Flask, Flask]) -> None:
    for q in ("cymdeithasol", "plentyn", "work"):
        whole = [item["id"] for item in _ask(both[0].test_client(), "/v1/search", q=q, limit=100)["items"]]
        for app in both:
            assert _walk(app.test_client(), f"/v1/search?q={q}&limit=7")[: len(whole)] == whole


def _walk(client: FlaskClient, address: str | None) -> list[str]:
    names: list[str] = []
    while address:
        answer = client.get(address.removeprefix("http://127.0.0.1:8000")).get_json()
        names += [item["id"] for item in answer["items"]]
        assert answer["total"] >= len(names)
        address = answer["links"]["next"]
    assert len(names) == len(set(names)) == answer["total"]
    return names
