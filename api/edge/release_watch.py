"""Polls the newest release: at most once per interval, one thread at a time, and only while there are requests."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

import structlog

from api.services.publishing.snapshot import Epoch

log = structlog.get_logger("eiliadau_hud")

# In seconds: the pause after a failed poll, and the longest wait for another thread's poll.
POLL_RETRY_SECONDS, POLL_WAIT_SECONDS = 1.0, 0.25


class ReleaseWatcher:
    """Polls the newest epoch from the database. All times are seconds of the monotonic clock.

    ``on_change`` is called with each new epoch, and with None when the database has failed for longer than
    ``max_staleness``.
    """

    def __init__(
        self,
        read_epoch: Callable[[], Epoch],
        on_change: Callable[[Epoch | None], None],
        interval: float,
        max_staleness: float,
    ) -> None:
        self._read_epoch, self._on_change = read_epoch, on_change
        self._interval, self._max_staleness = interval, max_staleness
        self._polling = Lock()
        self._polled_at = self._confirmed_at = float("-inf")
        # The newest epoch. None before the first poll, and when polls have failed for longer than ``max_staleness``.
        self.epoch: Epoch | None = None
        # The time from which a request must poll; every request checks it. Infinity means that requests never poll.
        self.next_poll = float("-inf")
        # The type of the error that the last poll raised, or None.
        self.error: str | None = None

    def poll(self, now: float) -> None:
        """Poll the database, unless another thread is polling.

        If another thread is polling, wait for it only if the epoch has not been confirmed recently.
        """
        if not self._polling.acquire(blocking=False):
            if now - self._confirmed_at > 2 * self._interval and now - self._polled_at < POLL_WAIT_SECONDS:
                self._wait_for_poll()
            return
        try:
            if now >= self.next_poll:
                self._polled_at = now
                self._update(now)
        finally:
            self._polling.release()

    def current(self, now: float) -> Epoch | None:
        """Return the newest epoch, polling the database unless it was polled within the interval."""
        if now - self._polled_at >= self._interval:
            with self._polling:
                self._polled_at = now
                self._update(now)
        return self.epoch

    def _wait_for_poll(self) -> None:
        if self._polling.acquire(timeout=POLL_WAIT_SECONDS):
            self._polling.release()

    def invalidate(self) -> None:
        """Make the next request poll, since there may be a new release."""
        self._set_next_poll(float("-inf"))

    def _set_next_poll(self, time: float) -> None:
        if self.next_poll != float("inf"):
            self.next_poll = time

    def _update(self, now: float) -> None:
        # Set before the read, so that a write during the read leads to another poll.
        self._set_next_poll(now + self._interval)
        try:
            epoch = self._read_epoch()
        except Exception as error:  # any failure: the cache uses the last epoch until ``max_staleness``
            self._on_failure(type(error).__name__)
            return
        self._confirmed_at = monotonic()
        if self.error is not None:
            log.info("database available again")
            self.error = None
        if epoch != self.epoch:
            log.info("release", release=epoch.release, suppressions=epoch.suppressions)
            self.epoch = epoch
            self._on_change(epoch)

    def _on_failure(self, error: str) -> None:
        now = monotonic()
        self._set_next_poll(now + POLL_RETRY_SECONDS)
        if self.error is None:
            log.warning("database unavailable", error=error)
        self.error = error
        if now - self._confirmed_at > self._max_staleness and self.epoch is not None:
            log.error("cached responses too old", seconds=self._max_staleness)
            self.epoch = None
            self._on_change(None)

    def check(self) -> str:
        """Return ``ok``, or the database error and whether the cache still serves responses."""
        if self.error is None:
            return "ok"
        state = "serving cached responses" if self.epoch is not None else "empty"
        return f"{state}: the database is unavailable ({self.error})"
