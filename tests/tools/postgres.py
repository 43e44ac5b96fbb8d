"""A PostgreSQL server for the tests: the one in TEST_POSTGRES_URL, a temporary one, or the machine's own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial

import psycopg
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.tools import postgres_server

# The socket folders of Debian and macOS. The default of libpq is tried first.
SOCKETS = ("/var/run/postgresql", "/tmp")
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
LOCALES = ("LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", "LC_COLLATE 'C' LC_CTYPE 'C'")


class PostgresMissingError(RuntimeError):
    """No PostgreSQL server for the tests. The message lists the servers that were tried."""


@cache
def server_url() -> str:
    """Return the SQLAlchemy URL of a server that allows new databases. Raises PostgresMissingError.

    If TEST_POSTGRES_URL is set, only that server is tried. Otherwise, the tests start a temporary server, or use the
    machine's own if they cannot.
    """
    return _named_url() or _find_url([_temporary_url, *_machine_urls()])


@cache
def persistent_server_url() -> str:
    """Return the SQLAlchemy URL of a server whose databases remain, if there is one, as ``server_url`` does."""
    return _named_url() or _find_url([*_machine_urls(), _temporary_url])


def _named_url() -> str | None:
    named = os.environ.get("TEST_POSTGRES_URL", "").strip()
    if not named:
        return None
    for plain in ("postgres://", "postgresql://"):
        if named.startswith(plain):
            named = "postgresql+psycopg://" + named.removeprefix(plain)
    refusal = _refusal(make_url(named))
    if refusal is not None:
        raise PostgresMissingError(f"TEST_POSTGRES_URL names a PostgreSQL that cannot be tested on: {refusal}.")
    return named


def _find_url(candidates: Iterable[Callable[[], URL]]) -> str:
    tried = []
    for candidate in candidates:
        try:
            url = candidate()
            refusal = _refusal(url)
        except (ImportError, OSError, RuntimeError) as error:
            refusal = str(error)
        if refusal is None:
            return _text(url)
        tried.append(refusal)
    raise PostgresMissingError(f"No PostgreSQL to test on; set TEST_POSTGRES_URL. Tried: {'; '.join(tried)}.")


def _temporary_url() -> URL:
    return postgres_server.start()


def _machine_urls() -> list[Callable[[], URL]]:
    """Return functions that return a URL of the machine's own server, with each socket folder that it may have."""
    sockets = (None, *(() if "PGHOST" in os.environ else SOCKETS))
    return [partial(_machine_url, socket) for socket in sockets]


def _machine_url(socket: str | None) -> URL:
    return URL.create("postgresql+psycopg", database="postgres", query={"host": socket} if socket else {})


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
