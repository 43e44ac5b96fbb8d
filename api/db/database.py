"""The database: read and write transactions, locks, and errors of a busy database.

A read transaction begins with a plain ``BEGIN`` and sees one state of the database until it ends. A write transaction
takes a lock before it reads. Otherwise it could overwrite an update that was committed between its read and its write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.db.engines import WAIT, make_read_engine, make_replica_engine, make_write_engine
from api.db.read_session import ReadSession, ReadSessionFactory
from api.db.replica import Replica
from api.domain.errors import DatabaseReadOnlyError, DatabaseUnavailableError
from api.settings import Settings

# The key of PostgreSQL's advisory lock on the whole working copy: an arbitrary number, the same in every process.
_WORKING_COPY_LOCK = 7_060_1842


class Database:
    """The primary database, and its replica if there is one."""

    def __init__(self, settings: Settings) -> None:
        self.is_read_only = bool(settings.read_only)
        self.engine = make_write_engine(settings)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # Readers use a separate engine, because a connection is made read-only when it is opened.
        self._reads = ReadSessionFactory(make_read_engine(settings), {})
        # Called before each commit, when the transaction is complete but not yet durable. Tests replace this
        # function, for example with one that fails.
        self.before_commit: Callable[[], None] = _do_nothing
        self.replica: Replica | None = None
        if settings.read_database_url:
            self.replica = Replica(ReadSessionFactory(make_replica_engine(settings), {}), self._reads)

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """Open a read-only session that sees one state of the database. Raises DatabaseUnavailableError."""
        with _unavailable_when_busy(), self._reads.open() as session:
            yield session

    @contextmanager
    def reading_replica(self, *, from_primary: bool = False) -> Iterator[tuple[Session, bool]]:
        """Open a read-only session on the replica if possible, otherwise on the primary.

        Yields the session, and whether it is on the replica. The replica may be behind the primary, but the session
        sees one state of the replica.
        """
        session = None if from_primary or self.replica is None else self.replica.open()
        if self.replica is None or session is None:
            with self.reading() as session:
                yield session, False
            return
        with self.replica.disabling_on_error(), session:
            yield session, True

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[Session]:
        """Open a session that holds SQLite's write lock; commit at the end, or roll back on any error.

        With ``wait=False``, fail at once if the lock is held; this is meant for writes that can be retried later.
        Raises DatabaseUnavailableError, or DatabaseReadOnlyError with READ_ONLY=1.
        """
        if self.is_read_only:
            raise DatabaseReadOnlyError("READ_ONLY=1 allows no changes")
        engine = self.engine if wait else self.engine.execution_options(**{WAIT: False})
        with (
            _unavailable_when_busy(),
            _read_only_when_refused(),
            Session(engine, autoflush=False) as session,
            session.begin(),
        ):
            yield session
            self.before_commit()

    def truncate_wal(self) -> None:
        """Copy SQLite's write-ahead log into the database file, and empty the log. Waits until there are no readers."""
        self._checkpoint("TRUNCATE")

    def checkpoint_wal(self) -> None:
        """Copy SQLite's write-ahead log into the database file, up to the first part that a reader still needs.

        If the whole log was copied, the next writer starts the log from the beginning.
        """
        self._checkpoint("PASSIVE")

    def _checkpoint(self, mode: str) -> None:
        if self.is_sqlite and not self.is_read_only:
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute(f"PRAGMA wal_checkpoint({mode})")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._reads.engine.dispose()
        if self.replica is not None:
            self.replica.close()


def _do_nothing() -> None:
    """Do nothing before a commit."""


def lock_exclusive(session: Session) -> None:
    """Lock the working copy against all other writers until the transaction ends.

    On SQLite, this does nothing, because the transaction already holds the write lock. Use this lock for writes that
    depend on many rows: a release, a load, a new slug or position. Take this lock before locking any row, to avoid
    deadlocks.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WORKING_COPY_LOCK})


def lock_shared(session: Session) -> None:
    """Lock the working copy against ``lock_exclusive`` but not against other calls of ``lock_shared``."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _WORKING_COPY_LOCK})


def analyze_if_stale(session: Session, changed: int) -> None:
    """Run PostgreSQL's ANALYZE if ``changed`` is at least 10 % of the number of editions at the last ANALYZE.

    Autovacuum would run ANALYZE only later. Until then, queries planned with the old statistics would scan whole
    tables. SQLite needs no ANALYZE.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    # ``reltuples`` is -1 before the first ANALYZE.
    editions = session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = to_regclass('edition')"))
    if changed * 10 >= (editions or 0):
        session.execute(text("ANALYZE resource, slug, resource_slug, unit, revision, edition, edition_unit"))


_BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")
# Parts of error messages. PgBouncer sends the last one if no connection to the server becomes free.
_UNREACHABLE = ("connection", "server closed", "unable to open", "query_wait_timeout")
# SQLite, when the file or its folder became read-only; PostgreSQL, for example on a standby.
_READ_ONLY = ("attempt to write a readonly database", "in a read-only transaction")


@contextmanager
def _unavailable_when_busy() -> Iterator[None]:
    """Convert errors of a busy or unreachable database to DatabaseUnavailableError."""
    try:
        yield
    except (PoolTimeout, PendingRollbackError) as error:
        raise DatabaseUnavailableError(str(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated or (isinstance(error, OperationalError) and _is_unavailable(error)):
            raise DatabaseUnavailableError(str(error.orig)) from error
        raise


@contextmanager
def _read_only_when_refused() -> Iterator[None]:
    """Raise DatabaseReadOnlyError for the errors with which a read-only database refuses a write."""
    try:
        yield
    except DBAPIError as error:
        if any(phrase in str(error.orig) for phrase in _READ_ONLY):
            raise DatabaseReadOnlyError(str(error.orig)) from error
        raise


def _is_unavailable(error: DBAPIError) -> bool:
    message = str(error.orig).lower()
    return any(phrase in message for phrase in (*_BUSY, *_UNREACHABLE))
