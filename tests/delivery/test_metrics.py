"""The figures are of all workers together, and have every answer once."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from api.cli.serve import granian_arguments
from api.settings import ROOT
from tests.conftest import make_settings
from tests.tools.servers import _free_port, wait_until


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


def test_two_workers_are_counted_as_one_service(shared_url: str, tmp_path: Path) -> None:
    if shared_url.startswith("sqlite"):
        pytest.skip("which engine it is makes no difference; one start of two workers is enough")
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
        # Both workers, and before anybody has asked either of them for anything.
        wait_until(
            lambda: read_figures(figures_port).get("eiliadau_cache_limit_bytes") == 2 * settings.cache_mb * 2**20
        )
        assert read_figures(figures_port)["eiliadau_release"] == 1
        for _ in range(40):
            get(port, "/v1/moments/chain-reaction?lang=cy")
        wait_until(lambda: sum(total(read_figures(figures_port), each) for each in ("cache", "application")) == 40)
        figures = read_figures(figures_port)
        # Each worker made the answer once at most; all others were kept ones.
        assert 1 <= total(figures, "application") <= 2
        assert figures["eiliadau_release"] == 1
        assert figures["eiliadau_database_up"] == 1
        assert figures['eiliadau_units{is="total"}'] > 100
        assert figures["eiliadau_cache_entries"] >= 1
    finally:
        process.terminate()
        process.wait(30)
