"""What the database holds of the resources of a folder: as it stands, and as a folder last said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.actions import Decision, RevisionAct
from api.domain.kind import COLLECTION
from api.domain.language import Language
from api.domain.state import State
from api.models import Resource, Review, Revision, Unit
from api.services.authoring.working_copy import read_slugs


@dataclass(frozen=True, slots=True)
class StatedText:
    """A text with all that is said of it. Two that are equal say the same; the revision is not part of that."""

    text: str
    state: str
    origin: str
    tool: str | None

    @property
    def written(self) -> StatedText:
        """The same before anybody approved it."""
        return replace(self, state=State.TRANSLATED.value) if self.state == State.REVIEWED else self


@dataclass(frozen=True, slots=True)
class StoredText:
    """One side of a unit: what stands, the revision that it is, and what a folder last loaded, if one did."""

    revision_id: int
    number: int
    stands: StatedText
    loaded: StatedText | None


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A unit as it is stored, its texts by language."""

    id: int
    note: str | None
    printed: str | None
    stands_in: str | None
    texts: dict[Language, StoredText]


@dataclass(frozen=True, slots=True)
class StoredResource:
    """A resource as it is stored; ``loaded`` holds its facts as a folder last gave them."""

    row_id: int
    collection_id: int | None
    source_language: Language
    facts: dict[str, Any]
    loaded: dict[str, Any] | None
    rank: int
    units: dict[str, StoredUnit]


def read_stored(session: Session, kind: str, keys: Sequence[str]) -> dict[str, StoredResource]:
    """The stored resources of one kind with these keys."""
    found: dict[str, StoredResource] = {}
    for start in range(0, len(keys), 500):
        rows = session.execute(
            select(Resource).where(Resource.kind == kind, Resource.key.in_(keys[start : start + 500]))
        ).scalars()
        resources = {row.id: row for row in rows}
        units = read_stored_units(session, list(resources))
        slugs = read_slugs(session, list(resources))
        categories = _category_keys(session, [r.category_id for r in resources.values() if r.category_id])
        for row_id, row in resources.items():
            found[row.key] = StoredResource(
                row_id,
                row.collection_id if row.kind != COLLECTION.name else row.id,
                Language(row.source_language),
                facts_of(row, slugs[row_id], categories.get(row.category_id or 0)),
                row.loaded,
                row.rank,
                units.get(row_id, {}),
            )
    session.expunge_all()
    return found


def facts_of(row: Resource, slugs: dict[str, str | None], category: str | None) -> dict[str, Any]:
    """A resource's facts, in the form in which ``loaded`` keeps them."""
    return {
        "slugs": slugs,
        "number": row.number,
        "category": category,
        "facet": row.facet,
        "facts": row.facts,
    }


def _category_keys(session: Session, row_ids: Sequence[int]) -> dict[int, str]:
    query = select(Resource.id, Resource.key).where(Resource.id.in_(set(row_ids)))
    return {row.id: row.key for row in session.execute(query)}


def read_stored_units(session: Session, row_ids: Sequence[int]) -> dict[int, dict[str, StoredUnit]]:
    """The units of these resources by field, each side with what stands and what was last loaded."""
    found: dict[int, dict[str, StoredUnit]] = {}
    for batch in in_batches(row_ids):
        approved = _read_approved(session, batch)
        loaded = _read_loaded(session, batch)
        for unit, text in session.execute(_standing_query(batch)):
            stored = found.setdefault(unit.resource_id, {}).setdefault(
                unit.field, StoredUnit(unit.id, unit.note, unit.printed, unit.stands_in, {})
            )
            if text is None:
                continue
            language = Language(text.language)
            said = _said(text, text.id in approved)
            stored.texts[language] = StoredText(text.id, text.number, said, loaded.get((unit.id, language)))
    return found


def _standing_query(row_ids: Sequence[int]) -> Any:
    return (
        select(Unit, Revision)
        .outerjoin(Revision, (Revision.id == Unit.source_id) | (Revision.id == Unit.target_id))
        .where(Unit.resource_id.in_(row_ids))
        .order_by(Unit.id)
    )


def _read_loaded(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, Language], StatedText]:
    """What a folder said last of each text; what was decided here about it since is no part of that."""
    last = (
        select(func.max(Revision.id))
        .join(Unit, Unit.id == Revision.unit_id)
        .where(Unit.resource_id.in_(row_ids), Revision.act == RevisionAct.LOAD.value)
        .group_by(Revision.unit_id, Revision.language)
    )
    # A review that a folder told of was written together with its revision.
    told = exists().where(Review.revision_id == Revision.id, Review.at == Revision.at)
    rows = session.execute(select(Revision, told).where(Revision.id.in_(last)))
    return {(row.unit_id, Language(row.language)): _said(row, is_approved) for row, is_approved in rows}


def _said(row: Revision, is_approved: bool) -> StatedText:
    return StatedText(row.text, "reviewed" if is_approved else row.state, row.origin, row.tool)


def _read_approved(session: Session, row_ids: Sequence[int]) -> set[int]:
    """The revisions of these resources whose last review was an approval."""
    last = (
        select(func.max(Review.id))
        .join(Revision, Revision.id == Review.revision_id)
        .join(Unit, Unit.id == Revision.unit_id)
        .where(Unit.resource_id.in_(row_ids))
        .group_by(Review.revision_id)
    )
    query = select(Review.revision_id).where(Review.id.in_(last), Review.decision == Decision.APPROVE.value)
    return set(session.scalars(query))
