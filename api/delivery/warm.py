"""What was hot is asked for again after a release, behind the readers' backs, so that they need not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock, Thread
from time import perf_counter, sleep

import structlog

from api.delivery.entry import Entry

log = structlog.get_logger("eiliadau_hud")

# Of its time, the worker gives to this at most one part in two.
SHARE = 2


class Warmer:
    """Asks again for what was asked for most, the hottest first, on a thread of its own while there is any."""

    def __init__(self, ask: Callable[[Entry], None], most: int) -> None:
        self._ask, self._most = ask, most
        self._cold: list[Entry] = []
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self, gone: Iterable[Entry]) -> None:
        """Take up what is no longer right. What was left over from the last time stays wanted."""
        wanted = {entry.path_key: entry for entry in (*self._cold, *gone) if entry.worth}
        hottest = sorted(wanted.values(), key=lambda entry: entry.worth)
        with self._lock:
            self._cold = hottest[-self._most :] if self._most else []
            if self._cold and (self._thread is None or not self._thread.is_alive()):
                self._thread = Thread(target=self._run, name="warm", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until everything is warm, or this long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def stop(self) -> None:
        """Ask for nothing more, and come back when what is being asked for has been answered."""
        with self._lock:
            self._cold, thread = [], self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        count, began = 0, perf_counter()
        while (entry := self._take()) is not None:
            started = perf_counter()
            try:
                self._ask(entry)
            except Exception as error:  # a reader who asks for it will be told
                log.warning("not warmed", path=entry.key.path, fault=type(error).__name__)
            count += 1
            sleep((perf_counter() - started) * (SHARE - 1))
        log.info("warm", count=count, ms=round((perf_counter() - began) * 1000))

    def _take(self) -> Entry | None:
        with self._lock:
            if self._cold:
                return self._cold.pop()
            self._thread = None
            return None
