"""The replica for public reads: disabled when it fails, and enabled again when it has recovered.

While the replica is disabled, public reads go to the primary and may see newer releases. The replica is enabled again
only when it has these releases too.
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

# A failed attempt to connect may take two seconds.
RETRY_SECONDS = 5.0
_VERSION = text("SELECT version_num FROM alembic_version")
_NEWEST_RELEASE = text("SELECT max(number) FROM release")


class Replica:
    """A copy of the primary database, which may lag behind. Public reads use the copy while it is enabled."""

    def __init__(self, sessions: ReadSessionFactory, primary: ReadSessionFactory) -> None:
        self._sessions, self._primary = sessions, primary
        self._is_enabled = False
        self._has_failed = False
        self._retry_at = 0.0
        self._trying = Lock()
        # The reason why the replica is disabled; None if it is enabled.
        self.error: str | None = None

    def open(self) -> Session | None:
        """Open a session, or return None if the replica cannot be read."""
        if not self._is_enabled and not self._try_to_enable():
            return None
        try:
            return self._sessions.open()
        except SQLAlchemyError as error:
            self._disable(_describe(error))
            return None

    @contextmanager
    def disabling_on_error(self) -> Iterator[None]:
        """Disable the replica on any error of its database, and convert the error to DatabaseUnavailableError."""
        try:
            yield
        except DBAPIError as error:
            self._disable(_describe(error))
            raise DatabaseUnavailableError(str(error.orig)) from error

    def check(self) -> str:
        """Try to open a session on the replica; return ``ok``, or the reason why the replica is not used."""
        session = self.open()
        if session is not None:
            session.close()
        return "ok" if self._is_enabled else f"not used: {self.error}"

    def close(self) -> None:
        """Close all connections."""
        self._sessions.engine.dispose()

    def _disable(self, error: str) -> None:
        if self._is_enabled or self.error != error:
            log.warning("replica disabled", error=error)
        self.error, self._has_failed, self._is_enabled = error, True, False
        self._retry_at = monotonic() + RETRY_SECONDS

    def _try_to_enable(self) -> bool:
        """Enable the replica if it is reachable, has the primary's migration, and has all releases that readers saw."""
        if monotonic() < self._retry_at or not self._trying.acquire(blocking=False):
            return False
        try:
            if monotonic() < self._retry_at:
                return False
            error = self._find_error()
            if error is not None:
                self._disable(error)
                return False
            self.error, self._is_enabled = None, True
            log.info("replica enabled")
            return True
        finally:
            self._trying.release()

    def _find_error(self) -> str | None:
        try:
            version, newest = self._read_state(self._sessions)
        except SQLAlchemyError as error:
            return _describe(error)
        try:
            expected, reached = self._read_state(self._primary)
        except SQLAlchemyError:
            return None  # the primary is down: use the replica without a comparison
        if version != expected:
            return f"at migration {version}, not {expected}"
        if self._has_failed and newest < reached:
            return f"at release {newest}, behind {reached}"
        return None

    @staticmethod
    def _read_state(sessions: ReadSessionFactory) -> tuple[str | None, int]:
        with sessions.open() as session:
            return session.scalar(_VERSION), session.scalar(_NEWEST_RELEASE) or 0


def _describe(error: SQLAlchemyError) -> str:
    return type(error).__name__
