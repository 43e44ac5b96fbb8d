"""Paced requests are sent at their planned times, even if earlier requests were slow."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from bench.measure import MeasurementError, percentile_99
from bench.pace import run_readers, send_requests

BODY = b"x" * 300_000


@contextmanager
def server(status: int = 200, delay: float = 0) -> Iterator[tuple[int, list[str]]]:
    """Run a server on loopback that delays its first response; yield its port and the requested paths."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            paths.append(self.path)
            if len(paths) == 1:
                time.sleep(delay)
            self.send_response(status)
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http_server.daemon_threads = True
    Thread(target=http_server.serve_forever, daemon=True).start()
    try:
        yield http_server.server_port, paths
    finally:
        http_server.shutdown()
        http_server.server_close()


def test_requests_are_sent_at_a_constant_rate() -> None:
    with server() as (port, paths):
        responses = send_requests(port, ["/a", "/b"], 50, 0.4)
    assert len(responses) == 20
    assert sorted(paths) == ["/a"] * 10 + ["/b"] * 10
    gaps = [later.at - earlier.at for earlier, later in pairwise(responses)]
    assert all(abs(gap - 0.02) < 1e-6 for gap in gaps)


def test_a_slow_response_does_not_delay_later_requests_and_is_timed_from_the_planned_time() -> None:
    with server(delay=0.5) as (port, paths):
        responses = send_requests(port, ["/"], 100, 0.2)
    assert len(paths) == len(responses) == 20
    assert max(response.ms for response in responses) >= 500
    assert responses[0].ms == max(response.ms for response in responses)


def test_a_failed_response_stops_the_measurement() -> None:
    with server(503) as (port, _), pytest.raises(MeasurementError, match="503"):
        send_requests(port, ["/"], 100, 0.1)


def test_requests_can_be_sent_from_another_process(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with server() as (port, paths), run_readers(port, ["/a"], 50, 0.2, core, tmp_path) as readers:
        assert len(readers.wait()) == 10
    assert paths == ["/a"] * 10


def test_the_process_that_sends_requests_ends_when_the_with_block_ends(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with server() as (port, _):
        with pytest.raises(KeyError), run_readers(port, ["/a"], 1, 60, core, tmp_path) as readers:
            raise KeyError
        assert readers.process.poll() is not None


def test_the_99th_percentile_is_calculated_with_the_nearest_rank_method() -> None:
    assert percentile_99([float(n) for n in range(1, 101)]) == 99
    assert percentile_99([3.0]) == 3
    assert percentile_99([float(n) for n in range(1, 1001)]) == 990
