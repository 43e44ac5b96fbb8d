"""Consistency between resources: the rules on parents and numbers that a release must not break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.gap import Blocker, Gap
from api.domain.language import Language
from api.models import Edition
from api.services.authoring.working_copy import WorkingResource


class NumberSlot(NamedTuple):
    """A kind, a collection and a number. At most one public resource may have the same three values."""

    kind: str
    collection_id: int | None
    number: int | None


def find_consistency_blockers(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """Return the blockers of a release of the ``outgoing`` resources, except gaps in their texts."""
    return [
        *_find_missing_parents(session, outgoing),
        *_find_parents_in_use(session, outgoing),
        *_find_taken_numbers(session, outgoing),
    ]


def _find_missing_parents(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """Return a blocker for each published resource whose category or collection would not be public."""
    published = [resource for resource in outgoing if not resource.is_withdrawn]
    published_ids = {resource.row_id for resource in published}
    withdrawn_ids = {resource.row_id for resource in outgoing if resource.is_withdrawn}
    parents = {i for resource in published for i in (resource.collection_id, resource.category_id) if i is not None}
    public = published_ids | (_list_public(session, parents - published_ids) - withdrawn_ids)
    blockers = []
    for resource in published:
        if resource.category_id is not None and resource.category_id not in public:
            blockers.append(Blocker(resource.subject.id, Gap.CATEGORY_NOT_PUBLIC))
        if resource.collection_id is not None and resource.collection_id not in public:
            blockers.append(Blocker(resource.subject.id, Gap.COLLECTION_NOT_PUBLIC))
    return blockers


def _list_public(session: Session, row_ids: set[int]) -> set[int]:
    """Return which of these row ids belong to public resources."""
    public: set[int] = set()
    for batch in in_batches(sorted(row_ids)):
        query = select(Edition.resource_id).where(
            Edition.resource_id.in_(batch), Edition.end_release.is_(None), ~Edition.withdrawn
        )
        public |= set(session.scalars(query))
    return public


def _find_parents_in_use(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """Return a blocker for each withdrawn collection or category that would still contain a public resource."""
    outgoing_ids = {resource.row_id for resource in outgoing}
    published = [resource for resource in outgoing if not resource.is_withdrawn]
    parents_of_published = {i for resource in published for i in (resource.collection_id, resource.category_id)}
    blockers = []
    for resource in outgoing:
        if not resource.is_withdrawn or resource.subject.kind not in {"collection", "category"}:
            continue
        query = select(Edition.resource_id).where(
            Edition.end_release.is_(None),
            ~Edition.withdrawn,
            or_(Edition.category_id == resource.row_id, Edition.collection_id == resource.row_id),
        )
        if resource.row_id in parents_of_published or set(session.scalars(query)) - outgoing_ids:
            blockers.append(Blocker(resource.subject.id, Gap.IN_USE))
    return blockers


def _find_taken_numbers(session: Session, outgoing: Sequence[WorkingResource]) -> list[Blocker]:
    """Return a blocker for each published resource whose number is taken.

    It is taken if another resource of the same kind and collection has this number and is public or in this release.
    """
    slots = {
        resource.subject.id: NumberSlot(resource.subject.kind, resource.collection_id, resource.subject.number)
        for resource in outgoing
        if resource.subject.number is not None and not resource.is_withdrawn
    }
    requested = Counter(slots.values())
    outgoing_ids = {resource.row_id for resource in outgoing}
    taken: set[NumberSlot] = set()
    for batch in in_batches(sorted({slot.number for slot in requested if slot.number is not None})):
        # Both editions of a resource have the same number, so the query reads the Welsh edition only.
        query = select(Edition.resource_id, Edition.kind, Edition.collection_id, Edition.number).where(
            Edition.end_release.is_(None),
            ~Edition.withdrawn,
            Edition.number.in_(batch),
            Edition.kind.in_({slot.kind for slot in requested}),
            Edition.language == Language.CY.value,
            Edition.collection_id.in_({slot.collection_id for slot in requested}),
        )
        taken |= {
            NumberSlot(row.kind, row.collection_id, row.number)
            for row in session.execute(query)
            if row.resource_id not in outgoing_ids
        }
    return [Blocker(name, Gap.NUMBER_TAKEN) for name, slot in slots.items() if slot in taken or requested[slot] > 1]
