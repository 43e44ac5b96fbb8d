"""Verification that stored documents, hashes and counts match the stored revisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from api.db.batching import in_batches
from api.domain.actions import Decision
from api.domain.document import EditionSource, build_documents
from api.domain.folding import fold_text
from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts, is_outdated, resolve_sense
from api.domain.sense import find_senses
from api.domain.state import Origin, State
from api.domain.text import content_hash
from api.models import Edition, EditionUnit, Release, Resource, Review, Revision, Suppression, Unit, Waiver
from api.services.authoring.senses import read_source_revisions
from api.services.publishing.release_counts import count_release, sort_counts
from api.services.publishing.snapshot import read_snapshot


class _UnitText(NamedTuple):
    unit_id: int
    field: str
    text: TextVersion


def verify_content(session: Session) -> Iterator[str]:
    """Yield a message for each stored document, hash or count that is wrong.

    A suppressed resource must have no documents.
    """
    yield from _verify_hashes(session)
    yield from _verify_documents(session)
    yield from _verify_counts(session)
    yield from _verify_suppressed(session)


def _verify_hashes(session: Session) -> Iterator[str]:
    suppressed = select(Unit.id).join(Suppression, Suppression.resource_id == Unit.resource_id)
    query = select(Revision.id, Revision.text, Revision.hash, Revision.folded).where(
        Revision.unit_id.not_in(suppressed)
    )
    for row in session.execute(query.execution_options(yield_per=1_000)):
        if content_hash(row.text) != row.hash:
            yield f"revision {row.id}: its text does not match its hash"
        elif fold_text(row.text) != row.folded:
            yield f"revision {row.id}: its text does not match its folded text"


def _verify_suppressed(session: Session) -> Iterator[str]:
    """Verify that suppressed resources are empty in every release."""
    query = (
        select(Resource.kind, Resource.key, Edition.first_release)
        .join(Suppression, Suppression.resource_id == Resource.id)
        .join(Edition, Edition.resource_id == Resource.id)
        .where(Edition.document.is_not(None))
    )
    for row in session.execute(query):
        yield f"{row.kind}.{row.key}, release {row.first_release}: suppressed, but not empty"


def _verify_documents(session: Session) -> Iterator[str]:
    corrected = _list_corrected_units(session)
    edition_ids = session.scalars(select(Edition.id).where(Edition.document.is_not(None)).order_by(Edition.id)).all()
    for batch in in_batches(edition_ids):
        query = (
            select(Edition, Resource.kind, Resource.key)
            .join(Resource, Resource.id == Edition.resource_id)
            .where(Edition.id.in_(batch))
            .order_by(Edition.id)
        )
        editions = [(row.Edition, f"{row.kind}.{row.key}") for row in session.execute(query)]
        yield from _verify_batch(session, editions, corrected)
        session.expunge_all()


def _verify_batch(session: Session, editions: Sequence[tuple[Edition, str]], corrected: set[int]) -> Iterator[str]:
    pairs = _read_pairs(session, [edition.resource_id for edition, _ in editions])
    texts = _read_texts(session, [edition.id for pair in pairs.values() for edition in pair], corrected)
    waivers = _read_waivers(session, [edition.resource_id for edition, _ in editions])
    for edition, name in editions:
        key = (edition.resource_id, edition.first_release)
        if _rebuild_document(edition, name, pairs[key], texts, waivers.get(key, ())) != edition.document:
            yield f"{name}, release {edition.first_release}, {edition.language}: its document differs"


def _list_corrected_units(session: Session) -> set[int]:
    """Return the row ids of units with a revision that was later marked as minor, or as not minor."""
    return set(session.scalars(select(Revision.unit_id).where(Revision.about_id.is_not(None))))


def _read_pairs(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, int], list[Edition]]:
    """Return the editions of these resources, by resource and release.

    Both editions of a pair are needed, since a document contains the states of both languages.
    """
    pairs: dict[tuple[int, int], list[Edition]] = {}
    query = select(Edition).where(Edition.resource_id.in_(set(row_ids)), Edition.document.is_not(None))
    for edition in session.scalars(query):
        pairs.setdefault((edition.resource_id, edition.first_release), []).append(edition)
    return pairs


def _rebuild_document(
    edition: Edition,
    name: str,
    pair: Sequence[Edition],
    texts_by_edition: Mapping[int, Sequence[_UnitText]],
    waivers: Iterable[Mapping[str, Any]],
) -> str | None:
    """Build the document of ``edition`` from its revisions."""
    texts: dict[int, dict[Language, TextVersion]] = {}
    fields: dict[int, str] = {}
    for side in pair:
        for item in texts_by_edition.get(side.id, ()):
            fields[item.unit_id] = item.field
            texts.setdefault(item.unit_id, {})[Language(side.language)] = item.text
    source = EditionSource(
        id=name,
        kind=edition.kind,
        source_language=Language(edition.source_language),
        slugs=edition.slugs,
        number=edition.number,
        facet=edition.facet,
        facts=edition.facts,
        units=tuple(UnitTexts(unit_id, fields[unit_id], texts[unit_id]) for unit_id in sorted(texts)),
        waivers=tuple(waivers),
    )
    built = build_documents(source, [Language(side.language) for side in pair]).get(Language(edition.language))
    return built.document if built else None


def _read_texts(session: Session, edition_ids: Sequence[int], corrected: set[int]) -> dict[int, list[_UnitText]]:
    """Return the texts of each edition.

    Targets are compared with the source in the same release to set ``is_outdated``.
    """
    basis, source = aliased(Revision), aliased(Revision)
    twin_unit, twin = aliased(EditionUnit), aliased(Edition)
    query = (
        select(
            EditionUnit.edition_id, EditionUnit.unit_id, Unit.field, Revision.id, Revision.text, Revision.state,
            Revision.origin, Revision.at, Review.decision, basis.id.label("basis_id"),
            basis.sense_id.label("basis_sense"), source.id.label("source_id"), source.sense_id.label("source_sense"),
            source.number.label("source_number"), source.language.label("source_language"),
        )
        .join(Edition, Edition.id == EditionUnit.edition_id)
        .join(Unit, Unit.id == EditionUnit.unit_id)
        .join(Revision, Revision.id == EditionUnit.revision_id)
        .outerjoin(Review, Review.id == EditionUnit.review_id)
        .outerjoin(basis, basis.id == Revision.based_on_id)
        .outerjoin(twin, and_(twin.resource_id == Edition.resource_id, twin.first_release == Edition.first_release,
                              twin.language == Edition.source_language))
        .outerjoin(twin_unit, and_(twin_unit.edition_id == twin.id, twin_unit.unit_id == EditionUnit.unit_id))
        .outerjoin(source, source.id == twin_unit.revision_id)
    )  # fmt: skip
    texts: dict[int, list[_UnitText]] = {}
    for batch in in_batches(edition_ids):
        for row in session.execute(query.where(EditionUnit.edition_id.in_(batch)).order_by(EditionUnit.unit_id)):
            text = _to_text_version(session, row, row.unit_id in corrected)
            texts.setdefault(row.edition_id, []).append(_UnitText(row.unit_id, row.field, text))
    return texts


def _to_text_version(session: Session, row: Any, is_corrected: bool) -> TextVersion:
    if row.state == State.SOURCE:
        return TextVersion(row.id, row.text, State.SOURCE, Origin(row.origin), row.at)
    source, basis = resolve_sense(row.source_id, row.source_sense), resolve_sense(row.basis_id, row.basis_sense)
    if is_corrected:
        # Later corrections do not change an edition, so only revisions up to the source in its release are read.
        by_revision = find_senses(
            read_source_revisions(session, row.unit_id, row.source_language, up_to=row.source_number)
        )
        source, basis = by_revision[row.source_id], by_revision[row.basis_id]
    state = State.REVIEWED if row.decision == Decision.APPROVE else State(row.state)
    return TextVersion(row.id, row.text, state, Origin(row.origin), row.at, is_outdated=is_outdated(source, basis))


def _read_waivers(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, int], list[Mapping[str, Any]]]:
    """Return the waivers of these resources by resource and release, in the order in which a release lists gaps."""
    order = (*OMITTING_GAPS, *PUBLISHED_GAPS)
    rows = session.scalars(select(Waiver).where(Waiver.resource_id.in_(set(row_ids)))).all()
    waivers: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: order.index(row.gap)):
        waiver = {"gap": row.gap, "language": row.language, "reason": {str(k): row.reason[k] for k in Language}}
        waivers.setdefault((row.resource_id, row.release), []).append(waiver)
    return waivers


def _verify_counts(session: Session) -> Iterator[str]:
    for number, counts in session.execute(select(Release.number, Release.counts).order_by(Release.number)).all():
        if count_release(session, read_snapshot(session, number)) != sort_counts(counts):
            yield f"release {number}: its counts differ from its editions"
