"""Fixtures: a small booklet as release 1, and tokens for all roles. Each test has its own copy, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.db.database import Database
from tests.conftest import MakeApp, Template, make_settings
from tests.tools.actors import Actors, seed_small_booklet
from tests.tools.booklets import copy_database

Seed = tuple[Template, dict[str, str]]
MakeActors = Callable[..., Actors]


@pytest.fixture(scope="session")
def seed(empty_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seed]:
    """Yield a template database with the small booklet, and the secrets of its tokens."""
    with copy_database(empty_template, tmp_path_factory.mktemp("seed")) as url:
        database = Database(make_settings(url))
        secrets = seed_small_booklet(database)
        database.close()
        yield Template(empty_template.engine, url), secrets


@pytest.fixture
def seeded_url(seed: Seed, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a copy of the template database for one test."""
    with copy_database(seed[0], tmp_path) as url:
        yield url


@pytest.fixture
def make_actors(make_app: MakeApp, seed: Seed, seeded_url: str) -> MakeActors:
    """Return a function that creates an application with the given settings, and returns its actors."""

    def make(**settings: object) -> Actors:
        app = make_app(seeded_url, **settings)
        return Actors(app.test_client(), dict(seed[1]), app)

    return make


@pytest.fixture
def actors(make_actors: MakeActors) -> Actors:
    """Return the actors of an application with default settings."""
    return make_actors()
