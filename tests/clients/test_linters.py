"""Redocly's recommended rules and Spectral's ``oas`` rules find nothing to report in the API document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.clients.toolchain import Run, make_folder, run_tool

pytestmark = pytest.mark.xdist_group("linters")
REDOCLY = ("redocly", "lint", "--config", "redocly.yaml", "--format", "stylish")
SPECTRAL = ("spectral", "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "hint", "--format", "text")
every_linter = pytest.mark.parametrize("linter", [REDOCLY, SPECTRAL], ids=["redocly", "spectral"])
# A document with an operation that needs neither a token nor an explanation.
BARE = """\
openapi: 3.1.0
info: {title: Bare, version: "1"}
servers: [{url: https://api.example.cymru}]
paths:
  /v1: {get: {operationId: get_service, responses: {"200": {description: Success.}}}}
"""


@pytest.fixture(scope="module")
def folder() -> Path:
    return make_folder("linters", "redocly.yaml", ".spectral.yaml")


@every_linter
def test_linters_report_nothing_about_the_document(folder: Path, linter: Sequence[str]) -> None:
    run = run_tool(folder, [*linter, str(ROOT / "openapi.yaml")])
    assert run.status == 0, run.output
    assert "warning" not in run.output, run.output


@every_linter
def test_linters_report_an_operation_without_security_or_description(folder: Path, linter: Sequence[str]) -> None:
    (folder / "bare.yaml").write_text(BARE, encoding="utf-8")
    run: Run = run_tool(folder, [*linter, "bare.yaml"])
    assert run.status != 0
    assert ("security-defined" if linter is REDOCLY else "operation-description") in run.output
