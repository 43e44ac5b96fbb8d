"""Warms the cache after a release: requests the most popular responses again in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter

import structlog

from api.edge.background import BackgroundWorker, Step
from api.edge.entry import CacheEntry

log = structlog.get_logger("eiliadau_hud")


class Warmer(BackgroundWorker):
    """Refreshes up to ``limit`` outdated entries, the most popular first. Half of the time is spent in pauses."""

    def __init__(self, refresh: Callable[[CacheEntry], None], limit: int) -> None:
        super().__init__("warmer", duty_cycle=1 / 2)
        self._refresh, self._limit = refresh, limit
        # The entries to refresh; the most popular is the last.
        self._queue: list[CacheEntry] = []
        # For the log: the number of entries in this round so far, and the time at which the round started.
        self._count, self._started_at = 0, 0.0

    def schedule(self, outdated: Iterable[CacheEntry]) -> None:
        """Refresh these entries, and the entries that are left from the last round."""
        entries = {entry.store_key: entry for entry in (*self._queue, *outdated) if entry.popularity}
        by_popularity = sorted(entries.values(), key=lambda entry: entry.popularity)
        with self._lock:
            self._queue = by_popularity[-self._limit :] if self._limit else []
            if self._queue:
                self._start()

    def _next_step(self) -> Step | None:
        if not self._queue:
            if self._count:
                log.info("cache warmed", count=self._count, ms=round((perf_counter() - self._started_at) * 1000))
            self._count = 0
            return None
        if not self._count:
            self._started_at = perf_counter()
        self._count += 1
        entry = self._queue.pop()
        return lambda: self._warm(entry)

    def _cancel(self) -> None:
        self._queue = []

    def _warm(self, entry: CacheEntry) -> None:
        try:
            self._refresh(entry)
        except Exception as error:  # the next request for this entry reports the error
            log.warning("not warmed", path=entry.key.path, error=type(error).__name__)
