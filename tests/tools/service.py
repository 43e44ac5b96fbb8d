"""The documented command that starts the service, run as a supervisor runs it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from api.settings import ROOT, Settings
from tests.tools.servers import TIMEOUT, Server, free_port, stop_group, wait_until

# Constants of Linux: prctl(2), capabilities(7).
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2

COMMAND = (sys.executable, "-m", "api.cli.serve")


def service_environment(settings: dict[str, object]) -> dict[str, str]:
    """Return this process's environment with these settings only."""
    names = {field.name.upper() for field in fields(Settings)}
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return inherited | {name.upper(): str(value) for name, value in settings.items()}


def obey_permissions() -> None:
    """Make the program that replaces this process subject to the permissions of files, even as root (Linux)."""
    libc = ctypes.CDLL(None)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        # This fails for other users, who have no such capability.
        libc.prctl(_PR_CAPBSET_DROP, capability)


def start_and_fail(**settings: object) -> tuple[int, str]:
    """Start the service with settings that prevent it; return the exit status and all output."""
    process = _start(settings)
    try:
        output = process.communicate(timeout=TIMEOUT)[0].decode()
    finally:
        stop_group(process)
    return process.returncode, output


@contextmanager
def run_service(url: str, **settings: object) -> Iterator[Server]:
    """Run the service on the database at ``url`` until the end of the block."""
    port = free_port()
    changed = {"database_url": url, "port": port, "log_level": "error", **settings}
    process = _start(changed, is_quiet=True)
    server = Server(port, process, lambda: Server(port, _start(changed, is_quiet=True), server.restart))
    try:
        wait_until(lambda: process.poll() is not None or server.is_up())
        assert process.poll() is None, f"the service ended with status {process.returncode}"
        yield server
    finally:
        stop_group(process)


def _start(settings: dict[str, object], *, is_quiet: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=service_environment(settings),
        stdout=subprocess.DEVNULL if is_quiet else subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_quiet else subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=obey_permissions if sys.platform == "linux" else None,  # noqa: PLW1509  # no lock is needed
    )
