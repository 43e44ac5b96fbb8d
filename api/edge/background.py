"""What goes on behind the readers' backs: steps on a thread of its own for as long as there are any."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Lock, Thread
from time import perf_counter, sleep

Step = Callable[[], None]


class BackgroundWorker(ABC):
    """Takes steps and rests between them: of its time, the worker gives to them at most one part in ``share``."""

    def __init__(self, name: str, share: int) -> None:
        self._name, self._share = name, share
        self._lock = Lock()
        self._thread: Thread | None = None

    def wait(self, seconds: float) -> None:
        """Until there is nothing left to do, or this long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def stop(self) -> None:
        """Do no more, and come back when the step is over that is being taken."""
        with self._lock:
            self._cancel()
            thread = self._thread
        if thread is not None:
            thread.join()

    @abstractmethod
    def _next(self) -> Step | None:
        """The next step, which raises nothing; None where there is none. The lock is held."""

    @abstractmethod
    def _cancel(self) -> None:
        """Have no next step. The lock is held."""

    def _begin(self) -> None:
        """See that somebody takes the steps. The lock is held."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (step := self._take()) is not None:
            started = perf_counter()
            step()
            sleep((perf_counter() - started) * (self._share - 1))

    def _take(self) -> Step | None:
        with self._lock:
            step = self._next()
            if step is None:
                self._thread = None
            return step
