"""The kept answers of one epoch, bounded in bytes, the least recently used out first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic
from typing import Any

import structlog

from api.edge.cache_key import MAX_HEADER, CacheKey
from api.edge.entry import Entry
from api.services.publishing.snapshot import Epoch

log = structlog.get_logger("eiliadau_hud")

# A request as it came: path, query, Accept-Language, Accept.
RawRequest = tuple[str, str, str | None, str | None]
# Of the bytes, how many parts may go to one answer, and to requests as they came.
LARGEST, ALIASES = 8, 8
# What such a request weighs beside its texts.
_ALIAS_OVERHEAD = 350
# Seconds after an answer gave way for which the cache is said to be full, and between two lines in the log that say so.
FULL, TELL_AGAIN = 60.0, 3_600.0


class Store:
    """Two dictionaries: requests as they came lead to entries, and so do their keys. Read without a lock.

    ``epoch`` is None as long as it is not known what the database has: then nothing of it is here.
    """

    def __init__(self, limit: int, on_leave: Callable[[Entry], None]) -> None:
        self.limit = limit
        self.epoch: Epoch | None = None
        self.by_request: dict[RawRequest, Entry] = {}
        self.by_key: dict[Any, Entry] = {}
        self.size = self.alias_size = 0
        self.evictions = 0
        self._evicted_at = self._told_at = float("-inf")
        self._on_leave = on_leave
        self._lock = Lock()

    def find(self, key: CacheKey) -> Entry | None:
        """The kept answer to requests with this key."""
        kept = self.by_key
        entry = kept.get((key.path, key.query, None)) or kept.get((key.path, key.query, key.language))
        return entry if entry is not None and entry.accepts(key.accept) else None

    def add(self, entry: Entry) -> bool:
        """Keep an answer, if it is of this epoch and not too large."""
        if entry.size > self.limit // LARGEST:
            return False
        with self._lock:
            if not self._is_current(entry):
                return False
            old = self.by_key.get(entry.path_key)
            if old is not None:
                self._leave(old)
            self.by_key[entry.path_key] = entry
            self.size += entry.size
            if self.size + self.alias_size > self.limit:
                self._evict()
        return True

    def alias(self, raw: RawRequest, entry: Entry) -> None:
        """Remember which entry a request as it came leads to."""
        size = _ALIAS_OVERHEAD + sum(len(text) for text in raw if text)
        if size > _ALIAS_OVERHEAD + 3 * MAX_HEADER:
            return
        with self._lock:
            if self.by_key.get(entry.path_key) is not entry:
                return
            if self.alias_size + size > min(self.limit // ALIASES, self.limit - self.size):
                self._forget_aliases()
            if raw not in self.by_request and self.size + size <= self.limit:
                self.by_request[raw] = entry
                self.alias_size += size

    def set_epoch(self, epoch: Epoch | None) -> list[Entry]:
        """Go over to another epoch; gives the entries that are right no longer."""
        with self._lock:
            self.epoch = epoch
            old = self.by_key
            self.by_key = {key: entry for key, entry in old.items() if self._is_current(entry)}
            gone = [entry for key, entry in old.items() if key not in self.by_key]
            self._forget_aliases()
            for entry in gone:
                self._leave(entry)
        return gone

    def check(self) -> str:
        """``ok``, or that answers which were asked for lately give way to others."""
        is_full = monotonic() - self._evicted_at < FULL
        return "full: what was used least gives way, and is made again when it is asked for" if is_full else "ok"

    def entries(self) -> Iterator[Entry]:
        """All entries of this moment."""
        return iter(list(self.by_key.values()))

    def _is_current(self, entry: Entry) -> bool:
        made = entry.kept.epoch
        if made is None or made == self.epoch:
            return True
        return entry.kept.is_fixed and self.epoch is not None and made.suppressions == self.epoch.suppressions

    def _evict(self) -> None:
        # A tenth at a time, so that the sorting is paid for by many.
        target = self.limit * 9 // 10
        self._forget_aliases()
        self._log_full()
        for entry in sorted(self.by_key.values(), key=lambda entry: entry.used):
            if self.size <= target:
                return
            del self.by_key[entry.path_key]
            self.evictions += 1
            self._leave(entry)

    def _log_full(self) -> None:
        self._evicted_at = now = monotonic()
        if now - self._told_at > TELL_AGAIN:
            self._told_at = now
            log.warning("cache full", limit_bytes=self.limit, entries=len(self.by_key))

    def _leave(self, entry: Entry) -> None:
        self.size -= entry.size
        self._on_leave(entry)

    def _forget_aliases(self) -> None:
        # A new dictionary: whoever reads the old one at this moment is answered as of this moment.
        self.by_request, self.alias_size = {}, 0
