"""Bulk reads of the working copy, from which a release makes its editions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from api.db.batching import in_batches
from api.domain.actions import Decision
from api.domain.document import EditionSource
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts, is_outdated
from api.domain.state import Origin, State
from api.models import Resource, ResourceSlug, Review, Revision, Sense, Unit
from api.services.authoring.senses import sense_column


@dataclass(frozen=True, slots=True)
class WorkingResource:
    """A resource of the working copy: its parents, its rank, and the data for its editions (``subject``)."""

    row_id: int
    collection_id: int | None
    category_id: int | None
    rank: int
    version: int
    is_withdrawn: bool
    subject: EditionSource


def read_working(session: Session, row_ids: Iterable[int]) -> Iterator[WorkingResource]:
    """Yield the working copies of the resources with these row ids, in this order. Read them in batches."""
    for batch in in_batches(row_ids):
        yield from _read_batch(session, batch)


def _read_batch(session: Session, row_ids: Sequence[int]) -> Iterator[WorkingResource]:
    resources = {r.id: r for r in session.execute(select(*_COLUMNS).where(Resource.id.in_(row_ids)))}
    slugs = read_slugs(session, row_ids)
    units = read_unit_texts(session, row_ids)
    for row_id in row_ids:
        row = resources[row_id]
        subject = EditionSource(
            id=f"{row.kind}.{row.key}",
            kind=row.kind,
            source_language=Language(row.source_language),
            slugs=slugs.get(row_id, {}),
            number=row.number,
            facet=row.facet,
            facts=row.facts,
            units=tuple(units.get(row_id, ())),
        )
        yield WorkingResource(row_id, row.collection_id, row.category_id, row.rank, row.version, row.withdrawn, subject)


_COLUMNS = (
    Resource.id,
    Resource.kind,
    Resource.key,
    Resource.source_language,
    Resource.collection_id,
    Resource.category_id,
    Resource.rank,
    Resource.version,
    Resource.number,
    Resource.facet,
    Resource.facts,
    Resource.withdrawn,
)


def read_slugs(session: Session, row_ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    """Return the current slugs of each resource, by row id and language. A missing slug is None."""
    slugs: dict[int, dict[str, str | None]] = {row_id: dict.fromkeys(map(str, Language)) for row_id in row_ids}
    query = select(ResourceSlug.resource_id, ResourceSlug.language, ResourceSlug.slug)
    for row_id, language, slug in session.execute(query.where(ResourceSlug.resource_id.in_(row_ids))):
        slugs[row_id][language] = slug
    return slugs


def read_unit_texts(session: Session, row_ids: Sequence[int]) -> dict[int, list[UnitTexts]]:
    """Return the units of each resource, with their current texts, which may be outdated or returned."""
    source, target, basis = aliased(Revision), aliased(Revision), aliased(Revision)
    source_sense, basis_sense = aliased(Sense), aliased(Sense)
    last_review = select(Review.revision_id, func.max(Review.id).label("id")).group_by(Review.revision_id).subquery()
    query = (
        select(
            Unit.resource_id,
            Unit.id.label("unit_id"),
            Unit.field,
            *_text_columns(source, "source"),
            sense_column(source, source_sense).label("sense"),
            *_text_columns(target, "target"),
            basis.id.label("basis_id"),
            sense_column(basis, basis_sense).label("basis_sense"),
            Review.id.label("review_id"),
            Review.decision,
        )
        .join(source, source.id == Unit.source_id)
        .outerjoin(target, target.id == Unit.target_id)
        .outerjoin(basis, basis.id == target.based_on_id)
        .outerjoin(source_sense, source_sense.revision_id == source.id)
        .outerjoin(basis_sense, basis_sense.revision_id == basis.id)
        .outerjoin(last_review, last_review.c.revision_id == target.id)
        .outerjoin(Review, Review.id == last_review.c.id)
        .where(Unit.resource_id.in_(row_ids))
        .order_by(Unit.id)
    )
    units: dict[int, list[UnitTexts]] = {}
    for row in session.execute(query):
        units.setdefault(row.resource_id, []).append(_unit_texts(row))
    return units


def _text_columns(revision: type[Revision], side: str) -> list[Any]:
    names = ("id", "language", "text", "state", "origin", "at")
    return [getattr(revision, name).label(f"{side}_{name}") for name in names]


def _unit_texts(row: Any) -> UnitTexts:
    texts = {Language(row.source_language): _source_text(row)}
    # A draft is never published.
    if row.target_id is not None and row.target_state != State.INITIAL:
        texts[Language(row.target_language)] = _target_text(row)
    return UnitTexts(row.unit_id, row.field, texts)


def _source_text(row: Any) -> TextVersion:
    return TextVersion(row.source_id, row.source_text, State.SOURCE, Origin(row.source_origin), row.source_at)


def _target_text(row: Any) -> TextVersion:
    is_approved = row.decision == Decision.APPROVE
    return TextVersion(
        revision_id=row.target_id,
        text=row.target_text,
        state=State.REVIEWED if is_approved else State(row.target_state),
        origin=Origin(row.target_origin),
        updated_at=row.target_at,
        is_outdated=is_outdated(row.sense, row.basis_sense),
        is_returned=row.decision == Decision.RETURN,
        review_id=row.review_id,
    )
