"""Editions: cut from the working copy, closed by the next, opened again by a revert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.bulk_insert import bulk_insert, bulk_insert_returning_ids
from api.domain.document import EditionSource, LanguageDocument, random_position
from api.domain.language import Language
from api.models import Edition, EditionUnit, Resource
from api.services.authoring.working_copy import WorkingResource
from api.services.publishing.snapshot import Snapshot, at_release, read_snapshot

Documents = Mapping[Language, LanguageDocument]

# What an edition is, apart from when: two editions that agree in all of these are the same to the public.
_SAME = ("slugs", "facts", "collection_id", "category_id", "rank", "number", "facet", "withdrawn")


@dataclass(frozen=True, slots=True)
class OpenPair:
    """What is public of a resource now, as far as a release must know it."""

    fingerprint: tuple[Any, ...]
    is_withdrawn: bool

    @property
    def place(self) -> tuple[Any, ...]:
        """The fingerprint without the documents: where the resource stands, and under which addresses."""
        return self.fingerprint[: len(_SAME)]


@dataclass(frozen=True, slots=True)
class RestoredEdition:
    """A resource as a revert finds it: the rows to open again, or none where it was not public then."""

    working: WorkingResource
    first_release: int | None
    rows: tuple[Mapping[str, Any], ...]


def read_open_pairs(session: Session, row_ids: Sequence[int]) -> dict[int, OpenPair]:
    """What is public now of these resources; what never was, or not yet, is absent."""
    current = at_release(Edition, Snapshot(0, is_current=True))
    same = [getattr(Edition, name) for name in _SAME]
    query = select(Edition.resource_id, Edition.language, Edition.document, *same)
    places: dict[int, tuple[Any, ...]] = {}
    documents: dict[tuple[int, str], str | None] = {}
    for row_id, language, document, *place in session.execute(query.where(current, Edition.resource_id.in_(row_ids))):
        places[row_id] = tuple(place)
        documents[row_id, language] = document
    return {
        row_id: OpenPair((*place, *(documents[row_id, language.value] for language in Language)), bool(place[-1]))
        for row_id, place in places.items()
    }


def fingerprint(working: WorkingResource, documents: Documents) -> tuple[Any, ...]:
    """What ``read_open_pairs`` would say of an edition cut from these."""
    said = (documents.get(language) for language in Language)
    return (*_standing(working).values(), *(document.document if document else None for document in said))


def placement_of(working: WorkingResource) -> tuple[Any, ...]:
    """What ``OpenPair.place`` would be of an edition cut from this."""
    return tuple(_standing(working).values())


def _standing(working: WorkingResource) -> dict[str, Any]:
    """Where a resource stands: the columns that are the same in both languages, in the order of ``_SAME``."""
    subject = working.subject
    values = (
        {language.value: subject.slugs.get(language.value) for language in Language},
        dict(subject.facts),
        working.collection_id,
        working.category_id,
        working.rank,
        subject.number,
        subject.facet,
        working.is_withdrawn,
    )
    return dict(zip(_SAME, values, strict=True))


def _fingerprint_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    documents = {row["language"]: row["document"] for row in rows}
    return (*(rows[0][name] for name in _SAME), *(documents[language.value] for language in Language))


def close_pairs(session: Session, number: int, row_ids: Iterable[int]) -> None:
    """End what is public of these resources with release ``number``."""
    for batch in in_batches(row_ids):
        session.execute(
            update(Edition)
            .where(Edition.resource_id.in_(batch), Edition.end_release.is_(None))
            .values(end_release=number)
        )


def open_pairs(session: Session, number: int, cuts: Sequence[tuple[WorkingResource, Documents]]) -> None:
    """Make these editions public from release ``number``, each with the revisions that it was cut from."""
    # Some at a time: thousands of rows that are forgotten at once would keep every other thread waiting.
    for batch in in_batches(cuts):
        rows, texts = [], []
        for working, documents in batch:
            for row in _rows(number, working, documents):
                rows.append(row)
                document = documents.get(Language(row["language"]))
                texts.append(document.texts if document else ())
        ids = bulk_insert_returning_ids(session, Edition, rows)
        held = [
            {"edition_id": i, "unit_id": unit_id, "revision_id": text.revision_id, "review_id": text.review_id}
            for i, pairs in zip(ids, texts, strict=True)
            for unit_id, text in pairs
        ]
        bulk_insert(session, EditionUnit, held)


def _rows(number: int, working: WorkingResource, documents: Documents) -> list[dict[str, Any]]:
    subject: EditionSource = working.subject
    shared = {
        "resource_id": working.row_id,
        "first_release": number,
        "end_release": None,
        "resource_version": working.version,
        "kind": subject.kind,
        "source_language": subject.source_language.value,
        "random": random_position(subject.id),
        **_standing(working),
    }
    return [shared | _language_row(language, documents.get(language)) for language in Language]


def _language_row(language: Language, document: LanguageDocument | None) -> dict[str, Any]:
    return {
        "language": language.value,
        "state": document.state.value if document else None,
        "origin": document.origin.value if document else None,
        "outdated": document.is_outdated if document else False,
        "units": len(document.texts) if document else 0,
        "words": document.words if document else 0,
        "sort_key": document.sort_key if document else None,
        "document": document.document if document else None,
    }


def list_reverts(session: Session, to: int, row_ids: Sequence[int] | None) -> list[RestoredEdition]:
    """What differs between now and release ``to``: of these resources, or of all. Raises ReleaseMissing."""
    then = read_snapshot(session, to, parameter="n")
    now = _pairs(session, Snapshot(0, is_current=True), row_ids)
    before = {} if then.is_current else _pairs(session, then, row_ids)
    if then.is_current:
        return []
    changes = []
    for row_id in sorted(now.keys() | before.keys()):
        old, new = before.get(row_id), now.get(row_id)
        if old and new and _fingerprint_of(old) == _fingerprint_of(new):
            continue
        if new and new[0]["withdrawn"] and (not old or old[0]["withdrawn"]):
            continue
        changes.append((row_id, old, new))
    names = _read_ids(session, [row_id for row_id, _, _ in changes])
    return [_restored(row_id, names[row_id], old, new) for row_id, old, new in changes]


def _read_ids(session: Session, row_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for batch in in_batches(row_ids):
        query = select(Resource.id, Resource.kind, Resource.key).where(Resource.id.in_(batch))
        found |= {row.id: f"{row.kind}.{row.key}" for row in session.execute(query)}
    return found


def _restored(
    row_id: int, name: str, old: Sequence[Mapping[str, Any]] | None, new: Sequence[Mapping[str, Any]] | None
) -> RestoredEdition:
    row = (old or new or [])[0]
    is_withdrawn = old is None or bool(row["withdrawn"])
    subject = EditionSource(
        id=name,
        kind=row["kind"],
        source_language=Language(row["source_language"]),
        slugs=row["slugs"],
        number=row["number"],
        facet=row["facet"],
        facts=row["facts"],
        units=(),
    )
    working = WorkingResource(
        row_id, row["collection_id"], row["category_id"], row["rank"], row["resource_version"], is_withdrawn, subject
    )
    return RestoredEdition(working, row["first_release"] if old else None, tuple(old or ()))


def reopen_pairs(session: Session, number: int, changes: Sequence[RestoredEdition]) -> None:
    """Make the old editions public again from release ``number``; what had none then is withdrawn."""
    open_pairs(session, number, [(change.working, {}) for change in changes if not change.rows])
    old = [row for change in changes for row in change.rows]
    fresh = [
        {k: v for k, v in row.items() if k != "id"} | {"first_release": number, "end_release": None} for row in old
    ]
    if not fresh:
        return
    for old_row, new_id in zip(old, bulk_insert_returning_ids(session, Edition, fresh), strict=True):
        held = select(EditionUnit).where(EditionUnit.edition_id == old_row["id"])
        rows = [
            {"edition_id": new_id, "unit_id": u.unit_id, "revision_id": u.revision_id, "review_id": u.review_id}
            for u in session.scalars(held)
        ]
        bulk_insert(session, EditionUnit, rows)


def _pairs(session: Session, snapshot: Snapshot, row_ids: Sequence[int] | None) -> dict[int, list[Mapping[str, Any]]]:
    query = select(*Edition.__table__.columns).where(at_release(Edition, snapshot)).order_by(Edition.language)
    batches = [None] if row_ids is None else list(in_batches(row_ids))
    found: dict[int, list[Mapping[str, Any]]] = {}
    for batch in batches:
        narrowed = query if batch is None else query.where(Edition.resource_id.in_(batch))
        for row in session.execute(narrowed).mappings():
            found.setdefault(row["resource_id"], []).append(dict(row))
    return found
