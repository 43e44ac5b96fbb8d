"""One worker: memory, start time and load time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote

from api.settings import ROOT
from bench.client import LOOPBACK, get, is_up
from bench.parts.result import PartResult
from bench.stage import SETTINGS, MissingPartError, Server, Stage, require_module

WORDS = ("plentyn", "gartref", "teulu", "mother", "children", "gweithio")


def measure_memory(stage: Stage) -> PartResult:
    """Measure a worker's resident memory after start, reads and searches, at the smallest and the largest size."""
    result = PartResult(
        "Memory of a worker, resident", ("moments", "started MB", "after reading MB", "after searching MB")
    )
    for size in (min(stage.sizes), max(stage.sizes)):
        with stage.service(stage.database(size)) as server:
            started = _resident(server)
            _read(server.port)
            read = _resident(server)
            searched = _resident(server) if _search(server.port) else None
        result.add(size, started, read, searched or "no search")
        if size == min(stage.sizes):
            result.figures["memory.started"], result.figures["memory.read"] = started, read
            result.figures |= {"memory.searched": searched} if searched else {}
        else:
            result.figures["memory.large"] = searched or read
    return result


def _resident(server: Server) -> float:
    status = Path(f"/proc/{max(server.workers)}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024  # type: ignore[index]


def _read(port: int) -> None:
    """Request a few hundred responses of all kinds, in both languages."""
    paths = ["/v1", "/v1/translation-status", "/openapi.json", "/docs", "/v1/changes?since=0&include=content&limit=100"]
    for lang in ("cy", "en"):
        for kind in ("collections", "sections", "categories", "moments", "ground-rules", "prompts", "guide"):
            page = get(port, f"/v1/{kind}?lang={lang}&limit=100").json
            paths += [f"/v1/{kind}/{item['slug']}?lang={lang}" for item in page["items"]]
            paths += [f"/v1/bilingual/{kind}?limit=100", f"/v1/{kind}?lang={lang}"]
    for path in paths:
        if get(port, path).status != 200:
            raise MissingPartError(f"{path} did not return 200")


def _search(port: int) -> bool:
    return {get(port, f"/v1/search?q={quote(word)}").status for word in WORDS} == {200}


def measure_start(stage: Stage) -> PartResult:
    """Measure the seconds from the command to the first 200 of ``/readyz``, without migrations or a load."""
    result = PartResult("Start, with a migrated and loaded database", ("runs", "median s", "from s", "to s"))
    times = [_start(stage) for _ in range(3 if stage.is_quick else 8)]
    result.add(len(times), median(times), min(times), max(times))
    result.figures["start.seconds"] = median(times)
    return result


def _start(stage: Stage) -> float:
    port = stage.port()
    environment = {name: value for name, value in os.environ.items() if name.lower() not in SETTINGS}
    environment |= {"DATABASE_URL": stage.database(min(stage.sizes)), "PORT": str(port), "LOG_LEVEL": "error"}
    started = time.perf_counter()
    # The process becomes Granian (exec). Granian stops its worker when it is terminated.
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli.serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while not is_up(port, "/readyz"):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise MissingPartError(f"http://{LOOPBACK}:{port} did not become ready")
            time.sleep(0.01)
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(20)


def measure_load(stage: Stage) -> PartResult:
    """Measure the seconds to generate and load the largest size into an empty database, command start included."""
    require_module("bench.generate")
    result = PartResult("Load into an empty database", ("engine", "moments", "s", "moments/s"))
    size = max(stage.sizes)
    for engine in stage.engines:
        seconds = stage.generate(size, stage.url(f"loaded-{size}", engine))
        stage.drop(stage.url(f"loaded-{size}", engine))
        result.add(engine, size, seconds, size / seconds)
        result.figures["load.seconds" if engine == "sqlite" else f"load.{engine}.seconds"] = seconds
    return result
