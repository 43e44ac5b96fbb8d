"""What is put in order after a release, on a thread of its own and behind everybody's backs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock, Thread
from time import perf_counter, sleep

import structlog

log = structlog.get_logger("eiliadau_hud")

# Of its time, the worker gives to this at most one part in so many.
SHARE = 4


class Housekeeper:
    """Takes the steps of a task, resting between them; asked again meanwhile, it does the task once more."""

    def __init__(self, task: Callable[[], Iterable[None]]) -> None:
        self._task = task
        self._is_wanted = self._is_over = False
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Do the task soon. Nobody waits for it."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None:
                self._thread = Thread(target=self._run, name="tidy", daemon=True)
                self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until all is in order, or this long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def stop(self) -> None:
        """Do no more, and come back when the step is over that is being taken."""
        with self._lock:
            self._is_over, thread = True, self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while self._take():
            started = perf_counter()
            try:
                for _ in self._task():
                    sleep((perf_counter() - started) * (SHARE - 1))
                    started = perf_counter()
                    if self._is_over:
                        return
            except Exception as error:  # it can be done after the next release as well
                log.warning("not tidied", fault=type(error).__name__)

    def _take(self) -> bool:
        with self._lock:
            is_wanted, self._is_wanted = self._is_wanted and not self._is_over, False
            if not is_wanted:
                self._thread = None
            return is_wanted
