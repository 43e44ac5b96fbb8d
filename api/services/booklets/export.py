"""The working copy of a collection as a content folder, in the format that a load reads."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.domain.errors import WorkingResourceNotFoundError
from api.domain.kind import COLLECTION, KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State
from api.models import Actor, Resource, Review
from api.services.authoring.working_copy import read_slugs
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.stored import StoredText, StoredUnit, read_stored_units


def export_folder(session: Session, collection: str) -> Folder:
    """Return the working copy of the collection with this key. Raises WorkingResourceNotFoundError."""
    row_id = session.scalar(select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == collection))
    if row_id is None:
        raise WorkingResourceNotFoundError(f"{COLLECTION.name}.{collection}")
    rows = session.scalars(
        select(Resource)
        .where(or_(Resource.id == row_id, Resource.collection_id == row_id), ~Resource.withdrawn)
        .order_by(Resource.rank, Resource.id)
    ).all()
    keys = {row.id: row.key for row in rows}
    row_ids = [row.id for row in rows]
    slugs, units = read_slugs(session, row_ids), read_stored_units(session, row_ids)
    resources = [
        _to_folder_resource(session, row, slugs[row.id], keys.get(row.category_id or 0), units.get(row.id, {}))
        for row in rows
    ]
    kinds = list(KINDS)
    resources.sort(key=lambda resource: kinds.index(resource.id.kind))
    return Folder(collection, tuple(resources))


def _to_folder_resource(
    session: Session, row: Resource, slugs: dict[str, str | None], category: str | None, units: dict[str, StoredUnit]
) -> FolderResource:
    source = Language(row.source_language)
    fields = [field.name for field in KINDS[row.kind].fields]
    return FolderResource(
        id=ResourceId(row.kind, row.key),
        source_language=source,
        slugs={language: slugs[language.value] for language in Language},
        number=row.number,
        category=category,
        facet=row.facet,
        facts=row.facts,
        units=tuple(_to_folder_unit(session, name, units[name], source) for name in fields if name in units),
    )


def _to_folder_unit(session: Session, field: str, unit: StoredUnit, source: Language) -> FolderUnit:
    target: StoredText | None = unit.texts.get(source.other)
    record = target.current if target else None
    return FolderUnit(
        field=field,
        texts={language: text.current.text for language, text in unit.texts.items()},
        state=State(record.state) if record else None,
        origin=Origin(record.origin) if record else None,
        tool=record.tool if record else None,
        source_origin=Origin(unit.texts[source].current.origin),
        reviewed_by=_find_reviewer(session, target) if target and target.current.state == State.REVIEWED else None,
        note=unit.note,
        printed=unit.printed,
        stands_in=unit.stands_in,
    )


def _find_reviewer(session: Session, target: StoredText) -> str | None:
    query = (
        select(Actor.name)
        .join(Review, Review.reviewer_id == Actor.id)
        .where(Review.revision_id == target.revision_id)
        .order_by(Review.id.desc())
        .limit(1)
    )
    return session.scalar(query)
