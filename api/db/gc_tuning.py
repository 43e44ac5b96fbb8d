"""Limits on garbage collection while many long-lived objects are created."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# A threshold that is never reached.
_NEVER = 1_000_000


class YoungGenerationOnly:
    """Limits garbage collection to the youngest generation while any thread is inside ``hold``."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._depth = 0
        self._thresholds = gc.get_threshold()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Limit garbage collection until the context ends. Contexts may be nested, and may overlap."""
        with self._lock:
            if not self._depth:
                self._thresholds = gc.get_threshold()
                gc.set_threshold(self._thresholds[0], _NEVER, _NEVER)
            self._depth += 1
        try:
            yield
        finally:
            with self._lock:
                self._depth -= 1
                if not self._depth:
                    gc.set_threshold(*self._thresholds)


# Full collections took a fifth of the time of a large release. With garbage collection off, all garbage of the release
# would be collected at once at the end, and block all other threads.
young_gc_only = YoungGenerationOnly().hold
