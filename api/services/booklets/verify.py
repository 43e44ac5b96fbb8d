"""Is what is public what was written? Every document, made again from its revisions, must be the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from api.db.batching import in_batches
from api.domain.actions import Decision
from api.domain.document import EditionSource, build_documents
from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.language import Language
from api.domain.parity import TextVersion, UnitTexts, is_outdated, sense_of
from api.domain.sense import senses
from api.domain.state import Origin, State
from api.domain.text import content_hash
from api.models import Edition, EditionUnit, Release, Resource, Review, Revision, Suppression, Unit, Waiver
from api.services.authoring.senses import read_source_revisions
from api.services.publishing.release_counts import count_release, sort_counts
from api.services.publishing.snapshot import read_snapshot

_BATCH = 500


def verify_content(session: Session) -> Iterator[str]:
    """One line for everything that is not as it should be; none where all is well."""
    yield from _verify_hashes(session)
    yield from _verify_documents(session)
    yield from _verify_counts(session)
    yield from _verify_suppressed(session)


def _verify_hashes(session: Session) -> Iterator[str]:
    suppressed = select(Unit.id).join(Suppression, Suppression.resource_id == Unit.resource_id)
    query = select(Revision.id, Revision.text, Revision.hash).where(Revision.unit_id.not_in(suppressed))
    for row in session.execute(query.execution_options(yield_per=1_000)):
        if content_hash(row.text) != row.hash:
            yield f"revision {row.id}: its text is not the one that was written"


def _verify_suppressed(session: Session) -> Iterator[str]:
    """What was emptied for ever must be empty still."""
    query = (
        select(Resource.kind, Resource.key, Edition.first_release)
        .join(Suppression, Suppression.resource_id == Resource.id)
        .join(Edition, Edition.resource_id == Resource.id)
        .where(Edition.document.is_not(None))
    )
    for row in session.execute(query):
        yield f"{row.kind}.{row.key}, release {row.first_release}: it was suppressed, and is not empty"


def _verify_documents(session: Session) -> Iterator[str]:
    declared = _units_with_declarations(session)
    last = 0
    while True:
        query = (
            select(Edition, Resource.kind, Resource.key)
            .join(Resource, Resource.id == Edition.resource_id)
            .where(Edition.id > last, Edition.document.is_not(None))
            .order_by(Edition.id)
            .limit(_BATCH)
        )
        rows = session.execute(query).all()
        if not rows:
            return
        last = rows[-1][0].id
        yield from _verify_batch(session, [(row[0], f"{row.kind}.{row.key}") for row in rows], declared)
        session.expunge_all()


def _verify_batch(session: Session, editions: Sequence[tuple[Edition, str]], declared: set[int]) -> Iterator[str]:
    pairs = _read_pairs(session, [edition.resource_id for edition, _ in editions])
    texts = _read_texts(session, [each.id for pair in pairs.values() for each in pair], declared)
    waivers = _read_waivers(session, [edition.resource_id for edition, _ in editions])
    for edition, name in editions:
        at = (edition.resource_id, edition.first_release)
        if _make_again(edition, name, pairs[at], texts, waivers.get(at, ())) != edition.document:
            yield f"{name}, release {edition.first_release}, {edition.language}: its document differs"


def _units_with_declarations(session: Session) -> set[int]:
    """The units of which somebody has said since that a revision was minor, or was not."""
    return set(session.scalars(select(Revision.unit_id).where(Revision.about_id.is_not(None))))


def _read_pairs(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, int], list[Edition]]:
    """The public languages of these resources, by resource and release: a document names the states of both."""
    found: dict[tuple[int, int], list[Edition]] = {}
    query = select(Edition).where(Edition.resource_id.in_(set(row_ids)), Edition.document.is_not(None))
    for edition in session.scalars(query):
        found.setdefault((edition.resource_id, edition.first_release), []).append(edition)
    return found


def _make_again(
    edition: Edition,
    name: str,
    pair: Sequence[Edition],
    held: Mapping[int, Sequence[tuple[int, str, TextVersion]]],
    waivers: Iterable[Mapping[str, Any]],
) -> str | None:
    """The document of ``edition`` from its revisions."""
    texts: dict[int, dict[Language, TextVersion]] = {}
    fields: dict[int, str] = {}
    for each in pair:
        for unit_id, field, text in held.get(each.id, ()):
            fields[unit_id] = field
            texts.setdefault(unit_id, {})[Language(each.language)] = text
    subject = EditionSource(
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
    mine = build_documents(subject, [Language(each.language) for each in pair]).get(Language(edition.language))
    return mine.document if mine else None


def _read_texts(
    session: Session, edition_ids: Sequence[int], declared: set[int]
) -> dict[int, list[tuple[int, str, TextVersion]]]:
    """The texts of editions: for a target with the source that was public beside it, and the one it is based on."""
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
    found: dict[int, list[tuple[int, str, TextVersion]]] = {}
    for batch in in_batches(edition_ids):
        for row in session.execute(query.where(EditionUnit.edition_id.in_(batch)).order_by(EditionUnit.unit_id)):
            text = _text(session, row, row.unit_id in declared)
            found.setdefault(row.edition_id, []).append((row.unit_id, row.field, text))
    return found


def _text(session: Session, row: Any, is_declared: bool) -> TextVersion:
    if row.state == State.SOURCE:
        return TextVersion(row.id, row.text, State.SOURCE, Origin(row.origin), row.at)
    source, basis = sense_of(row.source_id, row.source_sense), sense_of(row.basis_id, row.basis_sense)
    if is_declared:
        # What is said of senses later is no part of what was public: the history ends where the edition was cut.
        known = senses(read_source_revisions(session, row.unit_id, row.source_language, up_to=row.source_number))
        source, basis = known[row.source_id], known[row.basis_id]
    state = State.REVIEWED if row.decision == Decision.APPROVE else State(row.state)
    return TextVersion(row.id, row.text, state, Origin(row.origin), row.at, is_outdated=is_outdated(source, basis))


def _read_waivers(session: Session, row_ids: Sequence[int]) -> dict[tuple[int, int], list[Mapping[str, Any]]]:
    """The waivers of these resources, by resource and release, in the order in which a release tells the gaps."""
    order = (*OMITTING_GAPS, *PUBLISHED_GAPS)
    rows = session.scalars(select(Waiver).where(Waiver.resource_id.in_(set(row_ids)))).all()
    found: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: order.index(row.gap)):
        told = {"gap": row.gap, "language": row.language, "reason": {str(k): row.reason[k] for k in Language}}
        found.setdefault((row.resource_id, row.release), []).append(told)
    return found


def _verify_counts(session: Session) -> Iterator[str]:
    for number, counts in session.execute(select(Release.number, Release.counts).order_by(Release.number)).all():
        if count_release(session, read_snapshot(session, number)) != sort_counts(counts):
            yield f"release {number}: its counts differ from its editions"
