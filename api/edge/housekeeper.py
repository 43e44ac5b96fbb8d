"""What is put in order after a release, behind everybody's backs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import structlog

from api.edge.background import BackgroundWorker, Step

log = structlog.get_logger("eiliadau_hud")

# Of its time, the worker gives to this at most one part in so many.
SHARE = 4


class Housekeeper(BackgroundWorker):
    """Takes the steps of a task; asked again meanwhile, it does the task once more."""

    def __init__(self, task: Callable[[], Iterable[None]]) -> None:
        super().__init__("tidy", SHARE)
        self._task = task
        self._is_wanted = False
        self._steps: Iterator[None] | None = None

    def begin(self) -> None:
        """Do the task soon. Nobody waits for it."""
        with self._lock:
            self._is_wanted = True
            self._begin()

    def _next(self) -> Step | None:
        if self._steps is None and self._is_wanted:
            self._is_wanted, self._steps = False, iter(self._task())
        steps = self._steps
        return None if steps is None else lambda: self._step(steps)

    def _cancel(self) -> None:
        self._is_wanted, self._steps = False, None

    def _step(self, steps: Iterator[None]) -> None:
        try:
            next(steps)
        except StopIteration:
            self._steps = None
        except Exception as error:  # it can be done after the next release as well
            log.warning("not tidied", fault=type(error).__name__)
            self._steps = None
