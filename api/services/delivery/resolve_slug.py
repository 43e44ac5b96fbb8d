"""From a slug to the resource that it leads to, in one release."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from api.db.statements import execute, table_of
from api.domain.errors import (
    InvalidRequestError,
    Issue,
    PublicResourceNotFoundError,
    ResourceSuppressedError,
    ResourceWithdrawnError,
    SlugMovedError,
)
from api.domain.issue_code import IssueCode
from api.domain.kind import CATEGORY, COLLECTION, Kind
from api.domain.language import Language
from api.domain.slug import is_slug
from api.models import Edition, Resource, Slug, Suppression
from api.services.delivery.edition_pairs import Scope
from api.services.delivery.request import Filters, ReadContext
from api.services.publishing.snapshot import Snapshot, public_at


def get_resource_id(session: Session, kind: Kind, slug: str, snapshot: Snapshot) -> int:
    """The row id of the resource that this slug is an address of.

    Raises ResourceMissing; SlugMoved for a slug that is retired (or, in an old release, not yet given);
    ResourceWithdrawn; ResourceSuppressed.
    """
    found = _find(session, kind, slug, snapshot)
    if found is None:
        raise PublicResourceNotFoundError(kind.name, slug, snapshot.release)
    name = f"{kind.name}.{found.key}"
    if found.is_suppressed:
        raise ResourceSuppressedError(name)
    if found.withdrawn:
        raise ResourceWithdrawnError(name, found.first_release)
    if slug not in found.slugs.values():
        raise SlugMovedError(kind.name, found.slugs[found.source_language])
    return int(found.resource_id)


@cache
def _by_slug(*, is_current: bool) -> Select[Any]:
    edition, slug, resource, suppression = (table_of(each) for each in (Edition, Slug, Resource, Suppression))
    return (
        select(
            edition.c.resource_id, edition.c.withdrawn, edition.c.first_release, edition.c.slugs,
            edition.c.source_language, resource.c.key, suppression.c.resource_id.is_not(None).label("is_suppressed"),
        )
        .select_from(
            slug.join(edition, edition.c.resource_id == slug.c.resource_id)
            .join(resource, resource.c.id == edition.c.resource_id)
            .outerjoin(suppression, suppression.c.resource_id == edition.c.resource_id)
        )
        .where(
            slug.c.kind == bindparam("kind"),
            slug.c.slug == bindparam("slug"),
            # A slug that only the working copy knows is nobody's address yet.
            slug.c.first_release.is_not(None),
            edition.c.language == Language.EN.value,
            public_at(edition.c, is_current=is_current),
        )
    )  # fmt: skip


def _find(session: Session, kind: Kind, slug: str, snapshot: Snapshot) -> Any:
    if not is_slug(slug):
        return None
    statement = _by_slug(is_current=snapshot.is_current)
    return execute(session, statement, kind=kind.name, slug=slug, release=snapshot.release).first()


def resolve_scope(session: Session, kind: Kind, filters: Filters, reading: ReadContext) -> Scope:
    """The filters as row ids. Raises RequestRefused, with all the values that name nothing in this release."""
    collection, category = resolve_names(session, filters, reading)
    return Scope(kind, collection, category, filters.number, filters.facet)


def resolve_names(session: Session, filters: Filters, reading: ReadContext) -> tuple[int | None, int | None]:
    """The row ids of the collection and the category. Raises RequestRefused."""
    faults: list[Issue] = []
    collection = _resolve(session, COLLECTION, filters.collection, reading, faults)
    category = _resolve(session, CATEGORY, filters.category, reading, faults)
    if faults:
        raise InvalidRequestError(faults)
    return collection, category


def _resolve(session: Session, kind: Kind, slug: str | None, reading: ReadContext, faults: list[Issue]) -> int | None:
    if slug is None:
        return None
    row_id = reading.held.remember((kind.name, slug), lambda: _find_public(session, kind, slug, reading.snapshot))
    if row_id is None:
        faults.append(Issue(IssueCode.UNKNOWN_VALUE, parameter=kind.name, data={"value": slug[:100]}))
    return row_id


def _find_public(session: Session, kind: Kind, slug: str, snapshot: Snapshot) -> int | None:
    found = _find(session, kind, slug, snapshot)
    return None if found is None or found.withdrawn else int(found.resource_id)
