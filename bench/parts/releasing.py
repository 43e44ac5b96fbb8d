"""Releases under load: their time, their effect on readers, and the delay until each worker serves them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import select

from api.db.database import Database
from api.domain.language import Language
from api.domain.roles import Role
from api.models import Resource
from api.services.access.audit_log import make_audit_context
from api.services.access.tokens import create_token
from api.services.authoring.unit_actions import deliver_source, deliver_target, open_unit
from api.services.authoring.units import NewText
from api.settings import Settings
from bench.client import get, send, take_sample
from bench.generate import TextGenerator, read_words
from bench.measure import MeasurementError, percentile_99
from bench.parts.result import PartResult
from bench.stage import MissingPartError, Stage

REPEATS = 5
# Requests per second at a constant rate: 86 million a day.
PACE = 1_000


class Publisher:
    """A publisher: edits are written to the database directly, releases are requested over HTTP."""

    def __init__(self, url: str) -> None:
        self.database = Database(Settings(database_url=url, log_level="error"))
        with self.database.writing() as session:
            token = create_token(session, make_audit_context(session, "operator", "cli"), "bench", (Role.PUBLISHER,))
        self._token = token.secret
        self._generator = TextGenerator(Random("edits"), read_words())

    def edit(self, count: int) -> None:
        """Write a new title in both languages for this many moments, without releasing them."""
        with self.database.writing() as session:
            audit = make_audit_context(session, "bench", "cli")
            query = select(Resource.key, Resource.source_language).where(Resource.kind == "moment").limit(count)
            for key, source in session.execute(query).all():
                name, language = f"moment.{key}.title", Language(source)
                # The source comes first, since the translation is based on it.
                source_text, target_text = self._generator.line(language, 5), self._generator.line(language.other, 5)
                deliver_source(session, audit, open_unit(session, name, "*"), source_text, is_minor=False, comment=None)
                deliver_target(session, audit, open_unit(session, name, "*"), NewText(target_text))

    def publish(self, port: int) -> tuple[int, float]:
        """Release all edits; return the number of the release and the milliseconds until the response."""
        headers = {"Authorization": f"Bearer {self._token}"}
        response = send(port, "POST", "/v1/releases", {"note": "a measured release"}, headers)
        if response.status != 201:
            raise MeasurementError(f"a release returned {response.status}: {response.body[:300]!r}")
        return int(response.json["number"]), response.ms


class PacedRelease(NamedTuple):
    """Times in ms: the median time of a release, and the 99th percentile of requests before, during and after it."""

    ms: float
    usual_p99: float
    p99: float
    ratio: float
    p99_after: float


@contextmanager
def open_publisher(url: str) -> Iterator[Publisher]:
    publisher = Publisher(url)
    try:
        yield publisher
    finally:
        publisher.database.close()


def measure_release(stage: Stage) -> PartResult:
    """Measure the time of a release, and the readers' p99 before, during and in the second after the release."""
    columns = (
        "engine", "resources", "readers", "release ms", "usual p99 ms", "p99 during it ms", "ratio",
        "p99 in the second after ms",
    )  # fmt: skip
    result = PartResult("A release while others read 200 URLs, cache on", columns)
    size = max(stage.sizes)
    for engine in stage.engines:
        with (
            stage.copy(size, engine) as url,
            open_publisher(url) as publisher,
            stage.service(url) as server,
            stage.on_client_core(),
        ):
            paths = _read_paths(server.port)
            _warm_up(publisher, server.port, paths)
            for count in (1, 60, 6_000):
                if count <= size:
                    paced = _release_paced(stage, publisher, server.port, paths, count)
                    result.add(engine, count, f"{PACE:,} per second", *paced)
                    prefix = f"release.{count}" if engine == "sqlite" else f"release.{engine}.{count}"
                    result.figures |= {f"{prefix}.ms": paced.ms, f"{prefix}.readers": paced.ratio}
                    result.add(
                        engine,
                        count,
                        "4 clients, without pauses",
                        *_release_under_load(stage, publisher, server.port, paths, count),
                    )
    return result


def _warm_up(publisher: Publisher, port: int, paths: Sequence[str]) -> None:
    """Make the worker do its one-time work: the first responses, and reading the vocabulary of the search."""
    for path in (*paths, "/v1/search?q=teulu"):
        get(port, path)
    publisher.edit(1)
    publisher.publish(port)


def _repeats(stage: Stage, count: int) -> int:
    return 2 if count > 1_000 else 4 if stage.is_quick else 4 * REPEATS


def _release_paced(stage: Stage, publisher: Publisher, port: int, paths: list[str], count: int) -> PacedRelease:
    """Measure releases while requests arrive at a constant rate. Each p99 is over the requests of all releases."""
    longest = 20 if count > 1_000 else 2
    times: list[float] = []
    usual: list[float] = []
    during: list[float] = []
    after: list[float] = []
    for _ in range(_repeats(stage, count)):
        publisher.edit(count)
        with stage.read_steadily(port, paths, PACE, 2) as readers:
            usual += [response.ms for response in readers.wait()]
        with stage.read_steadily(port, paths, PACE, longest + 1.5) as readers:
            time.sleep(0.5)
            sent = time.monotonic()
            _, ms = publisher.publish(port)
            finished = time.monotonic()
            for response in readers.wait():
                if sent <= response.at <= finished:
                    during.append(response.ms)
                elif finished < response.at <= finished + 1:
                    after.append(response.ms)
        if finished - sent > longest:
            raise MeasurementError(f"a release of {count} took {ms:.0f} ms, longer than the readers were reading")
        times.append(ms)
        stage.report(f"release of {count}: {ms:.0f} ms")
    p99 = percentile_99(during)
    stage.report(f"readers’ p99 {percentile_99(usual):.2f} to {p99:.2f} ms, and {percentile_99(after):.2f} after it")
    return PacedRelease(median(times), percentile_99(usual), p99, p99 / percentile_99(usual), percentile_99(after))


def _release_under_load(stage: Stage, publisher: Publisher, port: int, paths: list[str], count: int) -> Sequence[Any]:
    """Measure releases while clients send requests without pauses, and return the medians.

    The p99 also covers the time after a release.
    """
    # The load must last longer than any release.
    load = replace(stage.load(4), seconds=20 if count > 1_000 else 2)
    samples: list[tuple[float, ...]] = []
    for _ in range(1 if count > 1_000 else _repeats(stage, count)):
        publisher.edit(count)
        usual = take_sample(port, paths, load, stage.folder)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(take_sample, port, paths, load, stage.folder)
            time.sleep(0.3)
            _, ms = publisher.publish(port)
            during = reading.result()
        if usual.errors or during.errors:
            raise MeasurementError(f"{usual.errors + during.errors} requests failed")
        samples.append((ms, usual.p99, during.p99, during.p99 / usual.p99))
        stage.report(f"release of {count}, without pauses: {ms:.0f} ms, p99 {usual.p99:.2f} to {during.p99:.2f} ms")
    return [*(median(values) for values in zip(*samples, strict=True)), "included"]


def _read_paths(port: int) -> list[str]:
    items = get(port, "/v1/moments?lang=cy&limit=100&fields=slug").json["items"]
    slugs = [item["slug"] for item in items][:60]
    paths = [f"/v1/moments/{slug}?lang={lang}" for slug in slugs for lang in ("cy", "en")]
    paths += [f"/v1/bilingual/moments/{slug}" for slug in slugs]
    kinds = ("moments", "categories", "prompts", "sections", "collections")
    return paths + [f"/v1/{kind}?lang={lang}" for kind in kinds for lang in ("cy", "en")] * 2


def measure_visible(stage: Stage) -> PartResult:
    """Measure for how long after a release any of four workers still serves the previous release."""
    result = PartResult("A release visible to each of four workers", ("engine", "releases", "median ms", "worst ms"))
    for engine in stage.engines:
        with (
            stage.copy(min(stage.sizes), engine) as url,
            open_publisher(url) as publisher,
            stage.service(url, workers=4) as server,
        ):
            delays = [_measure_delay(publisher, server.port) for _ in range(5 if stage.is_quick else 20)]
        result.add(engine, len(delays), median(delays), max(delays))
        result.figures["visible.ms" if engine == "sqlite" else f"visible.{engine}.ms"] = max(delays)
    return result


def _measure_delay(publisher: Publisher, port: int) -> float:
    """Return the milliseconds from the end of a release to the last request that got an old response.

    Each request uses a new connection, which any worker may accept.
    """
    publisher.edit(1)
    seen: list[tuple[float, int]] = []
    is_over = threading.Event()

    def poll() -> None:
        while not is_over.is_set():
            started = time.perf_counter()
            seen.append((started, int(get(port, "/v1").json["release"])))

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(poll)
        time.sleep(0.1)
        number, _ = publisher.publish(port)
        finished = time.perf_counter()
        time.sleep(1)
        is_over.set()
    if seen[-1][1] != number:
        raise MeasurementError("a release is not visible after a second")
    return max(0.0, 1000 * max((started - finished for started, release in seen if release != number), default=0.0))


def measure_status(stage: Stage) -> PartResult:
    """Measure the times of the translation status and of the first responses after a release, at the largest size."""
    result = PartResult("At the largest size, cache off for the status", ("engine", "what", "median ms", "worst ms"))
    for engine in stage.engines:
        prefix = "status" if engine == "sqlite" else f"status.{engine}"
        with stage.copy(max(stage.sizes), engine) as url, open_publisher(url) as publisher:
            with stage.service(url, cache_mb=0) as server:
                times = [_time_get(server.port, "/v1/translation-status") for _ in range(REPEATS * 2)]
            _add(result, engine, "translation status", f"{prefix}.p50", times)
            with stage.service(url) as server:
                first: dict[str, list[float]] = {"first_list": [], "first_status": []}
                for _ in range(REPEATS):
                    publisher.edit(1)
                    publisher.publish(server.port)
                    first["first_list"].append(_time_get(server.port, "/v1/moments?lang=cy"))
                    first["first_status"].append(_time_get(server.port, "/v1/translation-status"))
            for key, times in first.items():
                _add(result, engine, key.replace("_", " ") + " after a release", f"{prefix}.{key}", times)
    return result


def _add(result: PartResult, engine: str, what: str, key: str, times: list[float]) -> None:
    result.add(engine, what, median(times), max(times))
    result.figures[key] = median(times)


def _time_get(port: int, path: str) -> float:
    response: Any = get(port, path)
    if response.status != 200:
        raise MissingPartError(f"{path} returned {response.status}")
    return float(response.ms)
