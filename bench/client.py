"""Asking: wrk, pinned to a core of its own, for load; a plain connection for single answers. Loopback only."""

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
# Nothing takes longer than this for one answer.
TIMEOUT = 60


class ToolMissing(Exception):
    """A program that the benchmark needs is not installed; the message says which package has it."""


def find_tool(name: str, package: str) -> str:
    """Where a program is. Raises ToolMissing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ToolMissing(f"{name} is missing: apt-get install {package}")
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to ask: for how many seconds, on how many connections, from which core."""

    seconds: int
    connections: int
    core: int


def take_sample(port: int, paths: Sequence[str], load: Load, folder: Path, etag: str | None = None) -> Sample:
    """What a server on this loopback port gives under ``load``, asked for these paths in turn."""
    file = folder / f"paths-{port}.txt"
    file.write_text("\n".join(paths) + "\n", encoding="utf-8")
    command = [
        find_tool("taskset", "util-linux"), "-c", str(load.core), find_tool("wrk", "wrk"), "-t1",
        f"-c{load.connections}", f"-d{load.seconds}s", f"--timeout={TIMEOUT}s", "-s", str(SCRIPT),
        f"http://{LOOPBACK}:{port}", "--", str(file), *([etag] if etag else []),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=load.seconds + 2 * TIMEOUT)
    return read_sample(ran.stdout + ran.stderr)


def read_sample(output: str) -> Sample:
    """The sample in what the script printed. Raises ValueError where there is none."""
    line = next((line for line in output.splitlines() if line.startswith("@ ")), None)
    if line is None:
        raise ValueError(f"wrk said: {output.strip()[-300:]}")
    count, duration, errors, p50, p99 = (float(part) for part in line[2:].split())
    return Sample(count / (duration / 1e6), p50 / 1e3, p99 / 1e3, int(count), int(errors))


@dataclass(frozen=True, slots=True)
class Got:
    """One answer, and the milliseconds that it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ms: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def get(port: int, path: str, **headers: str) -> Got:
    return send(port, "GET", path, None, headers)


def send(port: int, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Got:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
    data = None if body is None else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Content-Type": "application/json"} if body is not None else {}
    begun = time.perf_counter()
    try:
        connection.request(method, path, data, sent)
        response = connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - begun) * 1000
        return Got(response.status, {n.lower(): v for n, v in response.getheaders()}, content, took)
    finally:
        connection.close()


def is_up(port: int, path: str = "/healthz") -> bool:
    try:
        return get(port, path).status == 200
    except (OSError, http.client.HTTPException):
        return False
