"""The replica that delivery may read: used while it can be, left when it fails, taken up again when it is back.

Whoever left a replica has read the primary since. It is taken up again only when it has all the releases that the
primary has: readers have met them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.db.read_session import ReadSessionFactory
from api.domain.errors import DatabaseUnavailableError

log = structlog.get_logger("eiliadau_hud")

# Seconds before a replica that failed is tried again: a connection that cannot be made may take two.
RETRY = 5.0
_VERSION = text("SELECT version_num FROM alembic_version")
_NEWEST = text("SELECT max(number) FROM release")


class Replica:
    """A database that follows the primary at its own pace, and whether it can be read now."""

    def __init__(self, door: ReadSessionFactory, primary: ReadSessionFactory) -> None:
        self._door, self._primary = door, primary
        self._is_used = False
        self._has_failed = False
        self._retry_at = 0.0
        self._trying = Lock()
        # What is wrong with it; None for nothing.
        self.fault: str | None = None

    def open(self) -> Session | None:
        """A session that has begun; None where the replica cannot be read."""
        if not self._is_used and not self._try():
            return None
        try:
            return self._door.open()
        except SQLAlchemyError as error:
            self._leave(_describe(error))
            return None

    @contextmanager
    def leaving_when_broken(self) -> Iterator[None]:
        """Raises Unavailable for any error of the replica's database, and leaves it."""
        try:
            yield
        except DBAPIError as error:
            self._leave(_describe(error))
            raise DatabaseUnavailableError(str(error.orig)) from error

    def check(self) -> str:
        """``ok``, or what is wrong with it; asked of the replica itself."""
        session = self.open()
        if session is not None:
            session.close()
        return "ok" if self._is_used else f"not used: {self.fault}"

    def close(self) -> None:
        self._door.engine.dispose()

    def _leave(self, fault: str) -> None:
        if self._is_used or self.fault != fault:
            log.warning("replica left", fault=fault)
        self.fault, self._has_failed, self._is_used = fault, True, False
        self._retry_at = monotonic() + RETRY

    def _try(self) -> bool:
        """Take the replica up if it is there, at the primary's migration, and not behind what readers have met."""
        if monotonic() < self._retry_at or not self._trying.acquire(blocking=False):
            return False
        try:
            if monotonic() < self._retry_at:
                return False
            fault = self._find_fault()
            if fault is not None:
                self._leave(fault)
                return False
            self.fault, self._is_used = None, True
            log.info("replica used")
            return True
        finally:
            self._trying.release()

    def _find_fault(self) -> str | None:
        try:
            version, newest = self._ask(self._door)
        except SQLAlchemyError as error:
            return _describe(error)
        try:
            expected, reached = self._ask(self._primary)
        except SQLAlchemyError:
            return None  # the primary is away: what there is, is the replica
        if version != expected:
            return f"at migration {version}, not {expected}"
        if self._has_failed and newest < reached:
            return f"at release {newest}, behind {reached}"
        return None

    @staticmethod
    def _ask(door: ReadSessionFactory) -> tuple[str | None, int]:
        with door.open() as session:
            return session.scalar(_VERSION), session.scalar(_NEWEST) or 0


def _describe(error: SQLAlchemyError) -> str:
    return type(error).__name__
