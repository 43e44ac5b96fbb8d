"""Is what is public what was written? Every document, made again from its revisions, must be the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.domain.document import Subject, cut
from api.domain.language import Language
from api.domain.parity import GOES_OUT, LEAVES_OUT, Text, UnitTexts, is_outdated
from api.domain.sense import senses
from api.domain.state import Origin, State
from api.domain.text import content_hash
from api.models import Edition, EditionUnit, Release, Resource, Review, Revision, Suppression, Unit, Waiver
from api.services.census import count_release
from api.services.sense import read_history
from api.services.snapshot import read_snapshot

_BATCH = 500


def verify_content(session: Session) -> Iterator[str]:
    """One line for everything that is not as it should be; none where all is well."""
    yield from _verify_hashes(session)
    yield from _verify_documents(session)
    yield from _verify_counts(session)


def _verify_hashes(session: Session) -> Iterator[str]:
    suppressed = select(Unit.id).join(Suppression, Suppression.resource_id == Unit.resource_id)
    query = select(Revision.id, Revision.text, Revision.hash).where(Revision.unit_id.not_in(suppressed))
    for row in session.execute(query.execution_options(yield_per=1_000)):
        if content_hash(row.text) != row.hash:
            yield f"revision {row.id}: its text is not the one that was written"


def _verify_documents(session: Session) -> Iterator[str]:
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
        for edition, kind, key in rows:
            name = f"{kind}.{key}"
            if _make_again(session, edition, name) != edition.document:
                yield f"{name}, release {edition.first_release}, {edition.language}: its document differs"
        session.expunge_all()


def _make_again(session: Session, edition: Edition, name: str) -> str | None:
    """The document of ``edition`` from its revisions. Its twin's texts are read too: documents name both states."""
    pair = session.scalars(
        select(Edition).where(
            Edition.resource_id == edition.resource_id,
            Edition.first_release == edition.first_release,
            Edition.document.is_not(None),
        )
    ).all()
    source = Language(edition.source_language)
    texts: dict[int, dict[Language, Text]] = {}
    fields: dict[int, str] = {}
    for each in pair:
        for row in _read_texts(session, each):
            fields[row.unit_id] = row.field
            texts.setdefault(row.unit_id, {})[Language(each.language)] = _text(session, row, source)
    subject = Subject(
        id=name,
        kind=edition.kind,
        source_language=source,
        slugs=edition.slugs,
        number=edition.number,
        facet=edition.facet,
        facts=edition.facts,
        units=tuple(UnitTexts(unit_id, fields[unit_id], texts[unit_id]) for unit_id in sorted(texts)),
        waivers=tuple(_waivers(session, edition)),
    )
    documents = cut(subject, [Language(each.language) for each in pair])
    mine = documents.get(Language(edition.language))
    return mine.document if mine else None


def _read_texts(session: Session, edition: Edition) -> Any:
    """The texts of an edition, and for a target the source that was public beside it and the one it is based on."""
    basis = aliased(Revision)
    twin_unit, source = aliased(EditionUnit), aliased(Revision)
    twin = aliased(Edition)
    return session.execute(
        select(
            EditionUnit.unit_id, Unit.field, Revision.id, Revision.text, Revision.state, Revision.origin, Revision.at,
            Review.decision, basis.id.label("basis_id"), source.id.label("source_id"),
            source.number.label("source_number"),
        )
        .join(Unit, Unit.id == EditionUnit.unit_id)
        .join(Revision, Revision.id == EditionUnit.revision_id)
        .outerjoin(Review, Review.id == EditionUnit.review_id)
        .outerjoin(basis, basis.id == Revision.based_on_id)
        .join(twin, (twin.resource_id == edition.resource_id) & (twin.first_release == edition.first_release)
              & (twin.language == edition.source_language))
        .outerjoin(twin_unit, (twin_unit.edition_id == twin.id) & (twin_unit.unit_id == EditionUnit.unit_id))
        .outerjoin(source, source.id == twin_unit.revision_id)
        .where(EditionUnit.edition_id == edition.id)
        .order_by(EditionUnit.unit_id)
    )  # fmt: skip


def _text(session: Session, row: Any, source: Language) -> Text:
    if row.state == State.SOURCE:
        return Text(row.id, row.text, State.SOURCE, Origin(row.origin), row.at)
    # What is said of senses later is no part of what was public: the history ends where the edition was cut.
    known = senses(read_history(session, row.unit_id, source.value, up_to=row.source_number))
    outdated = is_outdated(known[row.source_id], known[row.basis_id])
    state = State.REVIEWED if row.decision == "approve" else State(row.state)
    return Text(row.id, row.text, state, Origin(row.origin), row.at, is_outdated=outdated)


def _waivers(session: Session, edition: Edition) -> Iterator[Mapping[str, Any]]:
    """The waivers of an edition, in the order of the gaps as a release tells them."""
    order = (*LEAVES_OUT, *GOES_OUT)
    rows = session.scalars(
        select(Waiver).where(Waiver.release == edition.first_release, Waiver.resource_id == edition.resource_id)
    ).all()
    for row in sorted(rows, key=lambda row: order.index(row.gap)):
        yield {"gap": row.gap, "language": row.language, "reason": {str(k): row.reason[k] for k in Language}}


def _verify_counts(session: Session) -> Iterator[str]:
    for number, counts in session.execute(select(Release.number, Release.counts).order_by(Release.number)).all():
        if count_release(session, read_snapshot(session, number)) != counts:
            yield f"release {number}: its counts differ from its editions"
