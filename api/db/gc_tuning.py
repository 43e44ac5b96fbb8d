"""Keeping Python's search for cycles away from what is old, while a great many objects are made that will be kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# More searches than anybody makes.
_NEVER = 1_000_000


class GcPause:
    """Looks through each object once, when it is new, for as long as anybody is inside: threads may be at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._usual = gc.get_threshold()

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._lock:
            if not self._inside:
                self._usual = gc.get_threshold()
                gc.set_threshold(self._usual[0], _NEVER, _NEVER)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    gc.set_threshold(*self._usual)


# A large release would be looked through over and over: that was a fifth of the time it took. With no search at all,
# what it leaves behind would be found in one at the end, and everybody else would wait for that.
young_gc_only = GcPause().hold
