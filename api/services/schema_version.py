"""Which migration a database is at, and which is the newest: asked at every start, so it must cost nothing."""

from __future__ import annotations

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from api.settings import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def head() -> str:
    """The newest migration in the code: they are numbered, and a file's name is the revision's id."""
    return max(file.stem for file in VERSIONS.glob("[0-9]*.py"))


def find_current(session: Session) -> str | None:
    """The migration that this database is at; None for an empty one."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return found
