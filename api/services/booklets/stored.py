"""The stored resources of a folder: their current texts and facts, and the texts and facts of the last load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.actions import Decision, RevisionAct
from api.domain.kind import COLLECTION
from api.domain.language import Language
from api.domain.state import State
from api.models import Resource, Review, Revision, Unit
from api.services.authoring.working_copy import read_slugs
from api.services.booklets.facts import get_stored_facts
from api.services.booklets.text_record import TextRecord


@dataclass(frozen=True, slots=True)
class StoredText:
    """One side of a unit: its current revision, and its text in the last load (``loaded``), if any."""

    revision_id: int
    number: int
    current: TextRecord
    loaded: TextRecord | None


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A stored unit, with its texts by language."""

    id: int
    note: str | None
    printed: str | None
    stands_in: str | None
    texts: dict[Language, StoredText]


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A stored resource, with its current facts, the facts of the last load (``loaded``), and its units by field."""

    row_id: int
    collection_id: int | None
    source_language: Language
    facts: dict[str, Any]
    loaded: dict[str, Any] | None
    units: dict[str, StoredUnit]


def read_stored(session: Session, kind: str, keys: Iterable[str]) -> dict[str, StoredResource]:
    """Return the stored resources of one kind with these keys, by key."""
    stored: dict[str, StoredResource] = {}
    for batch in in_batches(keys):
        query = select(Resource).where(Resource.kind == kind, Resource.key.in_(batch))
        rows = {row.id: row for row in session.scalars(query)}
        units = read_stored_units(session, list(rows))
        slugs = read_slugs(session, list(rows))
        categories = _read_keys(session, {row.category_id for row in rows.values() if row.category_id})
        for row_id, row in rows.items():
            stored[row.key] = StoredResource(
                row_id=row_id,
                collection_id=row.collection_id if row.kind != COLLECTION.name else row.id,
                source_language=Language(row.source_language),
                facts=get_stored_facts(row, slugs[row_id], categories.get(row.category_id or 0)),
                loaded=row.loaded,
                units=units.get(row_id, {}),
            )
    # Free the memory: the rows of a large folder would otherwise stay in the session.
    session.expunge_all()
    return stored


def _read_keys(session: Session, row_ids: Iterable[int]) -> dict[int, str]:
    query = select(Resource.id, Resource.key).where(Resource.id.in_(row_ids))
    return {row.id: row.key for row in session.execute(query)}


def read_stored_units(session: Session, row_ids: Iterable[int]) -> dict[int, dict[str, StoredUnit]]:
    """Return the units of these resources, by the row id of the resource and the field of the unit."""
    units: dict[int, dict[str, StoredUnit]] = {}
    for batch in in_batches(row_ids):
        approved = _read_approved(session, batch)
        loaded = _read_loaded(session, batch)
        for unit, revision in session.execute(_select_current(batch)):
            stored = units.setdefault(unit.resource_id, {}).setdefault(
                unit.field, StoredUnit(unit.id, unit.note, unit.printed, unit.stands_in, {})
            )
            if revision is None:
                continue
            language = Language(revision.language)
            current = _to_record(revision, revision.id in approved)
            last_loaded = loaded.get((unit.id, language))
            stored.texts[language] = StoredText(revision.id, revision.number, current, last_loaded)
    return units


def _select_current(row_ids: Sequence[int]) -> Select[Any, Any]:
    """Select the units of these resources with their current revisions: one row for each side."""
    return (
        select(Unit, Revision)
        .outerjoin(Revision, (Revision.id == Unit.source_id) | (Revision.id == Unit.target_id))
        .where(Unit.resource_id.in_(row_ids))
        .order_by(Unit.id)
    )


def _read_loaded(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, Language], TextRecord]:
    """Return the texts of the last load, by unit and language. Later reviews are ignored."""
    last = (
        select(func.max(Revision.id))
        .join(Unit, Unit.id == Revision.unit_id)
        .where(Unit.resource_id.in_(row_ids), Revision.act == RevisionAct.LOAD.value)
        .group_by(Revision.unit_id, Revision.language)
    )
    # A review from the folder has the same time as the loaded revision.
    is_reviewed = exists().where(Review.revision_id == Revision.id, Review.at == Revision.at)
    rows = session.execute(select(Revision, is_reviewed.label("is_reviewed")).where(Revision.id.in_(last)))
    return {
        (row.Revision.unit_id, Language(row.Revision.language)): _to_record(row.Revision, row.is_reviewed)
        for row in rows
    }


def _to_record(revision: Revision, is_reviewed: bool) -> TextRecord:
    state = State.REVIEWED.value if is_reviewed else revision.state
    return TextRecord(revision.text, state, revision.origin, revision.tool)


def _read_approved(session: Session, row_ids: Sequence[int]) -> set[int]:
    """Return the ids of the approved revisions of these resources. Only the last review of a revision counts."""
    last = (
        select(func.max(Review.id))
        .join(Revision, Revision.id == Review.revision_id)
        .join(Unit, Unit.id == Revision.unit_id)
        .where(Unit.resource_id.in_(row_ids))
        .group_by(Review.revision_id)
    )
    query = select(Review.revision_id).where(Review.id.in_(last), Review.decision == Decision.APPROVE.value)
    return set(session.scalars(query))
