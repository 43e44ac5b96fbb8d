"""Ranks for resources that are created or moved.

No two resources of a kind ever share a rank, neither in the working copy nor in any release. A release of some of
the changes, or a revert, makes ranks from different times public together. If they could be equal, the order of a list
would depend on more than the ranks, and readers who keep a copy could not follow it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.kind import Kind
from api.domain.language import Language
from api.domain.rank import free_ranks, make_room_at, ranks_between
from api.models import Edition


def choose_ranks(session: Session, kind: str, after: int | None, before: int | None, count: int) -> list[int]:
    """Return ``count`` new ranks between two ranks; None means no bound. Raises ValueError if they do not fit."""
    ranks = list(ranks_between(after, before, count))
    return free_ranks(ranks, before, _list_published(session, kind, ranks[0], before))


def choose_position(
    session: Session, kind: Kind, row_id: int, ranks: Sequence[int], index: int
) -> tuple[int, dict[int, int]]:
    """Return the rank of a resource moved before ``ranks[index]``, and new ranks for others (see ``make_room_at``).

    Ranks that other resources have or had in a release are not used. The resource itself may return to a former rank.
    """
    taken: set[int] = set()
    while True:
        rank, moved_ranks = make_room_at(ranks, index, taken)
        chosen = {rank, *moved_ranks.values()}
        conflicts = chosen & _list_published(session, kind.name, min(chosen), max(chosen) + 1, except_for=row_id)
        if not conflicts:
            return rank, moved_ranks
        taken |= conflicts


def _list_published(
    session: Session, kind: str, least: int, before: int | None, except_for: int | None = None
) -> set[int]:
    """Return the ranks from ``least`` to below ``before`` that resources of this kind have or had in a release."""
    # Both languages of an edition have the same rank.
    query = select(Edition.rank).where(
        Edition.kind == kind, Edition.language == Language.EN.value, Edition.rank >= least
    )
    if before is not None:
        query = query.where(Edition.rank < before)
    if except_for is not None:
        query = query.where(Edition.resource_id != except_for)
    return set(session.scalars(query.distinct()))
