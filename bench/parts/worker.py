"""One worker: its memory, how soon it answers, how long a load takes."""

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
from bench.parts.found import Found
from bench.stage import SETTINGS, PartMissing, Server, Stage, need_module

WORDS = ("plentyn", "gartref", "teulu", "mother", "children", "gweithio")


def measure_memory(stage: Stage) -> Found:
    """Resident megabytes of a worker: started, after reading, after a search; at the smallest size and the largest."""
    found = Found("Memory of a worker, resident", ("moments", "started MB", "after reading MB", "after searching MB"))
    for size in (min(stage.sizes), max(stage.sizes)):
        with stage.service(stage.database(size)) as server:
            started = _resident(server)
            _read(server.port)
            read = _resident(server)
            searched = _resident(server) if _search(server.port) else None
        found.add(size, started, read, searched or "no search yet")
        if size == min(stage.sizes):
            found.figures["memory.started"], found.figures["memory.read"] = started, read
            found.figures |= {"memory.searched": searched} if searched else {}
        else:
            found.figures["memory.large"] = searched or read
    return found


def _resident(server: Server) -> float:
    status = Path(f"/proc/{max(server.workers)}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024  # type: ignore[index]


def _read(port: int) -> None:
    """Some of everything: a few hundred answers in both languages."""
    paths = ["/v1", "/v1/translation-status", "/openapi.json", "/docs", "/v1/changes?since=0&include=content&limit=100"]
    for lang in ("cy", "en"):
        for kind in ("collections", "sections", "categories", "moments", "ground-rules", "prompts", "guide"):
            page = get(port, f"/v1/{kind}?lang={lang}&limit=100").json
            paths += [f"/v1/{kind}/{item['slug']}?lang={lang}" for item in page["items"]]
            paths += [f"/v1/bilingual/{kind}?limit=100", f"/v1/{kind}?lang={lang}"]
    for path in paths:
        if get(port, path).status != 200:
            raise PartMissing(f"{path} did not answer")


def _search(port: int) -> bool:
    return {get(port, f"/v1/search?q={quote(word)}").status for word in WORDS} == {200}


def measure_start(stage: Stage) -> Found:
    """Seconds from the command to the first 200 of ``/readyz``, with nothing to migrate and nothing to load."""
    found = Found("Start, on a database that is ready", ("runs", "median s", "from s", "to s"))
    times = [_start(stage) for _ in range(3 if stage.is_quick else 8)]
    found.add(len(times), median(times), min(times), max(times))
    found.figures["start.seconds"] = median(times)
    return found


def _start(stage: Stage) -> float:
    port = stage.port()
    environment = {name: value for name, value in os.environ.items() if name.lower() not in SETTINGS}
    environment |= {"DATABASE_URL": stage.database(min(stage.sizes)), "PORT": str(port), "LOG_LEVEL": "error"}
    begun = time.perf_counter()
    # It becomes Granian (exec), which takes its worker with it when it is told to end.
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli.serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while not is_up(port, "/readyz"):
            if process.poll() is not None or time.perf_counter() - begun > 60:
                raise PartMissing(f"http://{LOOPBACK}:{port} did not become ready")
            time.sleep(0.01)
        return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


def measure_load(stage: Stage) -> Found:
    """Seconds to generate and load the largest size into an empty database, command and all."""
    need_module("bench.generate")
    found = Found("Load into an empty database", ("engine", "moments", "s", "moments/s"))
    size = max(stage.sizes)
    for engine in stage.engines:
        took = stage.make(size, stage.url(f"loaded-{size}", engine))
        stage.drop(stage.url(f"loaded-{size}", engine))
        found.add(engine, size, took, size / took)
        found.figures["load.seconds" if engine == "sqlite" else f"load.{engine}.seconds"] = took
    return found
