"""READ_ONLY=1: reading works, every change gets a clear problem, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, make_url, text

from api.settings import Settings
from tests.routes.authoring.conftest import MakeActors
from tests.tools.actors import FIRST, TITLE
from tests.tools.endpoints import assert_problem

# A valid change for each module of routes: by whom, the method, the path and the body.
CHANGES: tuple[tuple[str, str, str, Any], ...] = (
    ("twm", "PUT", f"/units/{TITLE}/target", {"text": "Teitl newydd"}),
    ("rhian", "POST", f"/units/{TITLE}/review", {"decision": "approve"}),
    ("eirlys", "PATCH", f"/resources/{FIRST}", {"number": 77}),
    ("eirlys", "DELETE", f"/resources/{FIRST}", None),
    ("pedr", "POST", "/releases", {"note": "A release"}),
    ("ann", "POST", "/tokens", {"name": "Nia", "roles": ["editor"]}),
)


@contextmanager
def _unchanged(url: str) -> Iterator[None]:
    """Assert that no file, or no row of a table that requests write to, changes in the block."""
    before = _read(url)
    yield
    assert _read(url) == before


def _read(url: str) -> Any:
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return {path.name: path.read_bytes() for path in file.parent.iterdir() if path.name.startswith(file.name)}
    engine = create_engine(make_url(Settings(database_url=url).sqlalchemy_url))
    try:
        with engine.connect() as connection:
            return [connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all() for table in ("token", "audit")]
    finally:
        engine.dispose()


@pytest.mark.parametrize("language", ["cy", "en"])
def test_every_write_is_refused_in_the_requested_language_and_changes_nothing(
    make_actors: MakeActors, seeded_url: str, language: str
) -> None:
    with _unchanged(seeded_url):
        actors = make_actors(read_only=1)
        for name, method, path, body in CHANGES:
            etag = None
            if path.startswith(("/units", "/resources")):
                etag = actors.request(name, "GET", "/".join(path.split("/")[:3])).headers["ETag"]
            answer = actors.request(name, method, path, body, if_match=etag, lang=language)
            problem = assert_problem(answer, 503, language)
            assert problem["type"].endswith("/problems/read-only"), (path, problem)
            assert "Retry-After" not in answer.headers
        actors.app.extensions["edge"].close()


def test_reading_and_tokens_work_and_the_service_is_ready(make_actors: MakeActors, seeded_url: str) -> None:
    with _unchanged(seeded_url):
        actors = make_actors(read_only=1)
        client = actors.app.test_client()
        for path in ("/healthz", "/readyz", "/v1/moments?lang=cy", "/v1/search?q=first", "/v1/translation-status"):
            assert client.get(path).status_code == 200, path
        # The use of a token is not recorded.
        assert actors.read("ann", f"/units/{TITLE}")["id"] == TITLE
        assert actors.read("pedr", "/releases/next")
        # A preview writes a release and rolls it back, which is not possible here.
        assert_problem(actors.request("twm", "GET", "/moments", release="next", lang="en"), 503)
        actors.app.extensions["edge"].close()


def test_a_database_that_becomes_read_only_gives_the_same_problem(
    make_actors: MakeActors, seeded_url: str, engine_name: str
) -> None:
    actors = make_actors()
    etag = actors.request("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    engine = actors.database.engine
    if engine_name == "sqlite":
        event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only = ON"))
    else:
        with engine.begin() as connection:
            connection.execute(text(f'ALTER DATABASE "{engine.url.database}" SET default_transaction_read_only = on'))
        engine.dispose()
    answer = actors.request("twm", "PUT", f"/units/{TITLE}/target", {"text": "Teitl newydd"}, if_match=etag)
    assert re.search("/problems/read-only$", assert_problem(answer, 503)["type"])
