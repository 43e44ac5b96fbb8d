"""Commands with an invalid setting."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from api.settings import ROOT


@pytest.mark.parametrize("command", ["flask --app wsgi content verify", "api content verify", "api.cli.serve"])
def test_an_invalid_setting_is_reported_in_one_line(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=ROOT,
        env=os.environ | {"PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "PORT must be a whole number, not 'eighty'\n"
