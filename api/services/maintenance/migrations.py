"""Migrations of the database, up and down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from api.db.schema_version import find_schema_version, newest_migration
from api.services.search.index import rebuild_if_stale
from api.settings import DATA


def make_config(connection: Connection | None = None) -> Config:
    """Return the configuration of Alembic, without a configuration file."""
    config = Config()
    config.set_main_option("script_location", str(DATA / "migrations"))
    # Migrations import shared code from the package ``migrations``.
    config.set_main_option("prepend_sys_path", str(DATA))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Upgrade the database to the migration ``to``, in one transaction.

    If the database is then at the newest migration, build a missing or outdated search index. No migration can build
    the index, because its content depends on the current code.
    """
    _run(engine, command.upgrade, to)
    with Session(engine) as session, session.begin():
        if find_schema_version(session) == newest_migration():
            rebuild_if_stale(session)


def downgrade(engine: Engine, to: str) -> None:
    """Downgrade the database to the migration ``to``; ``base`` removes all tables of the service."""
    _run(engine, command.downgrade, to)


def _run(engine: Engine, migrate: Callable[[Config, str], None], to: str) -> None:
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            # Rebuilding a table drops the old table. With foreign keys on, this would delete the rows that refer to the
            # old table. The pragma has no effect inside a transaction, so it is executed before the transaction begins.
            _driver(connection).execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                migrate(make_config(connection), to)
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("a migration left rows with broken foreign keys")
        finally:
            if is_sqlite:
                _driver(connection).execute("PRAGMA foreign_keys = ON")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
