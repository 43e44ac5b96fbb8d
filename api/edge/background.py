"""Background work in steps, on a thread that ends after the last step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Lock, Thread
from time import perf_counter, sleep

Step = Callable[[], None]


class BackgroundWorker(ABC):
    """A thread that runs steps and pauses between them.

    ``duty_cycle`` is the share of time in which steps run (above 0, at most 1); the thread sleeps for the rest.
    """

    def __init__(self, name: str, duty_cycle: float) -> None:
        self._name, self._duty_cycle = name, duty_cycle
        self._lock = Lock()
        self._thread: Thread | None = None

    def wait(self, seconds: float) -> None:
        """Wait until all steps are done, or until this time has passed."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def stop(self) -> None:
        """Drop all further steps, and wait until the current one is done."""
        with self._lock:
            self._cancel()
            thread = self._thread
        if thread is not None:
            thread.join()

    @abstractmethod
    def _next_step(self) -> Step | None:
        """Return the next step, or None if there is none. A step must not raise. The caller holds the lock."""

    @abstractmethod
    def _cancel(self) -> None:
        """Drop all further steps. The caller holds the lock."""

    def _start(self) -> None:
        """Start the thread unless it is running. The caller holds the lock."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (step := self._take_step()) is not None:
            started = perf_counter()
            step()
            sleep((perf_counter() - started) * (1 / self._duty_cycle - 1))

    def _take_step(self) -> Step | None:
        with self._lock:
            step = self._next_step()
            if step is None:
                self._thread = None
            return step
