"""A small booklet, public as release 1, with everybody's tokens: one to a test, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.db.database import Database
from tests.conftest import MakeApp, Template, make_settings
from tests.tools.actors import People, make_world
from tests.tools.booklets import copied

World = tuple[Template, dict[str, str]]
MakePeople = Callable[..., People]


@pytest.fixture(scope="session")
def world(empty_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The small booklet to copy, and the secrets that open it."""
    with copied(empty_template, tmp_path_factory.mktemp("world")) as url:
        database = Database(make_settings(url))
        secrets = make_world(database)
        database.close()
        yield Template(empty_template.engine, url), secrets


@pytest.fixture
def world_url(world: World, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own with the small booklet in it."""
    with copied(world[0], tmp_path) as url:
        yield url


@pytest.fixture
def make_people(make_app: MakeApp, world: World, world_url: str) -> MakePeople:
    """Makes the people of an application with these settings."""

    def make(**settings: object) -> People:
        app = make_app(world_url, **settings)
        return People(app.test_client(), dict(world[1]), app)

    return make


@pytest.fixture
def people(make_people: MakePeople) -> People:
    """Everybody, at the small booklet."""
    return make_people()
