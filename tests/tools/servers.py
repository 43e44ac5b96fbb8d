"""Real servers for the tests: several processes on free loopback ports, on one database."""

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
# The same server by the same arguments; what it will serve is imported once, so that a killed worker is soon replaced.
START = "import api.app; from granian.cli import entrypoint; entrypoint()"
PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    """What a server answered. Status 0 is no answer: the connection broke."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Server:
    """One server process with its workers."""

    port: int
    process: subprocess.Popen[bytes]
    start_again: Callable[[], Server]

    def ask(
        self,
        method: str,
        path: str,
        secret: str | None = None,
        body: Any = None,
        *,
        timeout: float = PATIENCE,
        **headers: str,
    ) -> Answer:
        """One request on a connection of its own; ``If_Match`` names a header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {secret}"} if secret else {}
        sent |= {"Content-Type": "application/json"} if body is not None else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            text = response.read().decode()
            return Answer(response.status, dict(response.headers.items()), text)
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def is_up(self) -> bool:
        return self.ask("GET", "/healthz", timeout=5).status == 200


@contextmanager
def serve(url: str, hold: Path, *, count: int = 2, workers: int = 1, **settings: Any) -> Iterator[list[Server]]:
    """``count`` servers on the database at ``url``; ``hold`` is the file that holds their transactions."""
    servers = [_start(url, hold, workers, settings) for _ in range(count)]
    hold.unlink(missing_ok=True)
    try:
        for server in servers:
            wait_until(server.is_up)
        yield servers
    finally:
        hold.unlink(missing_ok=True)
        for server in servers:
            _stop(server.process)


def _start(url: str, hold: Path, workers: int, more: Mapping[str, Any]) -> Server:
    port = _free_port()
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


def keep_up(servers: list[Server]) -> None:
    """Start again what gave up: a server does when it must replace the same worker twice in a few seconds."""
    for place, server in enumerate(servers):
        if server.process.poll() is not None:
            _stop(server.process)
            servers[place] = server.start_again()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    # The server's own session: its workers too. There is nothing that it would have to save.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until it is so; fail when it takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so after {seconds} seconds"
        time.sleep(0.005)


def held_by(hold: Path) -> list[int]:
    """The processes that hold a transaction right before its commit."""
    return [int(mark.suffix[1:]) for mark in hold.parent.glob(f"{hold.name}.*")]


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """What each act gives, all of them begun at the same moment."""
    barrier = Barrier(len(acts))

    def begin(audit: Callable[[], T]) -> T:
        barrier.wait()
        return audit()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))
