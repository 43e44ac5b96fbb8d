"""What a release must not break between resources: a moment's category is public, a number is one moment's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.gap import Blocker
from api.domain.language import Language
from api.models import Edition
from api.services.authoring.working_copy import WorkingResource


def find_consistency_blockers(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """What would be wrong among resources once ``outgoing`` were public, whatever their texts."""
    return [
        *_missing_parents(session, outgoing),
        *_parents_in_use(session, outgoing),
        *_numbers_taken(session, outgoing),
    ]


def _missing_parents(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    going = {w.row_id for w in outgoing if not w.is_withdrawn}
    leaving = {w.row_id for w in outgoing if w.is_withdrawn}
    wanted = {i for w in outgoing if not w.is_withdrawn for i in (w.collection_id, w.category_id) if i is not None}
    public = going | (_public_among(session, wanted - going) - leaving)
    blockers = []
    for w in outgoing:
        if w.is_withdrawn:
            continue
        if w.category_id is not None and w.category_id not in public:
            blockers.append(Blocker(w.subject.id, "category_not_public"))
        if w.collection_id is not None and w.collection_id not in public:
            blockers.append(Blocker(w.subject.id, "collection_not_public"))
    return blockers


def _public_among(session: Session, row_ids: set[int]) -> set[int]:
    found: set[int] = set()
    for batch in in_batches(sorted(row_ids)):
        query = select(Edition.resource_id).where(
            Edition.resource_id.in_(batch), Edition.end_release.is_(None), ~Edition.withdrawn
        )
        found |= set(session.scalars(query))
    return found


def _parents_in_use(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """A collection or category may leave only when nothing public is in it any more."""
    touched = {w.row_id for w in outgoing}
    staying = [w for w in outgoing if not w.is_withdrawn]
    held_by_outgoing = {i for w in staying for i in (w.collection_id, w.category_id)}
    blockers = []
    for w in outgoing:
        if not w.is_withdrawn or w.subject.kind not in {"collection", "category"}:
            continue
        query = select(Edition.resource_id).where(
            Edition.end_release.is_(None),
            ~Edition.withdrawn,
            or_(Edition.category_id == w.row_id, Edition.collection_id == w.row_id),
        )
        if w.row_id in held_by_outgoing or set(session.scalars(query)) - touched:
            blockers.append(Blocker(w.subject.id, "in_use"))
    return blockers


def _numbers_taken(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    numbered = [w for w in outgoing if w.subject.number is not None and not w.is_withdrawn]
    touched = {w.row_id for w in outgoing}
    wanted = Counter(_place(w.subject.kind, w.collection_id, w.subject.number) for w in numbered)
    taken: set[tuple[Any, ...]] = set()
    kinds = {w.subject.kind for w in numbered}
    for batch in in_batches(sorted({w.subject.number or 0 for w in numbered})):
        # Both rows of a pair have its number: one of them will do.
        query = select(Edition.resource_id, Edition.kind, Edition.collection_id, Edition.number).where(
            Edition.end_release.is_(None),
            ~Edition.withdrawn,
            Edition.number.in_(batch),
            Edition.kind.in_(kinds),
            Edition.language == Language.CY.value,
            Edition.collection_id.in_({w.collection_id for w in numbered}),
        )
        taken |= {_place(*row[1:]) for row in session.execute(query) if row.resource_id not in touched}
    return [
        Blocker(w.subject.id, "number_taken")
        for w in numbered
        if (place := _place(w.subject.kind, w.collection_id, w.subject.number)) in taken or wanted[place] > 1
    ]


def _place(kind: str, collection_id: int | None, number: int | None) -> tuple[Any, ...]:
    return (kind, collection_id, number)
