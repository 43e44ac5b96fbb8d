"""Tests of the product's version: pyproject.toml defines it, and the service reports it everywhere."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from flask import Flask
from flask.testing import FlaskClient

from api.settings import ROOT
from tests.tools.openapi import read_document

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_the_service_document_reports_the_version(sqlite_client: FlaskClient) -> None:
    assert sqlite_client.get("/v1").get_json()["version"] == VERSION


def test_the_api_document_reports_the_version() -> None:
    assert read_document()["info"]["version"] == VERSION


def test_the_version_command_prints_the_version(shared_app: Flask) -> None:
    assert shared_app.test_cli_runner().invoke(args=["version"]).output == f"{VERSION}\n"


def test_the_version_option_prints_the_version_in_a_checkout_too() -> None:
    command = [sys.executable, "-m", "api", "--version"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == f"eiliadau-hud, version {VERSION}\n"
