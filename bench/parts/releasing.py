"""Releases while people read: how long one takes, what readers feel of it, and when everybody sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from statistics import median
from typing import Any

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
from bench.generate import Drawer, read_words
from bench.measure import MeasureFailed, get_p99
from bench.parts.found import Found
from bench.stage import PartMissing, Stage

TIMES = 5
# Readers a second who come at their own pace: 86 million a day.
PACE = 1_000


class Desk:
    """Edits and publishes: the edits straight into the database, the release as a publisher asks for it."""

    def __init__(self, url: str) -> None:
        self.database = Database(Settings(database_url=url, log_level="error"))
        with self.database.writing() as session:
            made = create_token(session, make_audit_context(session, "operator", "cli"), "bench", (Role.PUBLISHER,))
        self._token = made.secret
        self._drawer = Drawer(Random("edits"), read_words())

    def edit(self, count: int) -> None:
        """A new title, in both languages, of this many moments: none of them released yet."""
        with self.database.writing() as session:
            audit = make_audit_context(session, "bench", "cli")
            query = select(Resource.key, Resource.source_language).where(Resource.kind == "moment").limit(count)
            for key, source in session.execute(query).all():
                name, language = f"moment.{key}.title", Language(source)
                # The source first, since the target is based on it.
                source_text, target_text = self._drawer.line(language, 5), self._drawer.line(language.other, 5)
                deliver_source(session, audit, open_unit(session, name, "*"), source_text, is_minor=False, comment=None)
                deliver_target(session, audit, open_unit(session, name, "*"), NewText(target_text))

    def publish(self, port: int) -> tuple[int, float]:
        """The number of the release of everything that was edited, and the milliseconds until the answer."""
        headers = {"Authorization": f"Bearer {self._token}"}
        got = send(port, "POST", "/v1/releases", {"note": "a measured release"}, headers)
        if got.status != 201:
            raise MeasureFailed(f"a release answered {got.status}: {got.body[:300]!r}")
        return int(got.json["number"]), got.ms


@contextmanager
def desk(url: str) -> Iterator[Desk]:
    found = Desk(url)
    try:
        yield found
    finally:
        found.database.close()


def measure_release(stage: Stage) -> Found:
    """The publisher's wait, and the readers' p99 during a release, and in the second after, against their usual one."""
    columns = (
        "engine", "resources", "readers", "release ms", "usual p99 ms", "p99 during it ms", "ratio",
        "p99 in the second after ms",
    )  # fmt: skip
    found = Found("A release while others read 200 addresses, cache on", columns)
    size = max(stage.sizes)
    for engine in stage.engines:
        with stage.copy(size, engine) as url, desk(url) as at, stage.service(url) as server, stage.on_client_core():
            paths = _read_paths(server.port)
            _warm_up(at, server.port, paths)
            for count in (1, 60, 6_000):
                if count <= size:
                    paced = _release_paced(stage, at, server.port, paths, count)
                    found.add(engine, count, f"{PACE:,} a second", *paced)
                    prefix = f"release.{count}" if engine == "sqlite" else f"release.{engine}.{count}"
                    found.figures |= {f"{prefix}.ms": paced[0], f"{prefix}.readers": paced[3]}
                    found.add(
                        engine, count, "4, without a pause", *_release_pressed(stage, at, server.port, paths, count)
                    )
    return found


def _warm_up(at: Desk, port: int, paths: Sequence[str]) -> None:
    """What a worker does once in its life is not measured: its first answers, and learning the words of search."""
    for path in (*paths, "/v1/search?q=teulu"):
        get(port, path)
    at.edit(1)
    at.publish(port)


def _times(stage: Stage, count: int) -> int:
    return 2 if count > 1_000 else 4 if stage.is_quick else 4 * TIMES


def _release_paced(stage: Stage, at: Desk, port: int, paths: list[str], count: int) -> Sequence[float]:
    """Under readers at their pace: median ms of the release, and of all readers of all times their p99s."""
    longest = 20 if count > 1_000 else 2
    taken: list[float] = []
    usual: list[float] = []
    during: list[float] = []
    after: list[float] = []
    for _ in range(_times(stage, count)):
        at.edit(count)
        with stage.read_steadily(port, paths, PACE, 2) as readers:
            usual += [reader.ms for reader in readers.wait()]
        with stage.read_steadily(port, paths, PACE, longest + 1.5) as readers:
            time.sleep(0.5)
            sent = time.monotonic()
            _, ms = at.publish(port)
            answered = time.monotonic()
            for reader in readers.wait():
                if sent <= reader.at <= answered:
                    during.append(reader.ms)
                elif answered < reader.at <= answered + 1:
                    after.append(reader.ms)
        if answered - sent > longest:
            raise MeasureFailed(f"a release of {count} took {ms:.0f} ms, longer than the readers who were to see it")
        taken.append(ms)
        stage.tell(f"release of {count}: {ms:.0f} ms")
    p99 = get_p99(during)
    stage.tell(f"readers’ p99 {get_p99(usual):.2f} to {p99:.2f} ms, and {get_p99(after):.2f} after it")
    return median(taken), get_p99(usual), p99, p99 / get_p99(usual), get_p99(after)


def _release_pressed(stage: Stage, at: Desk, port: int, paths: list[str], count: int) -> Sequence[Any]:
    """Under readers who ask again as soon as they are answered: the medians, with the second after in the first p99."""
    # Long enough for the release to be over within it, whatever it takes.
    load = replace(stage.load(4), seconds=20 if count > 1_000 else 2)
    taken: list[tuple[float, ...]] = []
    for _ in range(1 if count > 1_000 else _times(stage, count)):
        at.edit(count)
        usual = take_sample(port, paths, load, stage.folder)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(take_sample, port, paths, load, stage.folder)
            time.sleep(0.3)
            _, ms = at.publish(port)
            during = reading.result()
        if usual.errors or during.errors:
            raise MeasureFailed(f"{usual.errors + during.errors} readers were not answered")
        taken.append((ms, usual.p99, during.p99, during.p99 / usual.p99))
        stage.tell(f"release of {count}, pressed: {ms:.0f} ms, p99 {usual.p99:.2f} to {during.p99:.2f} ms")
    return [*(median(values) for values in zip(*taken, strict=True)), "in it"]


def _read_paths(port: int) -> list[str]:
    items = get(port, "/v1/moments?lang=cy&limit=100&fields=slug").json["items"]
    slugs = [item["slug"] for item in items][:60]
    paths = [f"/v1/moments/{slug}?lang={lang}" for slug in slugs for lang in ("cy", "en")]
    paths += [f"/v1/bilingual/moments/{slug}" for slug in slugs]
    kinds = ("moments", "categories", "prompts", "sections", "collections")
    return paths + [f"/v1/{kind}?lang={lang}" for kind in kinds for lang in ("cy", "en")] * 2


def measure_visible(stage: Stage) -> Found:
    """How long after the publisher's answer any of four workers still gives the old release."""
    found = Found("A release visible to each of four workers", ("engine", "releases", "median ms", "worst ms"))
    for engine in stage.engines:
        with stage.copy(min(stage.sizes), engine) as url, desk(url) as at, stage.service(url, workers=4) as server:
            late = [_see(at, server.port) for _ in range(5 if stage.is_quick else 20)]
        found.add(engine, len(late), median(late), max(late))
        found.figures["visible.ms" if engine == "sqlite" else f"visible.{engine}.ms"] = max(late)
    return found


def _see(at: Desk, port: int) -> float:
    """Milliseconds from the answer to the last old one; each question is a connection of its own, to any worker."""
    at.edit(1)
    seen: list[tuple[float, int]] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            begun = time.perf_counter()
            seen.append((begun, int(get(port, "/v1").json["release"])))

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(look)
        time.sleep(0.1)
        number, _ = at.publish(port)
        answered = time.perf_counter()
        time.sleep(1)
        is_over.set()
    if seen[-1][1] != number:
        raise MeasureFailed("a release is not visible after a second")
    return max(0.0, 1000 * max((at - answered for at, release in seen if release != number), default=0.0))


def measure_status(stage: Stage) -> Found:
    """The translation status, and what the first reader after a release waits for, at the largest size."""
    found = Found("At the largest size, cache off for the status", ("engine", "what", "median ms", "worst ms"))
    for engine in stage.engines:
        prefix = "status" if engine == "sqlite" else f"status.{engine}"
        with stage.copy(max(stage.sizes), engine) as url, desk(url) as at:
            with stage.service(url, cache_mb=0) as server:
                took = [_get(server.port, "/v1/translation-status") for _ in range(TIMES * 2)]
            _add(found, engine, "translation status", f"{prefix}.p50", took)
            with stage.service(url) as server:
                first: dict[str, list[float]] = {"first_list": [], "first_status": []}
                for _ in range(TIMES):
                    at.edit(1)
                    at.publish(server.port)
                    first["first_list"].append(_get(server.port, "/v1/moments?lang=cy"))
                    first["first_status"].append(_get(server.port, "/v1/translation-status"))
            for key, took in first.items():
                _add(found, engine, key.replace("_", " ") + " after a release", f"{prefix}.{key}", took)
    return found


def _add(found: Found, engine: str, what: str, key: str, took: list[float]) -> None:
    found.add(engine, what, median(took), max(took))
    found.figures[key] = median(took)


def _get(port: int, path: str) -> float:
    got: Any = get(port, path)
    if got.status != 200:
        raise PartMissing(f"{path} answered {got.status}")
    return float(got.ms)
