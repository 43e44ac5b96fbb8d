"""The client of the change feed on the pages for integrators keeps a copy that equals a fresh one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.conftest import MakeApp
from tests.docs.test_docs import INTEGRATORS
from tests.docs.transcripts import blocks, send
from tests.journeys.scenario import Scenario, scenario_steps
from tests.tools.feed_copy import FeedCopy


@pytest.fixture
def run_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs the program against a service, and returns the release and the copy."""
    # The page in the other language has the same blocks.
    (program,) = [text for language, text in blocks(INTEGRATORS) if language == "python"]
    monkeypatch.chdir(tmp_path)

    def run(client: FlaskClient) -> Any:
        def open_url(url: str) -> io.BytesIO:
            response = send(client, url)
            if response.status_code >= 400:
                raise HTTPError(url, response.status_code, response.status, Message(), io.BytesIO(response.data))
            return io.BytesIO(response.data)

        monkeypatch.setattr("urllib.request.urlopen", open_url)
        exec(compile(program, INTEGRATORS.name, "exec"), {"__name__": "__main__"})  # our own page
        return json.loads(Path("copy.json").read_text(encoding="utf-8"))

    return run


def test_the_documented_client_keeps_a_copy_that_equals_a_fresh_one(
    run_client: Callable[..., Any], empty_database: Database, empty_url: str, make_app: MakeApp
) -> None:
    client = make_app(empty_url).test_client()
    for step in scenario_steps(Scenario(empty_database))[:5]:
        step()
        release, resources = run_client(client)
        fresh = FeedCopy(lambda path: dict(client.get(path).json or {}))
        fresh.synchronise()
        assert (release, resources) == (fresh.release, fresh.contents)


def test_the_documented_client_starts_over_if_the_service_never_made_its_release(
    run_client: Callable[..., Any], client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("copy.json").write_text(json.dumps([7, {"moment.gone": {}}]), encoding="utf-8")
    release, resources = run_client(client)
    assert release == 1
    assert "moment.gone" not in resources
    lines = capsys.readouterr().out.splitlines()
    titles = [item["name"]["cy"] for item in client.get("/v1/bilingual/categories").get_json()["items"]]
    assert [line.rpartition(" (")[0] for line in lines if not line.startswith(" ")] == titles
    assert "  14. Adwaith cadwynol" in lines
