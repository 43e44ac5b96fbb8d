"""Engines: connections to SQLite and PostgreSQL for writing, for reading, and for reading a replica."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from api.db.postgresql_connections import set_up_connections
from api.db.sqlite import sqlite3
from api.db.sqlite_file import prepare_file, read_only_uri
from api.setting_rules import InvalidSettingError
from api.settings import Settings

# The first version of SQLite in which resetting the write-ahead log at the wrong moment cannot corrupt the database.
SAFE_WAL_VERSION = (3, 51, 3)
# The execution option that decides whether a write transaction waits for the lock or fails at once.
WAIT = "wait"

# Under REPEATABLE READ, a request reads one snapshot; under READ COMMITTED, it could read two releases. Connections are
# reset with a commit, because a rollback makes psycopg drop its prepared statements. A reader has nothing to roll back.
_READING = {"isolation_level": "REPEATABLE READ", "pool_reset_on_return": "commit"}
# Detect an unreachable server within seconds. By default, TCP waits a quarter of an hour for an acknowledgement, and
# hours for a reply.
_KEEPALIVE = {"tcp_user_timeout": 5_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


def make_write_engine(settings: Settings) -> Engine:
    """Return an engine whose SQLite transactions take the write lock when they begin.

    With READ_ONLY=1, its connections are read-only. Raises InvalidSettingError.
    """
    url = make_url(settings.sqlalchemy_url)
    if not _is_sqlite(url):
        return _make_postgresql_engine(url, settings, is_read_only=bool(settings.read_only))
    if _is_file(url):
        prepare_file(Path(str(url.database)), is_read_only=bool(settings.read_only))
    engine = _make_sqlite_engine(url, settings)
    if not settings.read_only:
        _lock_when_begun(engine, settings.busy_timeout_ms)
    return engine


def make_read_engine(settings: Settings) -> Engine:
    """Return an engine whose connections are read-only and whose transactions each read one snapshot."""
    return _make_read_engine(make_url(settings.sqlalchemy_url), settings)


def make_replica_engine(settings: Settings) -> Engine:
    """Return a read engine for the replica, whose database may be missing."""
    url = make_url(settings.sqlalchemy_read_url)
    if _is_sqlite(url):
        # Opening a missing file by its plain path would create an empty database.
        url = url.set(database=f"file:{url.database}", query={"mode": "rw", "uri": "true"})
    return _make_read_engine(url, settings, connect_timeout=2)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _make_read_engine(url: URL, settings: Settings, **limits: int) -> Engine:
    if _is_sqlite(url):
        engine = _make_sqlite_engine(url, settings)
        _begin_at_checkout(engine)
        return engine
    return _make_postgresql_engine(url, settings, _READING, is_read_only=True, **limits)


def _make_postgresql_engine(
    url: URL,
    settings: Settings,
    options: dict[str, str] | None = None,
    *,
    is_read_only: bool,
    connect_timeout: int = 5,
) -> Engine:
    arguments = {"connect_timeout": connect_timeout, **_KEEPALIVE}
    try:
        engine = create_engine(url, pool_pre_ping=True, pool_size=8, connect_args=arguments, **options or {})
    except ImportError as error:
        raise InvalidSettingError(f"DATABASE_URL: the driver of PostgreSQL cannot be loaded: {error}") from error
    set_up_connections(engine, settings.busy_timeout_ms, is_read_only=is_read_only)
    return engine


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:" and "uri" not in url.query


def _make_sqlite_engine(url: URL, settings: Settings) -> Engine:
    engine = create_engine(url, module=sqlite3, connect_args={"timeout": settings.busy_timeout_ms / 1000})
    if settings.read_only and _is_file(url):
        _open_read_only(engine, Path(str(url.database)))
        return engine
    journal = "WAL" if sqlite3.sqlite_version_info >= SAFE_WAL_VERSION else "DELETE"

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # Stop the driver from beginning transactions, because its transactions can lose updates.
        connection.isolation_level = None
        # ``secure_delete`` overwrites deleted text: a suppressed story would otherwise remain in free pages.
        pragmas = (f"journal_mode = {journal}", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _open_read_only(engine: Engine, path: Path) -> None:
    @event.listens_for(engine, "do_connect")
    def _choose_uri(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
        arguments[0] = read_only_uri(path)
        options["uri"] = True

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None


def _begin_at_checkout(engine: Engine) -> None:
    """Begin a transaction when a connection leaves the pool.

    The transaction then includes statements that are passed directly to the driver.
    """

    @event.listens_for(engine, "connect")
    def _make_read_only(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "checkout")
    def _begin(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("BEGIN")


def _lock_when_begun(engine: Engine, busy_timeout_ms: int) -> None:
    """Take the write lock at the start of each transaction, so that no transaction overwrites another's update."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WAIT, True):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            driver.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
