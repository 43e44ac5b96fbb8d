"""What was hot is asked for again after a release, behind the readers' backs, so that they need not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter

import structlog

from api.edge.background import BackgroundWorker, Step
from api.edge.entry import Entry

log = structlog.get_logger("eiliadau_hud")

# Of its time, the worker gives to this at most one part in two.
SHARE = 2


class Warmer(BackgroundWorker):
    """Asks again for what was asked for most, the hottest first."""

    def __init__(self, ask: Callable[[Entry], None], most: int) -> None:
        super().__init__("warm", SHARE)
        self._ask_again, self._most = ask, most
        self._cold: list[Entry] = []
        # How many were asked for since when.
        self._count, self._began = 0, 0.0

    def begin(self, gone: Iterable[Entry]) -> None:
        """Take up what is no longer right. What was left over from the last time stays wanted."""
        wanted = {entry.path_key: entry for entry in (*self._cold, *gone) if entry.popularity}
        hottest = sorted(wanted.values(), key=lambda entry: entry.popularity)
        with self._lock:
            self._cold = hottest[-self._most :] if self._most else []
            if self._cold:
                self._begin()

    def _next(self) -> Step | None:
        if not self._cold:
            if self._count:
                log.info("warm", count=self._count, ms=round((perf_counter() - self._began) * 1000))
            self._count = 0
            return None
        if not self._count:
            self._began = perf_counter()
        self._count += 1
        entry = self._cold.pop()
        return lambda: self._warm(entry)

    def _cancel(self) -> None:
        self._cold = []

    def _warm(self, entry: Entry) -> None:
        try:
            self._ask_again(entry)
        except Exception as error:  # a reader who asks for it will be told
            log.warning("not warmed", path=entry.key.path, fault=type(error).__name__)
