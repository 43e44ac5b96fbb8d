"""Editions: published resources. An edition is a row for one language; the rows for both languages form a pair."""

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
from api.models import Edition, EditionUnit
from api.services.authoring.working_copy import WorkingResource
from api.services.publishing.snapshot import Snapshot, at_release

Documents = Mapping[Language, LanguageDocument]
# The values of an edition by column name.
EditionRow = Mapping[str, Any]

# The columns that both rows of a pair share. If two pairs have the same documents and the same values in these columns,
# readers see no difference between them.
_SHARED = ("slugs", "facts", "collection_id", "category_id", "rank", "number", "facet", "withdrawn")
_WITHDRAWN = _SHARED.index("withdrawn")


@dataclass(frozen=True, slots=True)
class OpenPair:
    """The parts of a resource's public pair that a release compares with the working copy."""

    fingerprint: tuple[Any, ...]
    is_withdrawn: bool

    @property
    def placement(self) -> tuple[Any, ...]:
        """The values of the columns that both languages share: the fingerprint without the documents."""
        return self.fingerprint[: len(_SHARED)]


def read_open_pairs(session: Session, row_ids: Sequence[int]) -> dict[int, OpenPair]:
    """Return the public pairs of these resources by row id. Resources that were never public are left out."""
    current = at_release(Edition, Snapshot(0, is_current=True))
    shared = [getattr(Edition, name) for name in _SHARED]
    query = select(Edition.resource_id, Edition.language, Edition.document, *shared)
    placements: dict[int, tuple[Any, ...]] = {}
    documents: dict[tuple[int, str], str | None] = {}
    rows = session.execute(query.where(current, Edition.resource_id.in_(row_ids)))
    for row_id, language, document, *placement in rows:
        placements[row_id] = tuple(placement)
        documents[row_id, language] = document
    return {
        row_id: OpenPair(
            fingerprint=(*placement, *(documents[row_id, language.value] for language in Language)),
            is_withdrawn=bool(placement[_WITHDRAWN]),
        )
        for row_id, placement in placements.items()
    }


def fingerprint(working: WorkingResource, documents: Documents) -> tuple[Any, ...]:
    """Return the fingerprint of a new pair that is made from this resource and these documents."""
    texts = (documents.get(language) for language in Language)
    return (*placement_of(working), *(document.document if document else None for document in texts))


def fingerprint_rows(rows: Sequence[EditionRow]) -> tuple[Any, ...]:
    """Return the fingerprint of the two rows of a pair."""
    documents = {row["language"]: row["document"] for row in rows}
    return (*(rows[0][name] for name in _SHARED), *(documents[language.value] for language in Language))


def placement_of(working: WorkingResource) -> tuple[Any, ...]:
    """Return the placement of a new pair that is made from this resource (see ``OpenPair.placement``)."""
    return tuple(_shared_columns(working).values())


def _shared_columns(working: WorkingResource) -> dict[str, Any]:
    """Return the columns that are the same in both languages, in the order of ``_SHARED``."""
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
    return dict(zip(_SHARED, values, strict=True))


def close_pairs(session: Session, number: int, row_ids: Iterable[int]) -> None:
    """End the public pairs of these resources. They are not public in release ``number`` or later."""
    for batch in in_batches(row_ids):
        session.execute(
            update(Edition)
            .where(Edition.resource_id.in_(batch), Edition.end_release.is_(None))
            .values(end_release=number)
        )


def open_pairs(session: Session, number: int, pairs: Sequence[tuple[WorkingResource, Documents]]) -> None:
    """Publish these pairs in release ``number``, and store the revisions that each pair was made from."""
    # In batches: freeing thousands of rows at once would stall all other threads.
    for batch in in_batches(pairs):
        rows, texts = [], []
        for working, documents in batch:
            for row in _edition_rows(number, working, documents):
                rows.append(row)
                document = documents.get(Language(row["language"]))
                texts.append(document.texts if document else ())
        edition_ids = bulk_insert_returning_ids(session, Edition, rows)
        units = [
            {"edition_id": edition_id, "unit_id": unit_id, "revision_id": text.revision_id, "review_id": text.review_id}
            for edition_id, texts_of_edition in zip(edition_ids, texts, strict=True)
            for unit_id, text in texts_of_edition
        ]
        bulk_insert(session, EditionUnit, units)


def _edition_rows(number: int, working: WorkingResource, documents: Documents) -> list[dict[str, Any]]:
    subject: EditionSource = working.subject
    shared = {
        "resource_id": working.row_id,
        "first_release": number,
        "end_release": None,
        "resource_version": working.version,
        "kind": subject.kind,
        "source_language": subject.source_language.value,
        "random": random_position(subject.id),
        **_shared_columns(working),
    }
    return [shared | _language_columns(language, documents.get(language)) for language in Language]


def _language_columns(language: Language, document: LanguageDocument | None) -> dict[str, Any]:
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
