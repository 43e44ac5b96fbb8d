"""Fixtures for all tests: databases on both engines, empty or with the booklet, and applications on them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url

from api.app import create_app
from api.db.database import Database
from api.services.access.audit_log import make_audit_context
from api.services.booklets.folder import read_folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT, Settings
from tests.tools import postgres_server
from tests.tools.openapi import CheckedClient
from tests.tools.postgres import fresh_database, server_url
from tests.tools.programs import require_program, summarise_missing

# Every response in any test is validated against openapi.yaml.
Flask.test_client_class = CheckedClient

BOOKLET = ROOT / "content" / "consultant-social-workers"
LOADED_AT = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Template:
    """A database to copy: an SQLite file, or a PostgreSQL database."""

    engine: str
    url: str


def make_settings(url: str, **more: object) -> Settings:
    """Return settings for a test on this database: only errors are logged, and there are no rate limits."""
    # Tests write to the database directly, so every request must check for a new release.
    defaults = {"log_level": "error", "write_limit": "0", "search_limit": "0", "cache_warm": 0, "release_check_ms": 0}
    return Settings(database_url=url, **defaults | more)  # type: ignore[arg-type]


def load_booklet(database: Database, folder: Path = BOOKLET, at: datetime = LOADED_AT) -> None:
    """Load a folder as the next release."""
    with database.writing() as session:
        audit = make_audit_context(session, "content", "pack", at=at, kind="machine")
        load_folder(session, audit, read_folder(folder), LoadOptions(note=f"content load: {folder.name}"))


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Return each database engine in turn, so that tests that need a database run on both."""
    return str(request.param)


Templates = Callable[[str, bool], Template]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """Return a function that creates the template of an engine, empty or loaded, when it is first needed."""
    with ExitStack() as stack:

        @cache
        def get_template(engine: str, is_loaded: bool) -> Template:
            return _create_template(engine, tmp_path_factory, stack, is_loaded=is_loaded)

        yield get_template


@pytest.fixture(scope="session")
def empty_template(engine_name: str, templates: Templates) -> Template:
    """Return a migrated, empty database to copy."""
    return templates(engine_name, False)


@pytest.fixture(scope="session")
def loaded_template(engine_name: str, templates: Templates) -> Template:
    """Return a database to copy, with the booklet as release 1."""
    return templates(engine_name, True)


def _create_template(engine: str, paths: pytest.TempPathFactory, stack: ExitStack, *, is_loaded: bool) -> Template:
    if engine == "sqlite":
        url = f"sqlite:///{paths.mktemp('template') / 'template.sqlite'}"
    else:
        url = stack.enter_context(fresh_database(server_url()))
    database = Database(make_settings(url))
    upgrade(database.engine)
    if is_loaded:
        load_booklet(database)
    database.close()
    return Template(engine, url)


def _copy(template: Template, folder: Path, stack: ExitStack) -> str:
    if template.engine == "sqlite":
        copy = folder / "copy.sqlite"
        shutil.copyfile(template.url.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"
    return stack.enter_context(fresh_database(server_url(), make_url(template.url).database))


@pytest.fixture
def empty_url(empty_template: Template, engine_name: str, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a migrated, empty database for one test."""
    assert empty_template.engine == engine_name
    with ExitStack() as stack:
        yield _copy(empty_template, tmp_path, stack)


@pytest.fixture
def loaded_url(loaded_template: Template, engine_name: str, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database for one test, with the booklet as release 1."""
    assert loaded_template.engine == engine_name
    with ExitStack() as stack:
        yield _copy(loaded_template, tmp_path, stack)


def _database(url: str) -> Iterator[Database]:
    database = Database(make_settings(url))
    yield database
    database.close()


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    yield from _database(empty_url)


@pytest.fixture
def loaded_database(loaded_url: str) -> Iterator[Database]:
    yield from _database(loaded_url)


MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app() -> Iterator[MakeApp]:
    """Yield a function that creates applications from a URL and settings, and close the applications at the end."""
    apps: list[Flask] = []

    def make(url: str, **settings: object) -> Flask:
        app = create_app(make_settings(url, **settings))
        apps.append(app)
        return app

    yield make
    for app in apps:
        app.extensions["edge"].close()


@pytest.fixture(scope="session")
def shared_url(loaded_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of one loaded database for all tests that only read."""
    with ExitStack() as stack:
        yield _copy(loaded_template, tmp_path_factory.mktemp("shared"), stack)


@pytest.fixture(scope="session")
def shared_app(shared_url: str) -> Iterator[Flask]:
    """Return an application for reading, with default settings."""
    app = create_app(make_settings(shared_url))
    yield app
    app.extensions["edge"].close()


@pytest.fixture
def client(shared_app: Flask) -> FlaskClient:
    """Return a client for reading the booklet as release 1, on each engine in turn. Tests must not write with it."""
    return shared_app.test_client()


@pytest.fixture(scope="session")
def sqlite_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client on SQLite only, for results that do not depend on the engine."""
    app = create_app(make_settings(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'booklet.sqlite'}"))
    database = app.extensions["eiliadau_hud"].database
    upgrade(database.engine)
    load_booklet(database)
    yield app.test_client()
    database.close()


def pytest_configure() -> None:
    """Prefer the client programs of the server that the tests start, since older ones cannot dump its databases."""
    with suppress(ImportError):
        os.environ["PATH"] = f"{postgres_server.find_programs()}{os.pathsep}{os.environ.get('PATH', '')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group tests by engine in modules that define ``XDIST_GROUP``.

    An override of ``engine_name`` in these modules could add the marks, but session fixtures that depend on
    ``engine_name`` would then keep the engine of the override in later modules.
    """
    for item in items:
        group = getattr(getattr(item, "module", None), "XDIST_GROUP", None)
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        if group and "engine_name" in params:
            item.add_marker(pytest.mark.xdist_group(f"{group}-{params['engine_name']}"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the PDF endpoint in tests that run for every endpoint, if Pango is missing."""
    if "/embed/handout.pdf" in item.name:
        require_program("pango")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the missing programs after the run: the number of tests skipped, and the package to install."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()) if report.longrepr]
    lines = summarise_missing(reasons)
    if lines:
        terminalreporter.section("tests left out")
        for line in lines:
            terminalreporter.line(line)
