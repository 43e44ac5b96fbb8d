"""Which migration a database is at."""

from __future__ import annotations

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session


def find_schema_version(session: Session) -> str | None:
    """The migration that this database is at; None for an empty one."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return found
