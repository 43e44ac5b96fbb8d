"""What a worker remembers of releases that it read: a release never changes, so what was found in it stays true.

Names of other resources, counts and what filters lead to are asked for by nearly every answer, and are few. What is
kept is bounded, in releases and in entries, and a suppression, the one thing that reaches into a release, makes it
another one here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from api.services.publishing.snapshot import Snapshot

T = TypeVar("T")
RELEASES = 8
# Of each sort: far more than there are categories, collections and prompts to name in any content yet seen.
ENTRIES = 5_000


@dataclass(slots=True)
class CachedRelease:
    """What is known of one release; empty at first, and filled by whoever had to ask the database."""

    counts: dict[str, Any] | None = None
    # By row id, and by id; None is: not public in this release.
    names: dict[int | str, Any] = field(default_factory=dict)
    # By whatever the value was made from.
    edition_pairs: dict[Hashable, Any] = field(default_factory=dict)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value under ``key``, made once. None is not kept: what nobody has could be asked for without end."""
        value: T | None = self.edition_pairs.get(key)
        if value is None:
            value = make()
            if value is not None:
                _evict(self.edition_pairs)
                self.edition_pairs[key] = value
        return value


def _evict(entries: dict[Any, Any]) -> None:
    """Forget all where there is too much: it is found again in a few queries."""
    if len(entries) >= ENTRIES:
        entries.clear()


class ReleaseCache:
    """What is remembered of the releases read last, for all threads of a worker."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, datetime | None, int], CachedRelease] = {}
        self._lock = Lock()

    def get(self, snapshot: Snapshot) -> CachedRelease:
        """What is known of the release that ``snapshot`` reads. Not for a preview: that release is never over."""
        key = (snapshot.release, snapshot.at, snapshot.epoch.suppressions)
        with self._lock:
            held = self._held.pop(key, None) or CachedRelease()
            self._held[key] = held
            while len(self._held) > RELEASES:
                del self._held[next(iter(self._held))]
        return held
