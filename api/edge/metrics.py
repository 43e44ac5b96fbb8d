"""The figures for Prometheus, of all workers together, on an address of their own.

prometheus_client's multiprocess mode keeps each worker's figures in files of its own; the first worker to take the
address answers for all, and the next takes it when that one ends.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

import structlog

from api.edge.counters import CountedResponse
from api.edge.middleware import CacheMiddleware
from api.http.context import ServiceContext
from api.services.authoring.unit_queue import QueueFilters, count_units
from api.settings import FIGURES, find_metrics_directory

log = structlog.get_logger("eiliadau_hud")

# Seconds between two looks at the counts of hits, and for which the sizes of the queue are good.
FLUSH, QUEUE = 1.0, 30.0
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PID = re.compile(r"_(\d+)\.db$")


class Metrics:
    """One worker's figures, and the address at which all workers' are read."""

    def __init__(self, front: CacheMiddleware, context: ServiceContext) -> None:
        directory = find_metrics_directory(context.settings.metrics_port)
        directory.mkdir(parents=True, exist_ok=True)
        # It decides when it is imported how it counts; without this address it is not imported at all.
        os.environ[FIGURES] = str(directory)
        import prometheus_client  # noqa: PLC0415
        from prometheus_client import multiprocess  # noqa: PLC0415

        self._client: Any = prometheus_client
        self._multiprocess: Any = multiprocess
        self._front, self._service, self._directory = front, context, directory
        self._flushed: Counter[CountedResponse] = Counter()
        self._evictions = 0
        self._queue: dict[str, int] = {}
        self._queue_at = float("-inf")
        self._lock = Lock()
        self._registry = prometheus_client.CollectorRegistry()
        self._make()
        front.figures.observe = self._observe

    def _make(self) -> None:
        client, registry = self._client, self._registry
        own: dict[str, Any] = {"registry": None}
        self._requests = client.Counter(
            "eiliadau_requests_total", "Answers, by what made them.", ("route", "method", "status", "source"), **own
        )
        self._seconds = client.Histogram(
            "eiliadau_request_seconds", "How long the application took; a kept answer takes microseconds.",
            ("route",), buckets=_BUCKETS, **own,
        )  # fmt: skip
        self._out = client.Counter("eiliadau_cache_evictions_total", "Kept answers that gave way to others.", **own)
        gauges = (
            ("release", "livemin", "The newest release that a worker knows; the lowest of all workers."),
            ("database_up", "livemin", "1 while every worker reaches the database that it reads."),
            ("cache_entries", "livesum", "Kept answers."),
            ("cache_bytes", "livesum", "What they weigh."),
            ("cache_limit_bytes", "livesum", "What they may weigh."),
        )
        self._gauges = {
            name: client.Gauge(f"eiliadau_{name}", text, multiprocess_mode=mode, **own) for name, mode, text in gauges
        }
        registry.register(self)
        self._multiprocess.MultiProcessCollector(registry, path=str(self._directory))

    def start(self) -> None:
        """Collect from now on, and answer on the address if no other worker does."""
        Thread(target=self._run, name="metrics", daemon=True).start()

    def _run(self) -> None:
        settings = self._service.settings
        server = None
        while True:
            if server is None:
                try:
                    server = self._client.start_http_server(
                        settings.metrics_port, settings.metrics_host, self._registry
                    )
                    log.info("metrics", host=settings.metrics_host, port=settings.metrics_port)
                except OSError:
                    pass  # another worker answers; when it ends, one of the others will
            try:
                self.flush()
            except Exception as error:  # figures are not worth a worker
                log.warning("metrics not written", fault=type(error).__name__)
            sleep(FLUSH)

    def flush(self) -> None:
        """Hand on what was counted since the last time."""
        store, watch = self._front.store, self._front.watch
        # A worker that nobody has asked anything yet would know of no release, and say 0 for all of them.
        epoch = watch.current(monotonic())
        with self._lock:
            counted = self._front.figures.count_hits(store.entries())
            for (route, status), hits in counted.items():
                more = hits - self._flushed[route, status]
                if more > 0:
                    self._requests.labels(route, "GET", str(status), "cache").inc(more)
                    self._flushed[route, status] = hits
            self._out.inc(max(store.evictions - self._evictions, 0))
            self._evictions = store.evictions
            values = {
                "release": epoch.release if epoch else 0,
                "database_up": watch.fault is None,
                "cache_entries": len(store.by_key),
                "cache_bytes": store.size + store.alias_size,
                "cache_limit_bytes": store.limit,
            }
            for name, value in values.items():
                self._gauges[name].set(value)

    def _observe(self, route: str, method: str, status: int, seconds: float) -> None:
        # Methods are the client's to make up.
        known = method if method in {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} else "other"
        self._requests.labels(route, known, str(status), "application").inc()
        self._seconds.labels(route).observe(seconds)

    def collect(self) -> Iterator[Any]:
        """What is asked for only when somebody reads the figures: the last counts, and the sizes of the queue."""
        self.flush()
        self._bury()
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        units = GaugeMetricFamily("eiliadau_units", "Units in the queue, by what they are.", labels=("is",))
        for name, count in self._count_queue().items():
            units.add_metric((name,), count)
        yield units

    def describe(self) -> list[Any]:
        """Nothing: what the queue is called need not be known before it is counted."""
        return []

    def _count_queue(self) -> dict[str, int]:
        now = monotonic()
        if now - self._queue_at > QUEUE:
            self._queue_at = now
            try:
                with self._service.database.reading() as session:
                    self._queue = count_units(session, QueueFilters())
            except Exception as error:  # an old size says more than no figures at all
                log.warning("queue not counted", fault=type(error).__name__)
        return self._queue

    def _bury(self) -> None:
        """What a worker that has ended says of now is said no longer; what it counted stays counted."""
        for file in self._directory.glob("gauge_live*.db"):
            found = _PID.search(file.name)
            if found is not None and not Path(f"/proc/{found[1]}").exists() and Path("/proc").exists():
                self._multiprocess.mark_process_dead(int(found[1]), path=str(self._directory))
