"""What is counted: plain integers where readers pay, and who wants to know collects them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from api.edge.entry import Entry

# Of requests that no address takes: a client could think of as many paths as it likes.
NO_ROUTE = "none"
# A route, and the status that was answered.
CountedResponse = tuple[str, int]


class Counters:
    """How often kept answers were given; ``observe`` is told of each that the application made."""

    def __init__(self) -> None:
        self.observe: Callable[[str, str, int, float], None] | None = None
        self._left: Counter[CountedResponse] = Counter()

    def record(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """An answer of the application, and how long it took."""
        if self.observe is not None:
            self.observe(route or NO_ROUTE, method, status, seconds)

    def leave(self, entry: Entry) -> None:
        """An entry that will count no longer."""
        self._count(self._left, entry)

    def count_hits(self, entries: Iterable[Entry]) -> Counter[CountedResponse]:
        """How often kept answers were given since the start, by route and status."""
        counted = Counter(self._left)
        for entry in entries:
            self._count(counted, entry)
        return counted

    @staticmethod
    def _count(into: Counter[CountedResponse], entry: Entry) -> None:
        into[entry.route, 200] += entry.hits
        into[entry.route, 304] += entry.revalidations
