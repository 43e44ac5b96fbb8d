"""Readers come when they are due, whatever happened to those before them."""

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

from bench.measure import MeasureFailed, get_p99
from bench.pace import ask, reading

BODY = b"x" * 300_000


@contextmanager
def server(status: int = 200, stalls: float = 0) -> Iterator[tuple[int, list[str]]]:
    """A server on loopback that notes what it is asked; the first answer comes late by so many seconds."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            if len(asked) == 1:
                time.sleep(stalls)
            self.send_response(status)
            self.send_header("content-length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test says what went wrong."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made.server_port, asked
    finally:
        made.shutdown()
        made.server_close()


def test_as_many_come_as_were_asked_for_each_at_its_time() -> None:
    with server() as (port, asked):
        readers = ask(port, ["/a", "/b"], 50, 0.4)
    assert len(readers) == 20
    assert sorted(asked) == ["/a"] * 10 + ["/b"] * 10
    gaps = [later.at - reader.at for reader, later in pairwise(readers)]
    assert all(abs(gap - 0.02) < 1e-6 for gap in gaps)


def test_who_waits_keeps_nobody_from_coming_and_the_wait_counts_from_when_he_came() -> None:
    with server(stalls=0.5) as (port, asked):
        readers = ask(port, ["/"], 100, 0.2)
    assert len(asked) == len(readers) == 20
    assert max(reader.ms for reader in readers) >= 500
    assert readers[0].ms == max(reader.ms for reader in readers)


def test_an_answer_that_is_none_is_no_figure() -> None:
    with server(503) as (port, _), pytest.raises(MeasureFailed, match="503"):
        ask(port, ["/"], 100, 0.1)


def test_readers_in_a_process_of_their_own_are_the_same(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with server() as (port, asked), reading(port, ["/a"], 50, 0.2, core, tmp_path) as readers:
        assert len(readers.wait()) == 10
    assert asked == ["/a"] * 10


def test_their_process_ends_with_whoever_began_it(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with server() as (port, _):
        with pytest.raises(KeyError), reading(port, ["/a"], 1, 60, core, tmp_path) as readers:
            raise KeyError
        assert readers.process.poll() is not None


def test_of_a_hundred_the_ninety_ninth_is_meant() -> None:
    assert get_p99([float(n) for n in range(1, 101)]) == 99
    assert get_p99([3.0]) == 3
    assert get_p99([float(n) for n in range(1, 1001)]) == 990
