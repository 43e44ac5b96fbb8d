"""The figures are of all workers together, and have every answer once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli.serve import granian_arguments
from api.settings import ROOT
from tests.conftest import make_settings
from tests.tools.servers import _free_port, wait_until

MOMENT = "/v1/moments/chain-reaction?lang=cy"


def read_figures(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if not name.startswith("#")
    }


def total(figures: dict[str, float], source: str) -> float:
    wanted = re.compile(rf'eiliadau_requests_total\{{.*route="/v1/moments/<slug>".*source="{source}".*\}}')
    return sum(value for name, value in figures.items() if wanted.match(name))


def get(port: int, path: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        answer.read()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Started:
    """Two workers as in production, and where their figures are."""

    process: subprocess.Popen[bytes]
    port: int
    figures_port: int
    cache_bytes: int

    def figures(self) -> dict[str, float]:
        return read_figures(self.figures_port)

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return set(map(int, children.split()))

    def count(self) -> float:
        """How often the moment was answered, by the figures."""
        figures = self.figures()
        return sum(total(figures, source) for source in ("cache", "application"))

    def are_both_told_of(self) -> bool:
        try:
            return self.figures().get("eiliadau_cache_limit_bytes") == self.cache_bytes
        except OSError:
            return False  # nobody has the address at this moment


@pytest.fixture
def started(shared_url: str, tmp_path: Path) -> Iterator[Started]:
    port, figures_port = _free_port(), _free_port()
    settings = make_settings(shared_url, port=port, workers=2)
    environment = {
        "DATABASE_URL": shared_url, "METRICS_PORT": str(figures_port), "LOG_LEVEL": "error",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *granian_arguments(settings)],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: is_open(port) and is_open(figures_port))
        yield Started(process, port, figures_port, 2 * settings.cache_mb * 2**20)
    finally:
        process.terminate()
        process.wait(30)


def test_two_workers_are_counted_as_one_service(started: Started) -> None:
    # Both workers, and before anybody has asked either of them for anything.
    wait_until(started.are_both_told_of)
    assert started.figures()["eiliadau_release"] == 1
    for _ in range(40):
        get(started.port, MOMENT)
    _wait_for_count(started, 40)
    figures = started.figures()
    # Each worker made the answer once at most; all others were kept ones.
    assert 1 <= total(figures, "application") <= 2
    assert figures["eiliadau_release"] == 1
    assert figures["eiliadau_database_up"] == 1
    assert figures['eiliadau_units{is="total"}'] > 100
    assert figures["eiliadau_cache_entries"] >= 1


def test_a_worker_that_is_killed_is_replaced_and_what_it_counted_stays(started: Started) -> None:
    wait_until(started.are_both_told_of)
    before = started.workers()
    for _ in range(20):
        get(started.port, MOMENT)
    _wait_for_count(started, 20)
    # One after the other, so that one of the two had the address of the figures.
    for turn, killed in enumerate(sorted(before), start=1):
        if turn > 1:
            time.sleep(4)  # two deaths within 3.5 seconds would end the service
        os.kill(killed, signal.SIGKILL)
        _wait_for_another(started, before, turn)
        get(started.port, MOMENT)
        _wait_for_count(started, 20 + turn)
    assert started.process.poll() is None
    assert started.figures()["eiliadau_release"] == 1


def _wait_for_another(started: Started, before: set[int], count: int) -> None:
    wait_until(lambda: len(started.workers() - before) == count)
    wait_until(started.are_both_told_of)


def _wait_for_count(started: Started, count: int) -> None:
    wait_until(lambda: started.count() == count)
