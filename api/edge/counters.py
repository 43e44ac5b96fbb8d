"""Counts of responses. Cache hits are counted as plain integers, which is fast; ``metrics.py`` exports the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from api.edge.entry import CacheEntry

# The label of requests that match no route. A path cannot be a label, since clients can make up any path.
NO_ROUTE = "none"
# A route and the status of a response.
RouteStatus = tuple[str, int]


class Counters:
    """Counts cache hits, and passes each response of the application on to ``observe``."""

    def __init__(self) -> None:
        # A callback with these arguments: route, method, status, seconds.
        self.observe: Callable[[str, str, int, float], None] | None = None
        self._removed: Counter[RouteStatus] = Counter()

    def record(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Record a response of the application and the time it took."""
        if self.observe is not None:
            self.observe(route or NO_ROUTE, method, status, seconds)

    def retire(self, entry: CacheEntry) -> None:
        """Remember the hits of an entry that is being removed from the cache."""
        self._add_hits(self._removed, entry)

    def count_hits(self, entries: Iterable[CacheEntry]) -> Counter[RouteStatus]:
        """Return the hits since the start, of ``entries`` and of all removed entries, by route and status."""
        hits = Counter(self._removed)
        for entry in entries:
            self._add_hits(hits, entry)
        return hits

    @staticmethod
    def _add_hits(hits: Counter[RouteStatus], entry: CacheEntry) -> None:
        hits[entry.route, 200] += entry.hits
        hits[entry.route, 304] += entry.revalidations
