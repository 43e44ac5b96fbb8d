"""Putting the database in order after a release: what would otherwise be done while the publisher waits."""

from __future__ import annotations

from collections.abc import Iterator

from api.db.database import Database
from api.domain.errors import DatabaseUnavailableError
from api.services.search.text_index import merge_step


def compact_step(database: Database) -> Iterator[None]:
    """Merge what the index of search is in pieces of, then bring SQLite's log into its file; a step at each turn.

    A step takes milliseconds and holds the lock on writing for no longer. Whoever writes meanwhile goes first: then
    this ends, and the rest is for the next release. PostgreSQL sees to itself.
    """
    if not database.is_sqlite:
        return
    is_done = False
    while not is_done:
        try:
            with database.writing(is_patient=False) as session:
                is_done = not merge_step(session)
        except DatabaseUnavailableError:
            return
        yield
    database.checkpoint_wal()


def compact(database: Database) -> None:
    """Do all of it at once: for a command, after which nobody else may come by."""
    for _ in compact_step(database):
        pass
