"""Readers who come at their own pace, whatever the server does: ``python -m bench.pace PORT FILE RATE SECONDS``.

Load that waits for each answer before it asks again asks less where the server is slow, and so says least of the
moments that matter most. These ask at fixed times; an answer's time is counted from when its reader came. Loopback
only.
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
from bench.measure import MeasureFailed

CONNECTIONS = 16
_END, _LENGTH = b"\r\n\r\n", b"content-length:"


@dataclass(frozen=True, slots=True)
class Reader:
    """One who came at ``at`` (seconds on the system's monotonic clock) and had an answer after ``ms``."""

    at: float
    ms: float


@dataclass(slots=True)
class _Line:
    """A connection: what it has received of the answer to who came at ``at``."""

    socket: socket.socket
    at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, at: float) -> None:
        self.at = at
        self.received.clear()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Take what has come; is it all? Raises MeasureFailed for anything but a 200."""
        data = self.socket.recv(1 << 18)
        self.received += data
        end = self.received.find(_END)
        if not data or (end >= 0 and not self.received.startswith(b"HTTP/1.1 200")):
            raise MeasureFailed(f"a reader was answered {bytes(self.received[:40])!r}")
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        return len(self.received) >= end + len(_END) + length


def ask(port: int, paths: Sequence[str], rate: int, seconds: float) -> list[Reader]:
    """Readers who come ``rate`` a second for so long, asking for these paths in turn. Raises MeasureFailed."""
    requests = cycle([f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode() for path in paths])
    with ExitStack() as stack:
        lines = [_Line(stack.enter_context(socket.create_connection((LOOPBACK, port)))) for _ in range(CONNECTIONS)]
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _ask(lines, requests, rate, seconds)


def _ask(lines: Sequence[_Line], requests: Iterator[bytes], rate: int, seconds: float) -> list[Reader]:
    idle, busy = deque(lines), {}
    begun = time.monotonic()
    total, came = round(rate * seconds), 0
    readers: list[Reader] = []
    while len(readers) < total:
        now = time.monotonic()
        if now > begun + seconds + TIMEOUT:
            raise MeasureFailed(f"{total - len(readers)} readers were not answered")
        # The core is ours: looking all the time tells more exactly than waiting to be told.
        while idle and came < total and begun + came / rate <= now:
            line = idle.popleft()
            line.send(next(requests), begun + came / rate)
            busy[line.socket] = line
            came += 1
        for ready in select(list(busy), (), (), 0)[0] if busy else ():
            line = busy[ready]
            if line.is_answered():
                readers.append(Reader(line.at, (time.monotonic() - line.at) * 1000))
                idle.append(busy.pop(ready))
    return sorted(readers, key=lambda reader: reader.at)


@contextmanager
def reading(port: int, paths: Sequence[str], rate: int, seconds: float, core: int, folder: Path) -> Iterator[Readers]:
    """Readers in a process of their own, pinned to a core; who they were is known when all have been answered."""
    file = folder / f"paced-{port}.txt"
    file.write_text("\n".join(paths) + "\n", encoding="utf-8")
    command = [
        find_tool("taskset", "util-linux"), "-c", str(core), sys.executable, "-m", "bench.pace", str(port), str(file),
        str(rate), str(seconds),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Readers(process)
        finally:
            process.kill()


@dataclass(slots=True)
class Readers:
    """The readers of a process that may still be asking."""

    process: subprocess.Popen[str]

    def wait(self) -> list[Reader]:
        """All of them. Raises MeasureFailed where one was not answered."""
        said, failed = self.process.communicate()
        if self.process.returncode:
            raise MeasureFailed(failed.strip()[-300:])
        return [Reader(at, ms) for at, ms in json.loads(said)]


if __name__ == "__main__":
    port, file, rate, seconds = sys.argv[1:]
    found = ask(int(port), Path(file).read_text(encoding="utf-8").split(), int(rate), float(seconds))
    json.dump([(reader.at, reader.ms) for reader in found], sys.stdout)
