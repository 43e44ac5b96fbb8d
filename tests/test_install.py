"""The installation of packages reports its progress in plain lines."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from api.settings import ROOT
from tools.install import count_requirements, install

# In place of pip: after its third line, it is silent until the file in its argument exists.
PIP = r"""
import pathlib, sys, time
print("Looking in indexes: https://example.org/simple")
print("Collecting flask==3.1.3 (from -r requirements.txt (line 27))")
print("Processing /packages/jinja2-3.1.6-py3-none-any.whl (from -r requirements.txt (line 129))", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print("Installing collected packages: flask, jinja2")
sys.exit(int(sys.argv[2]))
"""


def _install(go_on: Path, status: int) -> tuple[int, list[str]]:
    reports: list[str] = []

    def write(line: str) -> None:
        reports.append(re.sub(r"\(\d+ s\)", "(…)", line))
        if "jinja2" in line:
            go_on.touch()

    return install([sys.executable, "-c", PIP, str(go_on), str(status)], 45, write, interval=0.05), reports


def test_a_silent_installation_reports_the_package_and_the_count(tmp_path: Path) -> None:
    status, reports = _install(tmp_path / "go-on", 0)
    assert status == 0
    assert "   2 of 45: jinja2 (…)" in reports
    assert reports[-1] == "   2 packages are ready (…)"


def test_a_failed_installation_returns_the_status_of_pip_and_reports_no_success(tmp_path: Path) -> None:
    status, reports = _install(tmp_path / "go-on", 3)
    assert status == 3
    assert not any("ready" in line for line in reports)


def test_the_packages_of_a_lock_file_are_counted() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        file = ROOT / name
        assert count_requirements(file) == file.read_text(encoding="utf-8").count("==") - len(
            re.findall(r";.*==", file.read_text(encoding="utf-8"))
        )


def test_make_installs_packages_only_through_the_progress_tool() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"^INSTALL = .*\\\n\t(.*)$", makefile, re.MULTILINE)
    assert installs == ["$(BIN)/python tools/install.py"]
