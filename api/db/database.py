"""The database: two doors, one for reading and one for writing, and what differs between the two engines.

Everything that reads opens with a plain ``BEGIN`` and sees one state of the database to its end. Everything that
writes takes the lock first: a transaction that reads and then writes could otherwise lose another's update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.db.read_session import ReadSession, ReadSessionFactory
from api.db.replica import Replica
from api.db.sqlite import sqlite3
from api.domain.errors import DatabaseUnavailableError
from api.settings import Settings

# The first engine whose write-ahead log cannot be corrupted by a reset at the wrong moment.
SAFE_WAL = (3, 51, 3)
# An arbitrary number that means "the working copy as a whole" to every node of this service.
_WORK_LOCK = 7_060_1842


class Database:
    """An engine and its two doors."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _make_engine(settings.sqlalchemy_url, settings)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # Connections of their own: what a connection may do is said when it is made, and not at every transaction.
        self._reads = ReadSessionFactory(_make_engine(settings.sqlalchemy_url, settings, is_for_reading=True), {})
        # Called when a transaction is complete and not yet durable: where a fault would hurt most, tests make one.
        self.before_commit: Callable[[], None] = _nothing
        self.replica: Replica | None = None
        if settings.read_database_url:
            replica = _make_engine(settings.sqlalchemy_read_url, settings, is_for_reading=True, is_replica=True)
            self.replica = Replica(ReadSessionFactory(replica, {}), self._reads)

    @contextmanager
    def reading(self) -> Iterator[ReadSession]:
        """A session that sees one state of the database and can change nothing. Raises Unavailable."""
        with _unavailable_when_busy(), self._reads.open() as session:
            yield session

    @contextmanager
    def reading_replica(self, *, from_primary: bool = False) -> Iterator[tuple[Session, bool]]:
        """A session like that of ``reading``, on the replica where there is one that can be used, and whether it is.

        What the replica has may be older than what the primary has; it is one state of the database all the same.
        """
        session = None if from_primary or self.replica is None else self.replica.open()
        if self.replica is None or session is None:
            with self.reading() as session:
                yield session, False
            return
        with self.replica.leaving_when_broken(), session:
            yield session, True

    @contextmanager
    def writing(self, *, is_patient: bool = True) -> Iterator[Session]:
        """A session that holds the write lock (SQLite), is committed at the end and rolled back on any error.

        Who is not patient does not wait for the lock: for what may as well be written another time.
        """
        engine = self.engine if is_patient else self.engine.execution_options(is_patient=False)
        with _unavailable_when_busy(), Session(engine, autoflush=False) as session, session.begin():
            yield session
            self.before_commit()

    def truncate_wal(self) -> None:
        """Bring SQLite's log into its file and empty it, so that the log holds no older state. Needs no reader."""
        self._checkpoint("TRUNCATE")

    def checkpoint_wal(self) -> None:
        """Bring SQLite's log into its file as far as no reader needs it: then the next writer begins it anew."""
        self._checkpoint("PASSIVE")

    def _checkpoint(self, mode: str) -> None:
        if self.is_sqlite:
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute(f"PRAGMA wal_checkpoint({mode})")

    def close(self) -> None:
        self.engine.dispose()
        self._reads.engine.dispose()
        if self.replica is not None:
            self.replica.close()


def _nothing() -> None:
    """What happens before a commit, outside of tests."""


def lock_exclusive(session: Session) -> None:
    """Be the only one who writes, to the end of the transaction. SQLite's write lock is held already.

    For what looks at many rows and then writes: a release, a load, a new name or place among others. It comes before
    any lock on a row, so that nobody who waits here is waited for.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WORK_LOCK})


def lock_shared(session: Session) -> None:
    """Write beside others who write texts, and while nobody is the only one who does (``lock_releases``)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _WORK_LOCK})


def analyze_if_stale(session: Session, changed: int) -> None:
    """Let PostgreSQL count its tables anew, where as many editions changed as make a tenth of those it last counted.

    Its own worker comes by later. Until then it plans for what it knew: a list of thousands would be read whole, as if
    it were a few, and for one resource all would be gone through. SQLite needs none.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    # -1 is: never counted.
    counted = session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = to_regclass('edition')"))
    if changed * 10 >= (counted or 0):
        session.execute(text("ANALYZE resource, slug, resource_slug, unit, revision, edition, edition_unit"))


# One snapshot for the whole request: READ COMMITTED would straddle a release. Of a transaction that changed nothing the
# end is the same either way; only that after a rollback psycopg forgets all statements that it had prepared.
_READING = {"isolation_level": "REPEATABLE READ", "pool_reset_on_return": "commit"}


def _make_engine(
    location: str, settings: Settings, *, is_for_reading: bool = False, is_replica: bool = False
) -> Engine:
    url = make_url(location)
    if url.get_backend_name() == "sqlite":
        if is_replica:
            # One that is not there is missing: opened plainly, it would be made, and empty.
            url = url.set(database=f"file:{url.database}", query={"mode": "rw", "uri": "true"})
        elif url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, module=sqlite3, connect_args={"timeout": settings.busy_timeout_ms / 1000})
        _prepare_sqlite(engine)
        if is_for_reading:
            _begin_reads(engine)
        else:
            _begin_writes(engine, settings.busy_timeout_ms)
        return engine
    timeout = f"-c lock_timeout={settings.busy_timeout_ms}"
    # A server that is cut off is found out in seconds: TCP alone would wait for a quarter of an hour with what was
    # sent, and for hours with what is awaited.
    alive = {"tcp_user_timeout": 5_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
    limits = {"connect_timeout": 2 if is_replica else 5, **alive}
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=8,
        connect_args={"options": timeout, **limits},
        **(_READING if is_for_reading else {}),
    )
    if is_for_reading:
        event.listen(engine, "connect", _be_read_only)
    return engine


def _be_read_only(connection: Any, _record: object) -> None:
    connection.read_only = True


def _prepare_sqlite(engine: Engine) -> None:
    journal = "WAL" if sqlite3.sqlite_version_info >= SAFE_WAL else "DELETE"

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # The driver's own idea of transactions loses updates; BEGIN is ours to say.
        connection.isolation_level = None
        # What is emptied must be gone from the file too: a suppressed story would stand in its free pages.
        lasting = ("secure_delete = ON", "foreign_keys = ON")
        for pragma in (f"journal_mode = {journal}", "synchronous = FULL", *lasting):
            connection.execute(f"PRAGMA {pragma}")


def _begin_reads(engine: Engine) -> None:
    """Begin when a connection is taken, by the driver: whoever asks first, SQLAlchemy or not, is in the transaction."""

    @event.listens_for(engine, "connect")
    def _be_read_only(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "checkout")
    def _begin(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("BEGIN")


def _begin_writes(engine: Engine, patience_ms: int) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # What names no door (a migration) writes.
        if connection.get_execution_options().get("is_patient", True):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            driver.execute(f"PRAGMA busy_timeout = {patience_ms}")


_BUSY = ("database is locked", "database table is locked", "lock timeout", "deadlock detected")


@contextmanager
def _unavailable_when_busy() -> Iterator[None]:
    try:
        yield
    except (PoolTimeout, PendingRollbackError) as error:
        raise DatabaseUnavailableError(str(error)) from error
    except DBAPIError as error:
        is_gone = error.connection_invalidated or isinstance(error, OperationalError)
        if is_gone and (error.connection_invalidated or _says_busy(error)):
            raise DatabaseUnavailableError(str(error.orig)) from error
        raise


def _says_busy(error: DBAPIError) -> bool:
    message = str(error.orig).lower()
    return any(phrase in message for phrase in (*_BUSY, "connection", "server closed", "unable to open"))
