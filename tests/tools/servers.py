"""Real servers for tests: several processes on free loopback ports, with one database."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

from api.cli.serve import granian_arguments
from api.settings import ROOT, Settings

T = TypeVar("T")
# The production command, except that it imports the application first, so that killed workers are replaced sooner.
START = "import api.app; from granian.cli import entrypoint; entrypoint()"
TIMEOUT = 60.0


@dataclass(frozen=True)
class ServerResponse:
    """A response from a server. Status 0 means that the connection broke."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Server:
    """A server process with its workers."""

    port: int
    process: subprocess.Popen[bytes]
    restart: Callable[[], Server]

    def request(
        self,
        method: str,
        path: str,
        secret: str | None = None,
        body: Any = None,
        *,
        timeout: float = TIMEOUT,
        **headers: str,
    ) -> ServerResponse:
        """Send a request on a new connection. Headers are keyword arguments with underscores: ``If_Match``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {secret}"} if secret else {}
        sent |= {"Content-Type": "application/json"} if body is not None else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            text = response.read().decode()
            return ServerResponse(response.status, dict(response.headers.items()), text)
        except (OSError, http.client.HTTPException):
            return ServerResponse(0)
        finally:
            connection.close()

    def is_up(self) -> bool:
        return self.request("GET", "/healthz", timeout=5).status == 200


@contextmanager
def run_servers(url: str, hold: Path, *, count: int = 2, workers: int = 1, **settings: Any) -> Iterator[list[Server]]:
    """Run ``count`` servers on the database at ``url``. While the file ``hold`` exists, transactions wait to commit."""
    servers = [_start(url, hold, workers, settings) for _ in range(count)]
    hold.unlink(missing_ok=True)
    try:
        for server in servers:
            wait_until(server.is_up)
        yield servers
    finally:
        hold.unlink(missing_ok=True)
        for server in servers:
            stop_group(server.process)


def _start(url: str, hold: Path, workers: int, more: Mapping[str, Any]) -> Server:
    port = free_port()
    settings = Settings(database_url=url, port=port, workers=workers, log_level="error", **more)
    environment = {name: value for name, value in os.environ.items() if not hasattr(settings, name.lower())}
    changed = {
        "database_url": url,
        "public_url": f"http://127.0.0.1:{port}",
        "log_level": "error",
        "release_check_ms": 0,
        **more,
    }
    environment |= {name.upper(): str(value) for name, value in changed.items()}
    arguments = [*granian_arguments(settings)[:-1], "--respawn-failed-workers", "tests.tools.held_locks:app"]
    process = subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        cwd=ROOT,
        env=environment | {"HOLD": str(hold)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Server(port, process, lambda: _start(url, hold, workers, more))


def restart_stopped(servers: list[Server]) -> None:
    """Restart stopped servers. Granian stops a server if the same worker ends twice in a few seconds."""
    for index, server in enumerate(servers):
        if server.process.poll() is not None:
            stop_group(server.process)
            servers[index] = server.restart()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, which are one process group."""
    # This kills the server and its workers, which are one process group. They have nothing to save.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], object], seconds: float = TIMEOUT) -> None:
    """Wait until the condition is true; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not true after {seconds} seconds"
        time.sleep(0.005)


def processes_holding(hold: Path) -> list[int]:
    """Return the ids of the processes that hold a transaction just before its commit."""
    return [int(mark.suffix[1:]) for mark in hold.parent.glob(f"{hold.name}.*")]


def run_at_once(functions: Sequence[Callable[[], T]]) -> list[T]:
    """Start all functions at the same moment and return their results."""
    barrier = Barrier(len(functions))

    def start(function: Callable[[], T]) -> T:
        barrier.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(start, functions))
