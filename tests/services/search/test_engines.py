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
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Flask]]:
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


def _make_queries(app: Flask) -> list[str]:
    """Return queries made of words from the booklet, with phrases and exclusions. Every run gets the same queries."""
    with app.extensions["eiliadau_hud"].database.reading() as session:
        words = sorted(set(session.scalars(select(SearchWord.word).where(SearchWord.word.not_like("'%")))))
    rng = random.Random(4)
    single_words = [rng.choice(words) for _ in range(QUERIES // 2)]
    pairs = [" ".join(rng.sample(words, 2)) for _ in range(QUERIES // 6)]
    common = ["y", "a", "i'r", "yn y", "the and", "cymdeithasol", "gweithwyr -y", "social workers"]
    phrases = [
        '"gweithwyr cymdeithasol"',
        '"eiliadau hud"',
        '"magic moments"',
        '"y gweithiwr"',
        "hunan-barch",
        '"â’r teulu"',
    ]
    exclusions = [f"gwaith -{rng.choice(words)}" for _ in range(QUERIES // 6)]
    mutated = [f"{letters}{word[1:]}" for letters in ("g", "ngh", "f", "m") for word in single_words[:20]]
    prefixes = [f"{word[: rng.randint(2, 5)]}*" for word in single_words[:40]]
    prefixes += ["gwaith -teul*", "deul* cymd*", "social famil*"]
    return [*prefixes, *single_words, *pairs, *common, *phrases, *exclusions, *mutated]


def _get(client: FlaskClient, path: str, **query: str | int) -> Any:
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_both_engines_find_the_same_resources_in_the_same_order(apps: tuple[Flask, Flask]) -> None:
    clients = [app.test_client() for app in apps]
    queries = _make_queries(apps[0])
    assert len(queries) >= QUERIES
    total = 0
    for q in queries:
        for params in ({}, {"lang": "cy"}) if len(q) % 2 else ({"lang": "en"}, {"kind": "moment"}):
            responses = [_get(client, "/v1/search", q=q, limit=100, **params) for client in clients]
            assert responses[0] == responses[1], (q, params)
            total += responses[0]["total"]
    assert total > QUERIES


def test_both_engines_return_the_same_pages(apps: tuple[Flask, Flask]) -> None:
    for q in ("cymdeithasol", "plentyn", "work"):
        whole = [item["id"] for item in _get(apps[0].test_client(), "/v1/search", q=q, limit=100)["items"]]
        for app in apps:
            assert _read_all_pages(app.test_client(), f"/v1/search?q={q}&limit=7")[: len(whole)] == whole


def _read_all_pages(client: FlaskClient, path: str | None) -> list[str]:
    names: list[str] = []
    while path:
        response = client.get(path.removeprefix("http://127.0.0.1:8000")).get_json()
        names += [item["id"] for item in response["items"]]
        assert response["total"] >= len(names)
        path = response["links"]["next"]
    assert len(names) == len(set(names)) == response["total"]
    return names
