"""Exports the metrics of all workers to Prometheus, on a separate port.

In prometheus_client's multiprocess mode each worker writes its metrics to its own files. The first worker that gets the
port serves the metrics of all workers. When that worker ends, another one takes over.
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

from api.edge.counters import RouteStatus
from api.edge.middleware import CacheMiddleware
from api.http.context import ServiceContext
from api.services.authoring.unit_queue import QueueFilters, count_units
from api.settings import METRICS_DIRECTORY_VARIABLE, find_metrics_directory

log = structlog.get_logger("eiliadau_hud")

# In seconds: the time between two exports of the hits, and the time for which the size of the queue is cached.
FLUSH_SECONDS, QUEUE_SECONDS = 1.0, 30.0
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PID = re.compile(r"_(\d+)\.db$")


class Metrics:
    """The metrics of one worker, and the server that exports the metrics of all workers."""

    def __init__(self, middleware: CacheMiddleware, context: ServiceContext) -> None:
        directory = find_metrics_directory(context.settings.metrics_port)
        directory.mkdir(parents=True, exist_ok=True)
        # prometheus_client reads this variable when it is imported.
        os.environ[METRICS_DIRECTORY_VARIABLE] = str(directory)
        import prometheus_client  # noqa: PLC0415
        from prometheus_client import multiprocess  # noqa: PLC0415

        self._client: Any = prometheus_client
        self._multiprocess: Any = multiprocess
        self._middleware, self._context, self._directory = middleware, context, directory
        self._flushed: Counter[RouteStatus] = Counter()
        self._evictions = 0
        self._queue: dict[str, int] = {}
        self._queue_at = float("-inf")
        self._lock = Lock()
        self._registry = prometheus_client.CollectorRegistry()
        self._register_metrics()
        middleware.counters.observe = self._observe

    def _register_metrics(self) -> None:
        client, registry = self._client, self._registry
        own: dict[str, Any] = {"registry": None}
        self._requests = client.Counter(
            "eiliadau_requests_total", "Responses, by their source.", ("route", "method", "status", "source"), **own
        )
        self._seconds = client.Histogram(
            "eiliadau_request_seconds", "Seconds that the application took; cached responses are not included.",
            ("route",), buckets=_BUCKETS, **own,
        )  # fmt: skip
        self._evicted = client.Counter("eiliadau_cache_evictions_total", "Cached responses that were evicted.", **own)
        gauges = (
            ("release", "livemin", "The newest release known to a worker; the lowest of all workers."),
            ("database_up", "livemin", "0 while a worker cannot reach the database that it reads."),
            ("cache_entries", "livesum", "Cached responses."),
            ("cache_bytes", "livesum", "Bytes used by cached responses."),
            ("cache_limit_bytes", "livesum", "Bytes that cached responses may use."),
        )
        self._gauges = {
            name: client.Gauge(f"eiliadau_{name}", text, multiprocess_mode=mode, **own) for name, mode, text in gauges
        }
        registry.register(self)
        self._multiprocess.MultiProcessCollector(registry, path=str(self._directory))

    def start(self) -> None:
        """Start the thread that exports the counts, and that serves the metrics if no other worker does."""
        Thread(target=self._run, name="metrics", daemon=True).start()

    def _run(self) -> None:
        settings = self._context.settings
        server = None
        while True:
            if server is None:
                try:
                    server = self._client.start_http_server(
                        settings.metrics_port, settings.metrics_host, self._registry
                    )
                    log.info("serving metrics", host=settings.metrics_host, port=settings.metrics_port)
                except OSError:
                    pass  # another worker has the port: try again later, since that worker may end
            try:
                self.flush()
            except Exception as error:  # responses matter more than metrics
                log.warning("metrics not written", error=type(error).__name__)
            sleep(FLUSH_SECONDS)

    def flush(self) -> None:
        """Export the counts since the last export."""
        store, watcher = self._middleware.store, self._middleware.watcher
        # Poll the database if needed: otherwise a worker that has had no requests would report release 0.
        epoch = watcher.current(monotonic())
        with self._lock:
            hits_by_route = self._middleware.counters.count_hits(store.entries())
            for (route, status), hits in hits_by_route.items():
                new_hits = hits - self._flushed[route, status]
                if new_hits > 0:
                    self._requests.labels(route, "GET", str(status), "cache").inc(new_hits)
                    self._flushed[route, status] = hits
            self._evicted.inc(max(store.evictions - self._evictions, 0))
            self._evictions = store.evictions
            values = {
                "release": epoch.release if epoch else 0,
                "database_up": watcher.error is None,
                "cache_entries": len(store.by_key),
                "cache_bytes": store.size + store.alias_size,
                "cache_limit_bytes": store.limit,
            }
            for name, value in values.items():
                self._gauges[name].set(value)

    def _observe(self, route: str, method: str, status: int, seconds: float) -> None:
        # A client may send any method, but the number of labels must stay small.
        label = method if method in {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} else "other"
        self._requests.labels(route, label, str(status), "application").inc()
        self._seconds.labels(route).observe(seconds)

    def collect(self) -> Iterator[Any]:
        """Yield the size of the queue, after exporting the last counts. Called by the registry at each scrape."""
        self.flush()
        self._drop_dead_workers()
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        units = GaugeMetricFamily("eiliadau_units", "Units in the queue, by state.", labels=("is",))
        for name, count in self._count_queue().items():
            units.add_metric((name,), count)
        yield units

    def describe(self) -> list[Any]:
        """Return no metrics, so that the registry does not call ``collect`` at registration."""
        return []

    def _count_queue(self) -> dict[str, int]:
        now = monotonic()
        if now - self._queue_at > QUEUE_SECONDS:
            self._queue_at = now
            try:
                with self._context.database.reading() as session:
                    self._queue = count_units(session, QueueFilters())
            except Exception as error:  # export the last count rather than no metrics
                log.warning("queue not counted", error=type(error).__name__)
        return self._queue

    def _drop_dead_workers(self) -> None:
        """Drop the gauges of dead workers; keep their counters."""
        for file in self._directory.glob("gauge_live*.db"):
            match = _PID.search(file.name)
            if match is not None and not Path(f"/proc/{match[1]}").exists() and Path("/proc").exists():
                self._multiprocess.mark_process_dead(int(match[1]), path=str(self._directory))
