"""Which release is the newest: asked at most so often, by one thread at a time, and only while somebody reads."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

import structlog

from api.services.publishing.snapshot import Epoch

log = structlog.get_logger("eiliadau_hud")

# Seconds until a database that did not answer is asked again, and for which anybody waits for another's question.
RETRY, PATIENCE = 1.0, 0.25


class ReleaseWatcher:
    """Asks for the epoch when it is due, and says when it is another one. Times are seconds."""

    def __init__(
        self, ask: Callable[[], Epoch], on_change: Callable[[Epoch | None], None], interval: float, stale: float
    ) -> None:
        self._ask, self._on_change = ask, on_change
        self._interval, self._stale = interval, stale
        self._asking = Lock()
        self._asked_at = self._confirmed_at = float("-inf")
        # The newest release that is known of; None before the first answer, and when what is known is too old.
        self.epoch: Epoch | None = None
        # When to ask next. The one thing that every request looks at; infinity is: not for a request.
        self.next_poll = float("-inf")
        # What keeps us from the database; None for nothing.
        self.fault: str | None = None

    def poll(self, now: float) -> None:
        """Ask, unless another thread does. Who finds one at it waits only where what is known is old."""
        if not self._asking.acquire(blocking=False):
            if now - self._confirmed_at > 2 * self._interval and now - self._asked_at < PATIENCE:
                self._await()
            return
        try:
            if now >= self.next_poll:
                self._asked_at = now
                self._find(now)
        finally:
            self._asking.release()

    def current(self, now: float) -> Epoch | None:
        """What is newest, for who wants to know it though nobody reads: asked for, unless it was lately."""
        if now - self._asked_at >= self._interval:
            with self._asking:
                self._asked_at = now
                self._find(now)
        return self.epoch

    def _await(self) -> None:
        if self._asking.acquire(timeout=PATIENCE):
            self._asking.release()

    def invalidate(self) -> None:
        """Somebody may have changed something: the next request asks first."""
        self._be_due(float("-inf"))

    def _be_due(self, moment: float) -> None:
        if self.next_poll != float("inf"):
            self.next_poll = moment

    def _find(self, now: float) -> None:
        # Set before asking: what is written from here on asks again.
        self._be_due(now + self._interval)
        try:
            epoch = self._ask()
        except Exception as error:  # whatever keeps us from the database, what is known stands for a while
            self._on_failure(type(error).__name__)
            return
        self._confirmed_at = monotonic()
        if self.fault is not None:
            log.info("database back")
            self.fault = None
        if epoch != self.epoch:
            log.info("release", release=epoch.release, suppressions=epoch.suppressions)
            self.epoch = epoch
            self._on_change(epoch)

    def _on_failure(self, fault: str) -> None:
        now = monotonic()
        self._be_due(now + RETRY)
        if self.fault is None:
            log.warning("database away", fault=fault)
        self.fault = fault
        if now - self._confirmed_at > self._stale and self.epoch is not None:
            log.error("answers too old to be given", seconds=self._stale)
            self.epoch = None
            self._on_change(None)

    def check(self) -> str:
        """``ok``, or since when the cache gives what it has without knowing better."""
        if self.fault is None:
            return "ok"
        what = "serving what it has" if self.epoch is not None else "empty"
        return f"{what}: the database does not answer ({self.fault})"
