"""Putting the database in order after a release: what would otherwise be done while the publisher waits."""

from __future__ import annotations

from collections.abc import Iterator

from api.db.database import Database
from api.domain.errors import Unavailable
from api.services.search.text_index import merge_pieces


def tidy(database: Database) -> Iterator[None]:
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
                is_done = not merge_pieces(session)
        except Unavailable:
            return
        yield
    database.empty_log()


def put_in_order(database: Database) -> None:
    """Do all of it at once: for a command, after which nobody else may come by."""
    for _ in tidy(database):
        pass
