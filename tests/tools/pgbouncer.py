"""PgBouncer in front of the PostgreSQL of the tests, on a free loopback port."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.tools.programs import require_program
from tests.tools.servers import free_port, wait_until

# In session mode, each connection of the service needs one of the server.
POOL_SIZES = {"session": 20, "transaction": 3}


@contextmanager
def run_pgbouncer(url: str, pool_mode: str, folder: Path) -> Iterator[str]:
    """Run PgBouncer in front of the database at ``url``, and yield the URL that leads through it."""
    target, port = make_url(url), free_port()
    host = target.query.get("host") or target.host or _default_socket()
    server = {"host": host, "port": target.query.get("port") or target.port or 5432, "dbname": target.database}
    # Without a user, PgBouncer would log in as the user that runs it.
    server |= {"user": target.username or "postgres"} | ({"password": target.password} if target.password else {})
    described = " ".join(f"{name}='{value}'" for name, value in server.items())
    file = folder / f"pgbouncer-{pool_mode}.ini"
    file.write_text(
        f"""[databases]
{target.database} = {described}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {pool_mode}
default_pool_size = {POOL_SIZES[pool_mode]}
max_client_conn = 200
query_wait_timeout = 20
{"user = nobody" if os.geteuid() == 0 else ""}
""",
        encoding="utf-8",
    )
    through = URL.create("postgresql+psycopg", "anyone", host="127.0.0.1", port=port, database=target.database)
    process = subprocess.Popen(
        [require_program("pgbouncer"), "-q", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: process.poll() is not None or _is_up(port))
        assert process.poll() is None, f"PgBouncer ended with status {process.returncode}"
        yield through.render_as_string()
    finally:
        process.kill()
        process.wait()


def _is_up(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="anyone", dbname="pgbouncer", connect_timeout=5).close()
    except psycopg.OperationalError as error:
        # The console is for administrators only; the refusal shows that PgBouncer answers.
        return "refused" not in str(error).lower()
    return True


def _default_socket() -> str:
    with psycopg.connect(dbname="postgres") as connection:
        return connection.info.host
