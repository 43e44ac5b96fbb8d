"""PgBouncer in both pool modes: the service works, keeps its timeouts, and leaves nothing to other clients."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import URL, create_engine, make_url

from api.db.database import Database
from api.db.postgresql_connections import is_pooler
from api.services.maintenance.backup import BackupError, back_up
from api.services.maintenance.migrations import upgrade
from tests.conftest import MakeApp, Templates, load_booklet, make_settings
from tests.tools.clients import Clients, create_tokens
from tests.tools.pgbouncer import run_pgbouncer
from tests.tools.postgres import fresh_database, server_url
from tests.tools.service import run_service

MODES = pytest.mark.parametrize("pool_mode", ["session", "transaction"])
UNIT = "/v1/units/moment.chain-reaction.title"
# State of a server's connection that would change what the next client sees.
STATE = """SELECT (SELECT count(*) FROM pg_prepared_statements), current_setting('lock_timeout'),
    current_setting('default_transaction_isolation'), current_setting('default_transaction_read_only'),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"""


def _connect(url: str, **options: object) -> psycopg.Connection[tuple[object, ...]]:
    parts: URL = make_url(url)
    return psycopg.connect(parts.set(drivername="postgresql").render_as_string(hide_password=False), **options)  # type: ignore[arg-type]


@MODES
def test_the_service_works_through_pgbouncer_and_leaves_no_session_state(
    templates: Templates, make_app: MakeApp, tmp_path: Path, pool_mode: str
) -> None:
    template = make_url(templates("postgresql", True).url).database
    with fresh_database(server_url(), template) as url, run_pgbouncer(url, pool_mode, tmp_path) as pooled:
        # Without a cache, each request runs its statements, more often than psycopg needs to prepare them.
        app = make_app(pooled, cache_mb=0)
        clients = Clients(app.test_client(), create_tokens(app.extensions["eiliadau_hud"].database))
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: _read(app), range(24))) == {(200, 200, 200)}
        assert clients.write("twm", "PUT", f"{UNIT.removeprefix('/v1')}/target", {"text": "Teitl"}).status_code == 200
        released = clients.request("pedr", "POST", "/releases", {"note": "Through a pooler"})
        assert (released.status_code, released.get_json()["number"]) == (201, 2)
        _assert_clean(pooled)


def _read(app: Flask) -> tuple[int, ...]:
    client = app.test_client()
    paths = ("/v1/moments/chain-reaction?lang=cy", "/v1/moments?lang=en", "/v1/search?q=cwtch")
    return tuple(client.get(path).status_code for path in paths)


def _assert_clean(pooled: str) -> None:
    # At once, so that they get different connections of the server.
    others = [_connect(pooled, prepare_threshold=None) for _ in range(3)]
    for other in others:
        assert other.execute(STATE).fetchone() == (0, "0", "read committed", "off", 0)
    for other in others:
        other.close()


@MODES
def test_writers_and_readers_stop_waiting_for_a_lock_after_the_timeout(
    templates: Templates, make_app: MakeApp, tmp_path: Path, pool_mode: str
) -> None:
    template = make_url(templates("postgresql", True).url).database
    with fresh_database(server_url(), template) as url, run_pgbouncer(url, pool_mode, tmp_path) as pooled:
        app = make_app(pooled, cache_mb=0, busy_timeout_ms=100)
        clients = Clients(app.test_client(), create_tokens(app.extensions["eiliadau_hud"].database))
        etag = clients.client.get(UNIT, headers={"Authorization": f"Bearer {clients.secrets['twm']}"}).headers["ETag"]
        with _connect(url) as holder:
            holder.execute("LOCK TABLE revision IN ACCESS EXCLUSIVE MODE")
            text = {"text": "Teitl"}
            assert (
                clients.request("twm", "PUT", UNIT.removeprefix("/v1") + "/target", text, if_match=etag).status_code
                == 503
            )
            holder.execute("LOCK TABLE edition IN ACCESS EXCLUSIVE MODE")
            assert clients.client.get("/v1/moments?lang=cy").status_code == 503


def test_a_new_database_is_prepared_and_served_through_transaction_pooling(tmp_path: Path) -> None:
    with fresh_database(server_url()) as url, run_pgbouncer(url, "transaction", tmp_path) as pooled:
        database = Database(make_settings(pooled))
        upgrade(database.engine)
        load_booklet(database)
        with pytest.raises(BackupError, match="PgBouncer"):
            back_up(database, tmp_path / "backup.dump")
        database.close()
        with run_service(pooled, workers=2) as server:
            assert {server.request("GET", "/v1/moments?lang=cy").status for _ in range(20)} == {200}
            assert server.request("GET", "/readyz").status == 200
        _assert_clean(pooled)


@MODES
def test_a_pooler_is_recognised(tmp_path: Path, pool_mode: str) -> None:
    server = server_url()
    with run_pgbouncer(server, pool_mode, tmp_path) as pooled:
        for url, expected in ((server, False), (pooled, True)):
            engine = create_engine(url)
            with engine.connect() as connection:
                assert is_pooler(connection.connection.driver_connection) is expected
            engine.dispose()
