"""Compaction of the database after a release, so that the publisher does not wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from api.db.database import Database
from api.domain.errors import DatabaseUnavailableError
from api.services.search.text_index import merge_step


def compact_step(database: Database) -> Iterator[None]:
    """Merge the segments of the search index, then checkpoint SQLite's write-ahead log; yield after each step.

    A step takes milliseconds, and holds the write lock only for that time. If another writer has the lock, compaction
    stops; it continues after the next release. PostgreSQL needs no compaction, because it has autovacuum.
    """
    if not database.is_sqlite:
        return
    is_done = False
    while not is_done:
        try:
            with database.writing(wait=False) as session:
                is_done = not merge_step(session)
        except DatabaseUnavailableError:
            return
        yield
    database.checkpoint_wal()


def compact(database: Database) -> None:
    """Run all steps of the compaction at once, for commands."""
    for _ in compact_step(database):
        pass
