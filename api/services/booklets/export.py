"""The working copy of a collection as a content folder, in the format that it is loaded from."""

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
from api.services.booklets.stored import StoredText, StoredUnit, facts_of, read_stored_units


def export_folder(session: Session, collection: str) -> Folder:
    """The collection with this key and all in it, as it stands. Raises UnknownResource."""
    own = session.scalar(select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == collection))
    if own is None:
        raise WorkingResourceNotFoundError(f"{COLLECTION.name}.{collection}")
    rows = session.scalars(
        select(Resource)
        .where(or_(Resource.id == own, Resource.collection_id == own), ~Resource.withdrawn)
        .order_by(Resource.rank, Resource.id)
    ).all()
    keys = {row.id: row.key for row in rows}
    row_ids = [row.id for row in rows]
    slugs, units = read_slugs(session, row_ids), read_stored_units(session, row_ids)
    resources = [
        _resource(session, row, slugs[row.id], keys.get(row.category_id or 0), units.get(row.id, {})) for row in rows
    ]
    order = list(KINDS)
    resources.sort(key=lambda resource: order.index(resource.id.kind))
    return Folder(collection, tuple(resources))


def _resource(
    session: Session, row: Resource, slugs: dict[str, str | None], category: str | None, units: dict[str, StoredUnit]
) -> FolderResource:
    facts = facts_of(row, slugs, category)
    source = Language(row.source_language)
    order = [field.name for field in KINDS[row.kind].fields]
    return FolderResource(
        id=ResourceId(row.kind, row.key),
        source_language=source,
        slugs={language: slugs[language.value] for language in Language},
        number=row.number,
        category=category,
        facet=row.facet,
        facts=facts["facts"],
        units=tuple(_unit(session, name, units[name], source) for name in order if name in units),
    )


def _unit(session: Session, field: str, unit: StoredUnit, source: Language) -> FolderUnit:
    target: StoredText | None = unit.texts.get(source.other)
    said = target.stands if target else None
    return FolderUnit(
        field=field,
        texts={language: text.stands.text for language, text in unit.texts.items()},
        state=State(said.state) if said else None,
        origin=Origin(said.origin) if said else None,
        tool=said.tool if said else None,
        source_origin=Origin(unit.texts[source].stands.origin),
        reviewed_by=_reviewer(session, target) if target and target.stands.state == State.REVIEWED else None,
        note=unit.note,
        printed=unit.printed,
        stands_in=unit.stands_in,
    )


def _reviewer(session: Session, target: StoredText) -> str | None:
    query = (
        select(Actor.name)
        .join(Review, Review.reviewer_id == Actor.id)
        .where(Review.revision_id == target.revision_id)
        .order_by(Review.id.desc())
        .limit(1)
    )
    return session.scalar(query)
