"""Documented commands work in a shell without an activated environment, in the checkout."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.docs.transcripts import pages

DEPLOY = [ROOT / "deploy" / name for name in ("nginx.conf", "varnish.vcl", "eiliadau-hud.service")]
# Decisions and the changelog describe commands; performance.md records the commands that measured it.
DESCRIBING = {"CHANGELOG.md", "performance.md"}
PAGES = [page for page in pages() if page.name not in DESCRIBING and page.parent.name != "adr"]
# Programs that an environment of Python has, so that they must be named with its path.
_PROGRAM = re.compile(r"(?:^|(?<!-m)[\s(|])([\w./-]*\b(?:flask|pip|pytest|python3?|eiliadau-hud|alembic|ruff|mypy)) ")
_INLINE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^ *```(?:sh|console)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# A page may create an environment with the system's Python.
_CREATING = "python3 -m venv"


def _commands(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        shown = [line.strip() for line in block.splitlines()]
        yield from (line.removeprefix("$ ") for line in shown if line.startswith("$ ") or "$ " not in block)
    yield from _INLINE.findall(re.sub(_BLOCK, "", text))


def _bare_programs(text: str) -> list[str]:
    return [command for command in _commands(text) if _is_bare(command.replace(_CREATING, ""))]


def _is_bare(command: str) -> bool:
    return any(not program.startswith((".venv/bin/", "/opt/")) for program in _PROGRAM.findall(command))


def test_the_check_finds_a_command_that_needs_an_activated_environment() -> None:
    block = "```sh\nA=1 python -m bench\n.venv/bin/python -m pip install x\n```\n"
    text = f"Run `flask content check` or `.venv/bin/flask x`.\n{block}"
    assert sorted(_bare_programs(text)) == ["A=1 python -m bench", "flask content check"]


@pytest.mark.parametrize("page", [*PAGES, *DEPLOY], ids=lambda page: page.name)
def test_every_documented_command_has_the_path_of_its_program(page: Path) -> None:
    assert _bare_programs(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "command",
    [
        ".venv/bin/flask content check content/consultant-social-workers",
        ".venv/bin/python -m tools.booklet check",
        ".venv/bin/python -m bench --help",
        "make",
    ],
)
def test_commands_run_in_a_fresh_shell(command: str) -> None:
    result = subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
