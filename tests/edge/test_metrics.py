"""The metrics are sums over all workers, and count each response once."""

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
from tests.tools.servers import free_port, wait_until

MOMENT = "/v1/moments/chain-reaction?lang=cy"


def read_metrics(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        lines = response.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if not name.startswith("#")
    }


def count_responses(metrics: dict[str, float], source: str) -> float:
    pattern = re.compile(rf'eiliadau_requests_total\{{.*route="/v1/moments/<slug>".*source="{source}".*\}}')
    return sum(value for name, value in metrics.items() if pattern.match(name))


def get(port: int, path: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
        response.read()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Service:
    """A service with two workers, as in production, and a port for metrics."""

    process: subprocess.Popen[bytes]
    port: int
    metrics_port: int
    cache_bytes: int

    def metrics(self) -> dict[str, float]:
        return read_metrics(self.metrics_port)

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return set(map(int, children.split()))

    def count(self) -> float:
        """Read from the metrics the number of responses to the moment's URL."""
        metrics = self.metrics()
        return sum(count_responses(metrics, source) for source in ("cache", "application"))

    def are_both_exporting(self) -> bool:
        try:
            return self.metrics().get("eiliadau_cache_limit_bytes") == self.cache_bytes
        except OSError:
            return False  # no worker listens on the metrics port at this moment


@pytest.fixture
def service(shared_url: str, tmp_path: Path) -> Iterator[Service]:
    port, metrics_port = free_port(), free_port()
    settings = make_settings(shared_url, port=port, workers=2)
    environment = {
        "DATABASE_URL": shared_url, "METRICS_PORT": str(metrics_port), "LOG_LEVEL": "error",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *granian_arguments(settings)],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: is_open(port) and is_open(metrics_port))
        yield Service(process, port, metrics_port, 2 * settings.cache_mb * 2**20)
    finally:
        process.terminate()
        process.wait(30)


def test_metrics_of_two_workers_are_summed(service: Service) -> None:
    # Both workers export metrics before they get a request.
    wait_until(service.are_both_exporting)
    assert service.metrics()["eiliadau_release"] == 1
    for _ in range(40):
        get(service.port, MOMENT)
    _wait_for_count(service, 40)
    metrics = service.metrics()
    # Each worker fetches the response at most once, and serves later requests from the cache.
    assert 1 <= count_responses(metrics, "application") <= 2
    assert metrics["eiliadau_release"] == 1
    assert metrics["eiliadau_database_up"] == 1
    assert metrics['eiliadau_units{is="total"}'] > 100
    assert metrics["eiliadau_cache_entries"] >= 1


def test_a_killed_worker_is_replaced_and_its_counts_are_kept(service: Service) -> None:
    wait_until(service.are_both_exporting)
    before = service.workers()
    for _ in range(20):
        get(service.port, MOMENT)
    _wait_for_count(service, 20)
    # Kill both workers in turn, because one of them serves the metrics port.
    for turn, killed in enumerate(sorted(before), start=1):
        if turn > 1:
            time.sleep(4)  # the service stops if two workers die within 3.5 seconds
        os.kill(killed, signal.SIGKILL)
        _wait_for_replacements(service, before, turn)
        get(service.port, MOMENT)
        _wait_for_count(service, 20 + turn)
    assert service.process.poll() is None
    assert service.metrics()["eiliadau_release"] == 1


def _wait_for_replacements(service: Service, before: set[int], count: int) -> None:
    wait_until(lambda: len(service.workers() - before) == count)
    wait_until(service.are_both_exporting)


def _wait_for_count(service: Service, count: int) -> None:
    wait_until(lambda: service.count() == count)
