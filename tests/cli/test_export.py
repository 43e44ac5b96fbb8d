"""The export command writes the packages that the API serves."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.tools.manifest import list_manifest_errors


def test_the_export_command_writes_the_package_that_the_api_serves(shared_app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "sesiwn.zip"
    options = ["--kind", "session", "--moments", "chain-reaction,seeing-the-light", "--lang", "cy"]
    result = shared_app.test_cli_runner().invoke(args=["export", "scorm", str(file), *options])
    assert result.exit_code == 0, result.output
    url = "/embed/scorm.zip?kind=session&moments=chain-reaction,seeing-the-light&lang=cy"
    assert file.read_bytes() == shared_app.test_client().get(url).data
    assert f"{file.stat().st_size:,} bytes" in result.output


def test_export_of_missing_content_reports_an_error_and_writes_no_file(shared_app: Flask, tmp_path: Path) -> None:
    for options in (["--slug", "nothing"], ["--kind", "session"], ["--slug", "chain-reaction", "--release", "99"]):
        result = shared_app.test_cli_runner().invoke(
            args=["export", "scorm", str(tmp_path / "x.zip"), "--lang", "cy", *options]
        )
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_schemas_reject_an_empty_manifest() -> None:
    assert list_manifest_errors("<manifest/>")
