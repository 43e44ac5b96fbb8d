"""From a slug to the resource that it leads to, in one release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.errors import Fault, RequestRefused, ResourceMissing, ResourceSuppressed, ResourceWithdrawn, SlugMoved
from api.domain.kind import CATEGORY, COLLECTION, Kind
from api.domain.language import Language
from api.domain.slug import is_slug
from api.models import Edition, Resource, Slug, Suppression
from api.services.delivery.editions import Scope
from api.services.delivery.request import Filters
from api.services.snapshot import Snapshot, at_release


def get_resource_id(session: Session, kind: Kind, slug: str, snapshot: Snapshot) -> int:
    """The row id of the resource that this slug is an address of.

    Raises ResourceMissing; SlugMoved for a slug that is retired (or, in an old release, not yet given);
    ResourceWithdrawn; ResourceSuppressed.
    """
    found = _find(session, kind, slug, snapshot)
    if found is None:
        raise ResourceMissing(kind.name, slug, snapshot.release)
    edition, name = found
    if session.scalar(select(Suppression.resource_id).where(Suppression.resource_id == edition.resource_id)):
        raise ResourceSuppressed(name)
    if edition.withdrawn:
        raise ResourceWithdrawn(name, edition.first_release)
    if slug not in edition.slugs.values():
        raise SlugMoved(kind.name, edition.slugs[edition.source_language])
    return int(edition.resource_id)


def _find(session: Session, kind: Kind, slug: str, snapshot: Snapshot) -> tuple[Any, str] | None:
    if not is_slug(slug):
        return None
    query = (
        select(
            Edition.resource_id, Edition.withdrawn, Edition.first_release, Edition.slugs, Edition.source_language,
            Resource.key,
        )
        .join(Slug, Slug.resource_id == Edition.resource_id)
        .join(Resource, Resource.id == Edition.resource_id)
        .where(
            Slug.kind == kind.name,
            Slug.slug == slug,
            # A slug that only the working copy knows is nobody's address yet.
            Slug.first_release.is_not(None),
            Edition.language == Language.EN.value,
            at_release(Edition, snapshot),
        )
    )  # fmt: skip
    row = session.execute(query).first()
    return None if row is None else (row, f"{kind.name}.{row.key}")


def resolve_scope(session: Session, kind: Kind, filters: Filters, snapshot: Snapshot) -> Scope:
    """The filters as row ids. Raises RequestRefused, with all the values that name nothing in this release."""
    collection, category = resolve_names(session, filters, snapshot)
    return Scope(kind, collection, category, filters.number, filters.facet)


def resolve_names(session: Session, filters: Filters, snapshot: Snapshot) -> tuple[int | None, int | None]:
    """The row ids of the collection and the category. Raises RequestRefused."""
    faults: list[Fault] = []
    collection = _resolve(session, COLLECTION, filters.collection, snapshot, faults)
    category = _resolve(session, CATEGORY, filters.category, snapshot, faults)
    if faults:
        raise RequestRefused(faults)
    return collection, category


def _resolve(session: Session, kind: Kind, slug: str | None, snapshot: Snapshot, faults: list[Fault]) -> int | None:
    if slug is None:
        return None
    found = _find(session, kind, slug, snapshot)
    if found is None or found[0].withdrawn:
        faults.append(Fault("unknown-value", parameter=kind.name, data={"value": slug[:100]}))
        return None
    return int(found[0].resource_id)
