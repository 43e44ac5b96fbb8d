"""Which source revisions say the same: the basis of "outdated".

A revision has its own sense, unless it is minor (then that of the one before it) or word for word an earlier one (then
that one's). Somebody may say later of any revision that it was minor, or that it was not: the last word counts, and
the senses of all revisions follow from the whole history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceRevision:
    """A source revision in its unit's history. ``about`` is the earlier revision that ``is_minor`` is said of."""

    id: int
    hash: str
    is_minor: bool = False
    about: int | None = None


def find_senses(history: Iterable[SourceRevision]) -> dict[int, int]:
    """The sense of each revision, by id: the id of the revision whose sense it has. ``history`` is oldest first."""
    history = list(history)
    minor = {revision.id: revision.is_minor for revision in history if revision.about is None}
    minor |= {revision.about: revision.is_minor for revision in history if revision.about is not None}
    found: dict[int, int] = {}
    by_hash: dict[str, int] = {}
    before: int | None = None
    for revision in history:
        # Saying something of another revision is no change of one's own.
        is_same = before is not None and (revision.about is not None or minor[revision.id])
        sense = found[before or 0] if is_same else by_hash.get(revision.hash, revision.id)
        found[revision.id] = sense
        by_hash[revision.hash] = sense
        before = revision.id
    return found
