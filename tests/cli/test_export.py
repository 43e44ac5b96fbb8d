"""Packages by command: what the address gives, without the web."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.tools.manifest import list_manifest_faults


def test_export_writes_the_same_package_as_the_url(shared_app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "sesiwn.zip"
    given = ["--kind", "session", "--moments", "chain-reaction,seeing-the-light", "--lang", "cy"]
    done = shared_app.test_cli_runner().invoke(args=["export", "scorm", str(file), *given])
    assert done.exit_code == 0, done.output
    address = "/embed/scorm.zip?kind=session&moments=chain-reaction,seeing-the-light&lang=cy"
    assert file.read_bytes() == shared_app.test_client().get(address).data
    assert f"{file.stat().st_size:,} bytes" in done.output


def test_export_of_missing_content_reports_an_error_and_writes_no_file(shared_app: Flask, tmp_path: Path) -> None:
    for given in (["--slug", "nothing"], ["--kind", "session"], ["--slug", "chain-reaction", "--release", "99"]):
        done = shared_app.test_cli_runner().invoke(
            args=["export", "scorm", str(tmp_path / "x.zip"), "--lang", "cy", *given]
        )
        assert done.exit_code == 1
        assert done.output.startswith("Error: ")
        assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_schemas_reject_an_empty_manifest() -> None:
    assert list_manifest_faults("<manifest/>")
