"""Schema versions: the newest migration in the code, and the current migration of a database.

Importing this module does not import SQLAlchemy, because every start of the service looks up the newest migration first
(``cli/preflight.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.settings import DATA

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

VERSIONS = DATA / "migrations" / "versions"


def newest_migration() -> str:
    """Return the id of the newest migration in the code. The ids are the file names, which begin with a number."""
    return max(file.stem for file in VERSIONS.glob("[0-9]*.py"))


def find_schema_version(session: Session) -> str | None:
    """Return the id of the database's current migration, or None for an empty database."""
    from sqlalchemy import inspect, text  # noqa: PLC0415  # the module's docstring says why

    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return version
