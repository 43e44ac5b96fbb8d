"""HTTP clients, on loopback only: wrk on its own core for load, a plain connection for single requests."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Sample

LOOPBACK = "127.0.0.1"
SCRIPT = Path(__file__).with_name("wrk.lua")
# In seconds.
TIMEOUT = 60


class MissingToolError(Exception):
    """A program that the benchmark needs is not installed; the message names its package."""


def find_tool(name: str, package: str) -> str:
    """Return the path of a program. Raises MissingToolError."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise MissingToolError(f"{name} is missing: apt-get install {package}")
    return path


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a sample: seconds, connections, and the processor core of the client."""

    seconds: int
    connections: int
    core: int


def take_sample(
    port: int, paths: Sequence[str], load: Load, folder: Path, headers: Mapping[str, str] | None = None
) -> Sample:
    """Measure a server on this loopback port under ``load``; the requests go to these paths in turn."""
    file = folder / f"paths-{port}.txt"
    file.write_text("\n".join(paths) + "\n", encoding="utf-8")
    command = [
        find_tool("taskset", "util-linux"), "-c", str(load.core), find_tool("wrk", "wrk"), "-t1",
        f"-c{load.connections}", f"-d{load.seconds}s", f"--timeout={TIMEOUT}s", "-s", str(SCRIPT),
        f"http://{LOOPBACK}:{port}", "--", str(file), *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]  # fmt: skip
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=load.seconds + 2 * TIMEOUT)
    return read_sample(process.stdout + process.stderr)


def read_sample(output: str) -> Sample:
    """Return the sample that ``wrk.lua`` printed. Raises ValueError if there is none."""
    line = next((line for line in output.splitlines() if line.startswith("@ ")), None)
    if line is None:
        raise ValueError(f"unexpected output of wrk: {output.strip()[-300:]}")
    count, duration, errors, p50, p99 = (float(part) for part in line[2:].split())
    return Sample(count / (duration / 1e6), p50 / 1e3, p99 / 1e3, int(count), int(errors))


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """A response, with its time in milliseconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def get(port: int, path: str, **headers: str) -> TimedResponse:
    """Send a GET request. Headers are keyword arguments, with underscores for hyphens."""
    return send(port, "GET", path, None, headers)


def send(port: int, method: str, path: str, body: Any, headers: Mapping[str, str]) -> TimedResponse:
    """Send one request on a new connection, with ``body`` as JSON."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
    data = None if body is None else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Content-Type": "application/json"} if body is not None else {}
    started = time.perf_counter()
    try:
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        content = response.read()
        ms = (time.perf_counter() - started) * 1000
        return TimedResponse(response.status, {n.lower(): v for n, v in response.getheaders()}, content, ms)
    finally:
        connection.close()


def is_up(port: int, path: str = "/healthz") -> bool:
    """Return whether a server on this port responds with 200."""
    try:
        return get(port, path).status == 200
    except (OSError, http.client.HTTPException):
        return False
