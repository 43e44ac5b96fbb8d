"""What the benchmark sets up: servers that answer and end, edits, and what is missing, said in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.db.database import Database
from bench.client import ToolMissing, find_tool, get, is_up
from bench.parts.reading import addresses
from bench.parts.releasing import desk
from bench.parts.scale import list_questions
from bench.stage import PartMissing, Stage, need_module, need_setting
from tests.tools.booklets import load, small_booklet
from tests.tools.middlewares import free_port


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(is_quick=True, first_port=free_port(), sizes=(60,), folder=tmp_path / "bench", tell=lambda _: None)


def test_a_server_is_started_asked_and_ended(stage: Stage, loaded_url: str) -> None:
    with stage.service(loaded_url) as server:
        assert len(server.workers) == 1
        asked = addresses(server.port)
        assert all(get(server.port, path).status == 200 for path in asked.values())
        questions = list_questions(server.port)
        # The booklet has three pages of moments: the last is the deepest, and there is no thousandth.
        assert len(get(server.port, questions["deepest"]).json["items"]) == 20
        assert "thousandth" not in questions
    assert not is_up(server.port)


def test_edits_wait_for_the_release_that_a_publisher_makes(
    stage: Stage, empty_database: Database, empty_url: str
) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    with stage.service(empty_url) as server, desk(empty_url) as at:
        at.edit(3)
        assert get(server.port, "/v1").json["release"] == 1
        number, ms = at.publish(server.port)
        assert (number, ms > 0) == (2, True)
        changes = get(server.port, "/v1/releases/2").json["changes"]
        assert len(changes) == 3


def test_what_does_not_start_is_said_with_its_last_words(stage: Stage, loaded_url: str) -> None:
    with pytest.raises(PartMissing, match="did not start"), stage.service(loaded_url, application="no.such:thing"):
        pass


def test_what_is_missing_is_said_in_a_line() -> None:
    with pytest.raises(PartMissing, match="no setting WARP_SPEED yet"):
        need_setting("warp_speed")
    with pytest.raises(PartMissing, match=r"bench/warp\.py is not there yet"):
        need_module("bench.warp")
    with pytest.raises(ToolMissing, match="apt-get install warp"):
        find_tool("no-such-program", "warp")
