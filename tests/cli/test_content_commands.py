"""The content commands: load, check, export, suppress, back up and verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from api.db.database import Database
from tests.conftest import BOOKLET, MakeApp
from tests.services.booklets.folder.samples import CLASHING_SLUG, write_second_booklet
from tests.tools.booklets import execute_sql, load, small_booklet
from tests.tools.rows import count_rows

WAIVE = ("--waive", "en=The Welsh is on its way here.", "cy=Mae’r Gymraeg ar ei ffordd yma.")


@pytest.fixture
def app(loaded_url: str, make_app: MakeApp) -> Flask:
    """Serve the booklet as release 1."""
    return make_app(loaded_url)


def run(app: Flask, *arguments: Any) -> Result:
    return app.test_cli_runner().invoke(args=["content", *map(str, arguments)])


def test_the_load_command_releases_a_second_booklet_and_reports_the_release(app: Flask, tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "second")
    result = run(app, "load", folder, *WAIVE)
    assert result.exit_code == 0, result.output
    assert "7 resources created, 0 changed\nrelease 2" in result.output
    again = run(app, "load", folder)
    assert again.exit_code == 0, again.output
    assert "0 resources created, 0 changed\nno release" in again.output


def test_a_dry_run_reports_changes_and_writes_nothing(app: Flask, loaded_database: Database, tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "second")
    with loaded_database.reading() as session:
        before = count_rows(session)
    result = run(app, "load", folder, *WAIVE, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "7 resources would be created" in result.output
    assert "release 2 (not made: dry run)" in result.output
    with loaded_database.reading() as session:
        assert count_rows(session) == before


def test_a_blocked_load_reports_its_blockers_and_writes_nothing(
    app: Flask, loaded_database: Database, tmp_path: Path
) -> None:
    with loaded_database.reading() as session:
        before = count_rows(session)
    result = run(app, "load", write_second_booklet(tmp_path / "second"))
    assert result.exit_code == 1
    assert "moment.the-long-way-home: missing (cy)" in result.output
    assert "prompt.what-did-you-notice: missing (cy)" in result.output
    with loaded_database.reading() as session:
        assert count_rows(session) == before


@pytest.mark.parametrize(
    ("waive", "status", "message"),
    [
        (("en=too short", "cy=Mae’r Gymraeg ar ei ffordd yma."), 1, "reason-too-short"),
        (("en=The Welsh is on its way.", "en=The Welsh is on its way."), 2, "--waive takes two reasons"),
        (("The Welsh is on its way.", "Mae’r Gymraeg ar ei ffordd."), 2, "--waive takes two reasons"),
    ],
)
def test_the_load_command_refuses_waivers_without_a_long_enough_reason_in_each_language(
    app: Flask, tmp_path: Path, waive: tuple[str, str], status: int, message: str
) -> None:
    result = run(app, "load", write_second_booklet(tmp_path / "second"), "--waive", *waive)
    assert (result.exit_code, message in result.output) == (status, True), result.output


def test_changes_that_were_loaded_without_a_release_are_released_by_the_next_load(app: Flask, tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "second")
    assert "no release" in run(app, "load", folder, "--no-release").output
    assert "release 2" in run(app, "load", folder, *WAIVE).output


def test_a_slug_clash_is_reported_with_file_and_line(app: Flask, tmp_path: Path) -> None:
    result = run(app, "load", write_second_booklet(tmp_path / "second", [CLASHING_SLUG]), *WAIVE)
    assert result.exit_code == 1
    assert "moments.yaml:" in result.output
    assert "'chain-reaction' is already used by moment.chain-reaction" in result.output


def test_the_check_command_reports_the_number_of_resources_and_units(app: Flask, tmp_path: Path) -> None:
    result = run(app, "check", BOOKLET, write_second_booklet(tmp_path / "second"))
    assert result.exit_code == 0
    assert "213 units, no issues" in result.output
    assert "second-booklet: 7 resources" in result.output


def test_the_export_command_writes_the_booklet(app: Flask, tmp_path: Path) -> None:
    result = run(app, "export", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "moments.yaml").read_bytes() == (BOOKLET / "moments.yaml").read_bytes()
    assert run(app, "export", tmp_path / "none", "--collection", "none").exit_code == 1


def test_the_suppress_command_deletes_texts_and_the_backup_command_writes_a_file(app: Flask, tmp_path: Path) -> None:
    result = run(app, "suppress", "moment.chain-reaction", "--reason", "asked for")
    assert "moment.chain-reaction is empty at every release; release 2 withdraws it" in result.output
    assert run(app, "suppress", "moment.none", "--reason", "asked for").exit_code == 1
    assert run(app, "suppress", "moment.chain-reaction").exit_code == 2, "a reason is required"
    again = run(app, "load", BOOKLET)
    assert again.exit_code == 0, again.output
    assert "moment.chain-reaction" in again.output
    file = tmp_path / "backup"
    assert run(app, "backup", file).exit_code == 0
    assert file.stat().st_size > 10_000
    refused = run(app, "backup", file)
    assert refused.exit_code == 1
    assert "is not overwritten" in refused.output


def test_the_verify_command_reports_a_document_that_was_tampered_with(
    empty_url: str, empty_database: Database, make_app: MakeApp
) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    app = make_app(empty_url)
    verified = run(app, "verify")
    assert (verified.exit_code, verified.output) == (0, "every document matches its revisions\n")
    execute_sql(empty_database, "UPDATE edition SET document = '{}' WHERE kind = 'ground-rule' AND language = 'cy'")
    result = run(app, "verify")
    assert result.exit_code == 1
    assert result.output == "ground-rule.listen, release 1, cy: its document differs\n"
