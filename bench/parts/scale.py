"""The same question at 60, 6,000 and 60,000 moments, cold: a page costs the same wherever it stands."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from urllib.parse import parse_qs, urlsplit

from bench.client import get, take_sample
from bench.measure import Contender, alternate, middle, ratio
from bench.parts.found import Found
from bench.stage import Stage

# A page of a list is counted by 20; the thousandth begins here.
THOUSANDTH = 20 * 999
COLUMNS = ("what", "engine", "moments", "answers/s", "p50 ms", "p99 ms", "p50 to the smallest")


def measure_scale(stage: Stage) -> Found:
    """p50 by size, for every question, on each engine."""
    found = Found("Size: cache off, one worker on one core, one connection", COLUMNS)
    for engine in stage.engines:
        with ExitStack() as stack:
            ports = {}
            for size in stage.sizes:
                url = stage.database(size, engine)
                ports[size] = stack.enter_context(stage.service(url, cache_mb=0)).port
            asked = {size: list_questions(port) for size, port in ports.items()}
            for what in asked[max(ports)]:
                _compare(stage, found, engine, what, ports, {size: paths.get(what) for size, paths in asked.items()})
    return found


def _compare(
    stage: Stage, found: Found, engine: str, what: str, ports: dict[int, int], paths: dict[int, str | None]
) -> None:
    load = stage.load(1)
    smallest, largest = str(min(ports)), str(max(ports))
    contenders = [
        # What only the large have is compared with the first page of the smallest.
        Contender(str(size), partial(take_sample, port, [paths[size] or "/v1/moments?lang=cy"], load, stage.folder))
        for size, port in ports.items()
    ]
    stage.tell(f"{engine}, {what}")
    samples = alternate(contenders, stage.rounds, stage.tell)
    for size in ports:
        own = samples[str(size)]
        times = ratio(samples, str(size), smallest, "p50")
        found.add(what, engine, size, middle(own), middle(own, "p50"), middle(own, "p99"), times)
    key = f"scale.{what}" if engine == "sqlite" else f"scale.{engine}.{what}"
    found.figures[f"{key}.ratio"] = ratio(samples, largest, smallest, "p50")


def list_questions(port: int) -> dict[str, str]:
    """What is asked, by name: ``thousandth`` only where there are so many."""
    first = get(port, "/v1/moments?lang=cy").json
    category = first["items"][0]["category"]["slug"]
    found = {
        "item": f"/v1/moments/{first['items'][9]['slug']}?lang=cy",
        "list": "/v1/moments?lang=cy",
        # So few that the smallest has them too: a page is compared with one that holds as many.
        "filter": f"/v1/moments?lang=cy&category={category}&limit=5",
        "titles": "/v1/moments?lang=cy&sort=title",
        "bilingual": "/v1/bilingual/moments",
    }
    return found | _find_deep(port)


def _find_deep(port: int) -> dict[str, str]:
    """The thousandth page and the last. A place in the list is the same whatever a page holds, so steps are long."""
    step = 20 if get(port, "/v1/moments?lang=cy").json["total"] < THOUSANDTH else 100
    path, seen = f"/v1/moments?lang=cy&fields=slug&limit={step}", 0
    found: dict[str, str] = {}
    while True:
        page = get(port, path).json
        seen += len(page["items"])
        link = page["links"]["next"]
        if link is None:
            return found
        parts = urlsplit(link)
        query = {name: value[0] for name, value in parse_qs(parts.query).items() if name not in {"fields", "limit"}}
        address = f"{parts.path}?" + "&".join(f"{name}={value}" for name, value in query.items())
        found["deepest"] = address
        if seen >= THOUSANDTH and "thousandth" not in found:
            found["thousandth"] = address
        path = f"{parts.path}?{parts.query}"
