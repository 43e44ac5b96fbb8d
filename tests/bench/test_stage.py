"""The benchmark's setup: servers start and stop, edits are released, and missing programs are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.db.database import Database
from bench.client import MissingToolError, find_tool, get, is_up
from bench.parts.reading import list_paths
from bench.parts.releasing import open_publisher
from bench.parts.scale import name_paths
from bench.stage import MissingPartError, Stage, require_module, require_setting
from tests.tools.booklets import load, small_booklet
from tests.tools.servers import free_port


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(is_quick=True, first_port=free_port(), sizes=(60,), folder=tmp_path / "bench", report=lambda _: None)


def test_a_server_is_started_and_stopped(stage: Stage, loaded_url: str) -> None:
    with stage.service(loaded_url) as server:
        assert len(server.workers) == 1
        assert all(get(server.port, path).status == 200 for path in list_paths(server.port).values())
        paths = name_paths(server.port)
        # The list of moments has three pages, and ``deepest`` is the third.
        assert len(get(server.port, paths["deepest"]).json["items"]) == 20
        assert "thousandth" not in paths
    assert not is_up(server.port)


def test_edits_become_public_when_the_publisher_releases_them(
    stage: Stage, empty_database: Database, empty_url: str
) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    with stage.service(empty_url) as server, open_publisher(empty_url) as publisher:
        publisher.edit(3)
        assert get(server.port, "/v1").json["release"] == 1
        number, ms = publisher.publish(server.port)
        assert (number, ms > 0) == (2, True)
        changes = get(server.port, "/v1/releases/2").json["changes"]
        assert len(changes) == 3


def test_a_server_that_does_not_start_is_reported(stage: Stage, loaded_url: str) -> None:
    with pytest.raises(MissingPartError, match="did not start"), stage.service(loaded_url, application="no.such:thing"):
        pass


def test_an_error_names_the_missing_setting_or_module_or_program() -> None:
    with pytest.raises(MissingPartError, match="no setting WARP_SPEED"):
        require_setting("warp_speed")
    with pytest.raises(MissingPartError, match=r"bench/warp\.py does not exist"):
        require_module("bench.warp")
    with pytest.raises(MissingToolError, match="apt-get install warp"):
        find_tool("no-such-program", "warp")
