"""The same cold reads with 60, 6,000 and 60,000 moments. Every page of a list should take the same time."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from urllib.parse import parse_qs, urlsplit

from bench.client import get, take_sample
from bench.measure import Contender, alternate, median_of, ratio
from bench.parts.result import PartResult
from bench.stage import Stage

# The index of the first item on the thousandth page of 20 items.
THOUSANDTH = 20 * 999
COLUMNS = ("what", "engine", "moments", "responses/s", "p50 ms", "p99 ms", "p50 compared with the smallest")


def measure_scale(stage: Stage) -> PartResult:
    """Measure p50 by size, for each kind of read, on each database."""
    result = PartResult("Size: cache off, one worker on one core, one connection", COLUMNS)
    for engine in stage.engines:
        with ExitStack() as stack:
            ports = {}
            for size in stage.sizes:
                url = stage.database(size, engine)
                ports[size] = stack.enter_context(stage.service(url, cache_mb=0)).port
            paths_by_size = {size: name_paths(port) for size, port in ports.items()}
            for what in paths_by_size[max(ports)]:
                _compare(
                    stage, result, engine, what, ports, {size: paths.get(what) for size, paths in paths_by_size.items()}
                )
    return result


def _compare(
    stage: Stage, result: PartResult, engine: str, what: str, ports: dict[int, int], paths: dict[int, str | None]
) -> None:
    load = stage.load(1)
    smallest, largest = str(min(ports)), str(max(ports))
    contenders = [
        # A page that the smallest size lacks is compared with the first page of that size.
        Contender(str(size), partial(take_sample, port, [paths[size] or "/v1/moments?lang=cy"], load, stage.folder))
        for size, port in ports.items()
    ]
    stage.report(f"{engine}, {what}")
    samples = alternate(contenders, stage.rounds, stage.report)
    for size in ports:
        own = samples[str(size)]
        times = ratio(samples, str(size), smallest, "p50")
        result.add(what, engine, size, median_of(own), median_of(own, "p50"), median_of(own, "p99"), times)
    key = f"scale.{what}" if engine == "sqlite" else f"scale.{engine}.{what}"
    result.figures[f"{key}.ratio"] = ratio(samples, largest, smallest, "p50")


def name_paths(port: int) -> dict[str, str]:
    """Return the paths to read, by name. ``thousandth`` is left out if there are fewer than a thousand pages."""
    first = get(port, "/v1/moments?lang=cy").json
    category = first["items"][0]["category"]["slug"]
    paths = {
        "item": f"/v1/moments/{first['items'][9]['slug']}?lang=cy",
        "list": "/v1/moments?lang=cy",
        # Few enough for the smallest size, so that pages of the same length are compared.
        "filter": f"/v1/moments?lang=cy&category={category}&limit=5",
        "titles": "/v1/moments?lang=cy&sort=title",
        "bilingual": "/v1/bilingual/moments",
    }
    return paths | _find_deep_pages(port)


def _find_deep_pages(port: int) -> dict[str, str]:
    """Return the last page, and the thousandth page if there is one.

    Cursors do not contain the limit, so the pages are found in steps of up to 100 items.
    """
    step = 20 if get(port, "/v1/moments?lang=cy").json["total"] < THOUSANDTH else 100
    path, seen = f"/v1/moments?lang=cy&fields=slug&limit={step}", 0
    paths: dict[str, str] = {}
    while True:
        page = get(port, path).json
        seen += len(page["items"])
        link = page["links"]["next"]
        if link is None:
            return paths
        parts = urlsplit(link)
        query = {name: value[0] for name, value in parse_qs(parts.query).items() if name not in {"fields", "limit"}}
        url = f"{parts.path}?" + "&".join(f"{name}={value}" for name, value in query.items())
        paths["deepest"] = url
        if seen >= THOUSANDTH and "thousandth" not in paths:
            paths["thousandth"] = url
        path = f"{parts.path}?{parts.query}"
