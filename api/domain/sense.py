"""The sense of source revisions: a translation is outdated when the sense of its source has changed.

A revision has its own sense, with two exceptions. A minor revision has the sense of the revision before it. A revision
with the same text as an earlier revision has the sense of that earlier revision. A revision can later be marked as
minor or not minor; the last mark counts. Senses are therefore always computed from the whole history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceRevision:
    """A source revision of a unit. If ``about`` is the id of an earlier one, ``is_minor`` describes that revision."""

    id: int
    hash: str
    is_minor: bool = False
    about: int | None = None


def find_senses(history: Iterable[SourceRevision]) -> dict[int, int]:
    """Return the sense of each revision, by revision id.

    A sense is the id of the first revision with that sense. ``history`` starts with the oldest revision.
    """
    history = list(history)
    minor = {revision.id: revision.is_minor for revision in history if revision.about is None}
    minor |= {revision.about: revision.is_minor for revision in history if revision.about is not None}
    senses: dict[int, int] = {}
    by_hash: dict[str, int] = {}
    before: int | None = None
    for revision in history:
        # A revision with ``about`` only marks an earlier revision as minor or not, and has no new text.
        is_same = before is not None and (revision.about is not None or minor[revision.id])
        sense = senses[before or 0] if is_same else by_hash.get(revision.hash, revision.id)
        senses[revision.id] = sense
        by_hash[revision.hash] = sense
        before = revision.id
    return senses
