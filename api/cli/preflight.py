"""A quick check that the database is ready. SQLAlchemy is not used, because its import takes longer than the check.

In case of doubt, the check reports that the database is not ready, since a needless full preparation takes only a
second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.db.schema_version import newest_migration
from api.db.sqlite_file import prepare_file, read_only_uri
from api.services.search.word_keys import linguistics_version
from api.settings import Settings

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql+psycopg://"


def is_prepared(settings: Settings) -> bool:
    """Return whether the database is at the newest migration, and has content and a current search index."""
    try:
        connection = _connect(settings)
        if connection is None:
            return False
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT version_num FROM alembic_version")
            if cursor.fetchone() != (newest_migration(),):
                return False
            cursor.execute("SELECT DISTINCT version FROM search_state")
            if cursor.fetchall() != [(linguistics_version(),)]:
                return False
            cursor.execute("SELECT 1 FROM resource LIMIT 1")
            return cursor.fetchone() is not None
        finally:
            connection.close()
    except Exception:  # the full preparation will report the error
        return False


def _connect(settings: Settings) -> Any:
    url = settings.sqlalchemy_url
    if url.startswith(_SQLITE) and "?" not in url:
        from api.db.sqlite import sqlite3  # noqa: PLC0415  # import only the driver of this database

        path = Path(url.removeprefix(_SQLITE)).resolve()
        if not settings.read_only:
            prepare_file(path, is_read_only=False)
        uri = read_only_uri(path) if settings.read_only else f"{path.as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True) if path.exists() else None
    if url.startswith(_POSTGRESQL):
        import psycopg  # noqa: PLC0415  # see above

        return psycopg.connect("postgresql://" + url.removeprefix(_POSTGRESQL), connect_timeout=5)
    return None
