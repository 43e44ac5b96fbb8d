"""Runs the compaction of the database in the background after each release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import structlog

from api.edge.background import BackgroundWorker, Step

log = structlog.get_logger("eiliadau_hud")


class Housekeeper(BackgroundWorker):
    """Runs a task step by step. The pause after each step is three times as long as the step.

    If the task is scheduled while it runs, it runs once more afterwards.
    """

    def __init__(self, task: Callable[[], Iterable[None]]) -> None:
        super().__init__("housekeeper", duty_cycle=1 / 4)
        self._task = task
        self._is_scheduled = False
        self._steps: Iterator[None] | None = None

    def schedule(self) -> None:
        """Run the task soon, without waiting for it."""
        with self._lock:
            self._is_scheduled = True
            self._start()

    def _next_step(self) -> Step | None:
        if self._steps is None and self._is_scheduled:
            self._is_scheduled, self._steps = False, iter(self._task())
        steps = self._steps
        return None if steps is None else lambda: self._run_step(steps)

    def _cancel(self) -> None:
        self._is_scheduled, self._steps = False, None

    def _run_step(self, steps: Iterator[None]) -> None:
        try:
            next(steps)
        except StopIteration:
            self._steps = None
        except Exception as error:  # the next release schedules it again
            log.warning("not compacted", error=type(error).__name__)
            self._steps = None
