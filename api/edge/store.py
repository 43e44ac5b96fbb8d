"""The cached responses of one release. Their size is limited; the least recently used are evicted first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic
from typing import Any

import structlog

from api.edge.cache_key import MAX_HEADER, CacheKey
from api.edge.coding import Coding
from api.edge.entry import CacheEntry, Variant
from api.services.publishing.snapshot import Epoch

log = structlog.get_logger("eiliadau_hud")

# Path, query, Accept-Language, Accept and Accept-Encoding, as the client sent them.
RawKey = tuple[str, str, str | None, str | None, str | None]
# One entry may take an eighth of the cache. All raw requests together may take another eighth.
ENTRY_FRACTION, ALIAS_FRACTION = 8, 8
# The approximate size of a raw request without its strings, in bytes.
_ALIAS_OVERHEAD = 350
# In seconds: how long the cache reports that it is full after an eviction, and the pause between two log entries.
FULL_SECONDS, LOG_FULL_SECONDS = 60.0, 3_600.0


class CacheStore:
    """Cache entries, indexed twice: by raw request and by normalised key. Reading takes no lock.

    ``limit`` is in bytes. ``on_remove`` is called with each entry that is removed. ``epoch`` is None while the newest
    release is unknown; then the store holds nothing that depends on the database.
    """

    def __init__(self, limit: int, on_remove: Callable[[CacheEntry], None]) -> None:
        self.limit = limit
        self.epoch: Epoch | None = None
        self.by_request: dict[RawKey, Variant] = {}
        self.by_key: dict[Any, CacheEntry] = {}
        self.size = self.alias_size = 0
        self.evictions = 0
        self._evicted_at = self._logged_at = float("-inf")
        self._on_remove = on_remove
        self._lock = Lock()

    def find(self, key: CacheKey) -> CacheEntry | None:
        """Return the entry for requests with this key, or None."""
        by_key = self.by_key
        entry = by_key.get((key.path, key.query, None)) or by_key.get((key.path, key.query, key.language))
        return entry if entry is not None and entry.accepts(key.accept) else None

    def add(self, entry: CacheEntry) -> bool:
        """Store an entry, unless it is too large or of another epoch; return whether it was stored."""
        if entry.size > self.limit // ENTRY_FRACTION:
            return False
        with self._lock:
            if not self._is_current(entry):
                return False
            old = self.by_key.get(entry.store_key)
            if old is not None:
                self._subtract(old)
            self.by_key[entry.store_key] = entry
            self.size += entry.size
            if self.size + self.alias_size > self.limit:
                self._evict()
        return True

    def add_variant(self, entry: CacheEntry, coding: Coding) -> Variant:
        """Return the response of an entry in a content coding, and keep it with the entry."""
        variant = entry.encode(coding)
        with self._lock:
            entry.variants[coding], replaced = variant, entry.variants.get(coding)
            added = variant.size - (replaced.size if replaced is not None else 0)
            entry.size += added
            if self.by_key.get(entry.store_key) is entry:
                self.size += added
                if self.size + self.alias_size > self.limit:
                    self._evict()
        return variant

    def add_alias(self, raw: RawKey, variant: Variant) -> None:
        """Add a raw request as another key for a variant of an entry."""
        size = _ALIAS_OVERHEAD + sum(len(text) for text in raw if text)
        if size > _ALIAS_OVERHEAD + 3 * MAX_HEADER:
            return
        entry = variant.entry
        with self._lock:
            if self.by_key.get(entry.store_key) is not entry:
                return
            if self.alias_size + size > min(self.limit // ALIAS_FRACTION, self.limit - self.size):
                self._clear_aliases()
            if raw not in self.by_request and self.size + size <= self.limit:
                self.by_request[raw] = variant
                self.alias_size += size

    def set_epoch(self, epoch: Epoch | None) -> list[CacheEntry]:
        """Switch to another epoch. Remove and return the entries that are now outdated."""
        with self._lock:
            self.epoch = epoch
            old = self.by_key
            self.by_key = {key: entry for key, entry in old.items() if self._is_current(entry)}
            outdated = [entry for key, entry in old.items() if key not in self.by_key]
            self._clear_aliases()
            for entry in outdated:
                self._subtract(entry)
        return outdated

    def check(self) -> str:
        """Return ``ok``, or a message that the cache is full if entries were evicted lately."""
        is_full = monotonic() - self._evicted_at < FULL_SECONDS
        return "full: the least recently used responses are evicted" if is_full else "ok"

    def entries(self) -> Iterator[CacheEntry]:
        """Return an iterator over the current entries."""
        return iter(list(self.by_key.values()))

    def _is_current(self, entry: CacheEntry) -> bool:
        epoch = entry.cache_hint.epoch
        if epoch is None or epoch == self.epoch:
            return True
        return entry.cache_hint.is_fixed and self.epoch is not None and epoch.suppressions == self.epoch.suppressions

    def _evict(self) -> None:
        # Evict a tenth of the limit at once, so that only a few additions have to sort the entries.
        target = self.limit * 9 // 10
        self._clear_aliases()
        self._log_full()
        for entry in sorted(self.by_key.values(), key=lambda entry: entry.last_used):
            if self.size <= target:
                return
            del self.by_key[entry.store_key]
            self.evictions += 1
            self._subtract(entry)

    def _log_full(self) -> None:
        self._evicted_at = now = monotonic()
        if now - self._logged_at > LOG_FULL_SECONDS:
            self._logged_at = now
            log.warning("cache full", limit_bytes=self.limit, entries=len(self.by_key))

    def _subtract(self, entry: CacheEntry) -> None:
        self.size -= entry.size
        self._on_remove(entry)

    def _clear_aliases(self) -> None:
        # A new dictionary, since other threads read the old one without a lock.
        self.by_request, self.alias_size = {}, 0
