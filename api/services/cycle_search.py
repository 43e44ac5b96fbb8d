"""Keeping Python's search for cycles out of what makes a great many objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Pause:
    """Pauses the search for as long as anybody is inside: threads may be at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._was_on = False

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside and self._was_on:
                    gc.enable()


# A large release would be searched over and over: that was a fifth of the time it took. What other threads leave
# meanwhile is found afterwards.
without_cycle_search = Pause().hold
