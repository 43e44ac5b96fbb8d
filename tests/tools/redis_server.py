"""A Redis server on a free loopback port. A test can stop the server and start it again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.tools.middlewares import free_port
from tests.tools.programs import require_program
from tests.tools.servers import wait_until


class Redis:
    """One server process at a time, always on the same port, without persistence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        arguments = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [require_program("redis-server"), *arguments, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def list_keys(self) -> list[str]:
        """Return all keys on the server."""
        with redis.Redis.from_url(self.url) as client:
            return sorted(key.decode() for key in client.scan_iter())

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def own_redis(folder: Path) -> Iterator[Redis]:
    """Yield a running Redis; stop it at the end."""
    server = Redis(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
