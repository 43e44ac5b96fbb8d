"""Requests at a constant rate, on loopback only: ``python -m bench.pace PORT FILE RATE SECONDS``.

A client that waits for each response sends fewer requests while the server is slow, so its figures contain too few
slow responses. Here requests are sent at planned times, and response times are counted from the planned times.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from select import select

from bench.client import LOOPBACK, TIMEOUT, find_tool
from bench.measure import MeasurementError

CONNECTIONS = 16
_END, _LENGTH = b"\r\n\r\n", b"content-length:"


@dataclass(frozen=True, slots=True)
class PacedResponse:
    """A response that arrived ``ms`` milliseconds after the planned time of the request.

    ``at`` is the planned time, in seconds of the system's monotonic clock.
    """

    at: float
    ms: float


@dataclass(slots=True)
class _Connection:
    """A connection. ``at`` is the planned time of its request; ``received`` is the response so far."""

    socket: socket.socket
    at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, at: float) -> None:
        self.at = at
        self.received.clear()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Receive bytes and return whether the response is complete. Raises MeasurementError unless it is a 200."""
        data = self.socket.recv(1 << 18)
        self.received += data
        end = self.received.find(_END)
        if not data or (end >= 0 and not self.received.startswith(b"HTTP/1.1 200")):
            raise MeasurementError(f"unexpected response: {bytes(self.received[:40])!r}")
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        return len(self.received) >= end + len(_END) + length


def send_requests(port: int, paths: Sequence[str], rate: int, seconds: float) -> list[PacedResponse]:
    """Send ``rate`` requests per second for these paths in turn, and return the responses. Raises MeasurementError."""
    requests = cycle([f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode() for path in paths])
    with ExitStack() as stack:
        connections = [
            _Connection(stack.enter_context(socket.create_connection((LOOPBACK, port)))) for _ in range(CONNECTIONS)
        ]
        for connection in connections:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _send_requests(connections, requests, rate, seconds)


def _send_requests(
    connections: Sequence[_Connection], requests: Iterator[bytes], rate: int, seconds: float
) -> list[PacedResponse]:
    idle, busy = deque(connections), {}
    started = time.monotonic()
    total, sent = round(rate * seconds), 0
    responses: list[PacedResponse] = []
    while len(responses) < total:
        now = time.monotonic()
        if now > started + seconds + TIMEOUT:
            raise MeasurementError(f"{total - len(responses)} requests got no response")
        # This process has its own core: polling without a pause is more exact than sleeping.
        while idle and sent < total and started + sent / rate <= now:
            connection = idle.popleft()
            connection.send(next(requests), started + sent / rate)
            busy[connection.socket] = connection
            sent += 1
        for ready in select(list(busy), (), (), 0)[0] if busy else ():
            connection = busy[ready]
            if connection.receive():
                responses.append(PacedResponse(connection.at, (time.monotonic() - connection.at) * 1000))
                idle.append(busy.pop(ready))
    return sorted(responses, key=lambda response: response.at)


@contextmanager
def run_readers(
    port: int, paths: Sequence[str], rate: int, seconds: float, core: int, folder: Path
) -> Iterator[PacedReaders]:
    """Send the requests from another process, pinned to a core, while the block runs."""
    file = folder / f"paced-{port}.txt"
    file.write_text("\n".join(paths) + "\n", encoding="utf-8")
    command = [
        find_tool("taskset", "util-linux"), "-c", str(core), sys.executable, "-m", "bench.pace", str(port), str(file),
        str(rate), str(seconds),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield PacedReaders(process)
        finally:
            process.kill()


@dataclass(slots=True)
class PacedReaders:
    """The process that sends the requests."""

    process: subprocess.Popen[str]

    def wait(self) -> list[PacedResponse]:
        """Wait for all responses and return them. Raises MeasurementError if a response is missing."""
        output, errors = self.process.communicate()
        if self.process.returncode:
            raise MeasurementError(errors.strip()[-300:])
        return [PacedResponse(at, ms) for at, ms in json.loads(output)]


if __name__ == "__main__":
    port, file, rate, seconds = sys.argv[1:]
    responses = send_requests(int(port), Path(file).read_text(encoding="utf-8").split(), int(rate), float(seconds))
    json.dump([(response.at, response.ms) for response in responses], sys.stdout)
