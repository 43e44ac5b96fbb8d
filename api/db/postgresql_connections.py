"""Connections to PostgreSQL, directly or through a pooler such as PgBouncer.

A pooler may run each transaction on another connection to the server. The state of a session would then be missing in
the client's next transaction, and would affect transactions of other clients. Therefore, if there is a pooler, timeouts
are set in each transaction, and no statement is prepared.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

# The key in a connection's ``info`` that marks a connection to a pooler.
_POOLED = "pooled"


def set_up_connections(engine: Engine, lock_timeout_ms: int, *, is_read_only: bool) -> None:
    """Set the lock timeout of each connection, and make connections for reading read-only."""
    # On a direct connection, set the timeout for the whole session, which saves a statement in each transaction.
    timeout = f"lock_timeout = {lock_timeout_ms}"

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: Any) -> None:
        connection.autocommit = True
        if is_pooler(connection):
            record.info[_POOLED] = True
            connection.prepare_threshold = None
        else:
            connection.execute(f"SET {timeout}")
        connection.autocommit = False
        if is_read_only:
            # For other connections it stays None: False would request read-write transactions, which a standby refuses.
            connection.read_only = True

    if is_read_only:

        @event.listens_for(engine, "checkout")
        def _limit_reads(connection: Any, record: Any, _proxy: object) -> None:
            # Read sessions pass statements to the driver, without the event ``begin``.
            if _POOLED in record.info:
                connection.execute(f"SET LOCAL {timeout}")

        return

    @event.listens_for(engine, "begin")
    def _limit_writes(connection: Connection) -> None:
        if _POOLED in connection.info:
            connection.exec_driver_sql(f"SET LOCAL {timeout}")


def is_pooler(connection: Any) -> bool:
    """Return whether a psycopg connection is a connection to a pooler.

    The process id that a pooler reports to its client differs from the id of the process that runs the queries.
    """
    return bool(connection.info.backend_pid != connection.execute("SELECT pg_backend_pid()").fetchone()[0])
