"""Fixtures for the tests in Chromium: a browser, the service, and a site on another origin."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.services.maintenance.migrations import upgrade
from tests.conftest import load_booklet, make_settings
from tests.tools.chromium import Site, browse, serve_site

Visit = Callable[..., Page]
# In milliseconds, as for every other step: on a busy machine, five seconds are not enough.
TIMEOUT = 30_000
expect.set_options(timeout=TIMEOUT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browse() as browser:
        yield browser


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the booklet as release 1 and yield the public URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"sqlite:///{tmp_path_factory.mktemp('browser') / 'booklet.sqlite'}"
    app = create_app(make_settings(url, public_url=f"http://127.0.0.1:{port}"))
    database = app.extensions["eiliadau_hud"].database
    upgrade(database.engine)
    load_booklet(database)
    with serve_site(app, port) as origin:
        yield origin
    database.close()


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a site whose origin differs from the origin of the service."""
    site = Site()
    with serve_site(site) as origin:
        site.origin = origin
        yield site


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a function that creates a browser context with the given options and opens a URL in it."""
    contexts = []

    def open_page(address: str, **options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
