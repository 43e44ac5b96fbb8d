"""The commands of the editorial tools."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from api.settings import ROOT
from tests.services.booklets.folder.samples import write_second_booklet
from tools.booklet.__main__ import cli


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_check_without_folders_checks_the_committed_booklet() -> None:
    result = run("check")
    assert (result.exit_code, result.output) == (0, "consultant-social-workers: as printed\n")


def test_check_mentions_a_folder_without_a_printed_booklet(tmp_path: Path) -> None:
    result = run("check", write_second_booklet(tmp_path / "b"))
    assert (result.exit_code, result.output) == (0, "second-booklet: no booklet.en.md to compare with\n")


def test_check_prints_the_issues_of_a_folder_and_fails(tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "b", [("prompts.yaml", "human\n", 'human\n      printed: "2"\n')])
    (folder / "booklet.en.md").write_text("What did you notice?")
    result = run("check", folder)
    assert result.exit_code == 1
    assert "prompts.yaml:13: units.text.printed: booklet.en.md has no lines 2" in result.output


def test_map_writes_the_committed_page(tmp_path: Path) -> None:
    result = run("map", ROOT / "content" / "consultant-social-workers", tmp_path / "map.md")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "map.md").read_bytes() == (ROOT / "docs" / "booklet-map.md").read_bytes()


def test_map_fails_without_a_printed_booklet(tmp_path: Path) -> None:
    result = run("map", write_second_booklet(tmp_path / "b"), tmp_path / "map.md")
    assert result.exit_code == 1
    assert not (tmp_path / "map.md").exists()
