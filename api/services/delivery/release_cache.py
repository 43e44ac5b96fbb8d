"""A cache of values that workers read from releases: names, counts, and the row ids of filters.

A release never changes, so its cached values stay valid. The one exception is a suppression, so the number of
suppressions is part of the cache key. The numbers of cached releases and of entries are limited.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from api.services.publishing.snapshot import Snapshot

T = TypeVar("T")
MAX_RELEASES = 8
# The maximum size of ``names`` and of ``values``. It far exceeds the current number of categories, collections and
# prompts.
MAX_CACHE_ENTRIES = 5_000


@dataclass(slots=True)
class CachedRelease:
    """The cached values of one release."""

    counts: dict[str, Any] | None = None
    # Names by row id and by id. The name of a resource that is not public in this release is None.
    names: dict[int | str, Any] = field(default_factory=dict)
    values: dict[Hashable, Any] = field(default_factory=dict)

    def get_or_compute(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the cached value of ``key``, or compute and cache it.

        None is not cached, so that requests for unknown values cannot fill the cache.
        """
        value: T | None = self.values.get(key)
        if value is None:
            value = compute()
            if value is not None:
                _limit(self.values)
                self.values[key] = value
        return value

    def add_names(self, names: Mapping[int | str, Any]) -> None:
        """Cache these names."""
        _limit(self.names)
        self.names.update(names)


def _limit(entries: dict[Any, Any]) -> None:
    """Clear the dictionary if it is full. A few queries are enough to read the values in use again."""
    if len(entries) >= MAX_CACHE_ENTRIES:
        entries.clear()


class ReleaseCache:
    """The cached values of the releases that a worker read most recently, shared by the threads of the worker."""

    def __init__(self) -> None:
        self._releases: dict[tuple[int, datetime | None, int], CachedRelease] = {}
        self._lock = Lock()

    def get(self, snapshot: Snapshot) -> CachedRelease:
        """Return the cached values of the release of ``snapshot``.

        Do not use them for previews, whose content still changes.
        """
        key = (snapshot.release, snapshot.at, snapshot.epoch.suppressions)
        with self._lock:
            release = self._releases.pop(key, None) or CachedRelease()
            self._releases[key] = release
            while len(self._releases) > MAX_RELEASES:
                del self._releases[next(iter(self._releases))]
        return release
