"""The working copy of resources: ids, slugs and columns. The public sees no change before a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert_returning_ids
from api.db.read_session import table_of
from api.domain.actions import AuditAction
from api.domain.errors import ActionRefusedError, InvalidSlugError, WorkingResourceNotFoundError
from api.domain.issue_code import IssueCode
from api.domain.kind import parse_resource_id
from api.domain.language import Language
from api.domain.slug import find_slug_issue
from api.models import Resource, ResourceSlug, Slug, Suppression
from api.services.access.audit_log import AuditContext, record_audit

# A resource's slugs by language; None if it has no slug in that language.
Slugs = Mapping[Language, str | None]


def get_row_id(session: Session, resource: str) -> int:
    """Return the row id of the resource with this id. Raises WorkingResourceNotFoundError."""
    parsed = parse_resource_id(resource)
    row_id = None
    if parsed is not None:
        row_id = session.scalar(
            select(Resource.id).where(Resource.kind == parsed.kind, Resource.key == parsed.key, ~Resource.deleted)
        )
    if row_id is None:
        raise WorkingResourceNotFoundError(resource)
    return row_id


def get_name(session: Session, row_id: int) -> str:
    """Return the id (``kind.key``) of the resource in this row."""
    row = session.execute(select(Resource.kind, Resource.key).where(Resource.id == row_id)).one()
    return f"{row.kind}.{row.key}"


def refuse_suppressed(session: Session, row_id: int) -> None:
    """Raise ActionRefusedError for a suppressed resource, since no change to it would ever be published."""
    if session.get(Suppression, row_id) is not None:
        raise ActionRefusedError(IssueCode.SUPPRESSED)


def find_slug_holders(session: Session, kind: str, slugs: Sequence[str]) -> dict[str, str]:
    """Return a mapping from each slug to the id of the resource that the slug leads to. Free slugs are omitted."""
    query = (
        select(Slug.slug, Resource.kind, Resource.key)
        .join(Resource, Resource.id == Slug.resource_id)
        .where(Slug.kind == kind, Slug.slug.in_(slugs))
    )
    return {row.slug: f"{row.kind}.{row.key}" for row in session.execute(query)}


def insert_resources(session: Session, rows: Sequence[Mapping[str, Any]], slugs: Sequence[Slugs]) -> list[int]:
    """Insert resources with their slugs, and return their row ids.

    ``rows`` holds the columns of each resource, and ``slugs`` its slugs, in the same order.
    """
    row_ids = bulk_insert_returning_ids(session, Resource, rows)
    owned, current = [], []
    for row_id, row, own_slugs in zip(row_ids, rows, slugs, strict=True):
        distinct = {slug for slug in own_slugs.values() if slug is not None}
        owned += [{"kind": row["kind"], "slug": slug, "resource_id": row_id} for slug in sorted(distinct)]
        current += [
            {"resource_id": row_id, "language": language.value, "kind": row["kind"], "slug": slug}
            for language, slug in own_slugs.items()
            if slug is not None
        ]
    if owned:
        session.execute(insert(table_of(Slug)), owned)
        session.execute(insert(table_of(ResourceSlug)), current)
    return row_ids


def set_slug(session: Session, audit: AuditContext, resource: str, language: Language, slug: str | None) -> None:
    """Change the slug of a resource in one language. If the old slug was public, it redirects to the resource for ever.

    Raises WorkingResourceNotFoundError; InvalidSlugError for a slug that is malformed, too long, reserved or taken.
    """
    row_id = get_row_id(session, resource)
    kind = resource.partition(".")[0]
    if slug is not None:
        _claim_slug(session, kind, slug, row_id, language)
    here = (ResourceSlug.resource_id == row_id, ResourceSlug.language == language.value)
    old = session.scalar(select(ResourceSlug.slug).where(*here))
    if old == slug:
        return
    session.execute(delete(ResourceSlug).where(*here))
    if slug is not None:
        session.execute(insert(ResourceSlug).values(resource_id=row_id, language=language.value, kind=kind, slug=slug))
    _free_unused_slugs(session, row_id)
    update_resource(session, row_id, {})
    record_audit(
        session, audit, AuditAction.SLUG, resource, detail={"language": language.value, "from": old, "to": slug}
    )


def _claim_slug(session: Session, kind: str, slug: str, row_id: int, language: Language) -> None:
    code = find_slug_issue(slug)
    if code is not None:
        raise InvalidSlugError(kind, slug, code, language.value)
    holder = session.scalar(select(Slug.resource_id).where(Slug.kind == kind, Slug.slug == slug))
    if holder is None:
        session.execute(insert(Slug).values(kind=kind, slug=slug, resource_id=row_id))
    elif holder != row_id:
        raise InvalidSlugError(
            kind, slug, IssueCode.SLUG_TAKEN, language.value, find_slug_holders(session, kind, [slug])[slug]
        )


def _free_unused_slugs(session: Session, row_id: int) -> None:
    """Free the slugs that were never public and are no longer used."""
    in_use = exists().where(
        ResourceSlug.resource_id == Slug.resource_id, ResourceSlug.kind == Slug.kind, ResourceSlug.slug == Slug.slug
    )
    session.execute(
        delete(Slug)
        .where(Slug.resource_id == row_id, Slug.first_release.is_(None), ~in_use)
        .execution_options(synchronize_session=False)
    )


def update_resource(session: Session, row_id: int, values: Mapping[str, Any]) -> None:
    """Change columns, if any, of a resource's working copy, and increment its version."""
    session.execute(update(Resource).where(Resource.id == row_id).values(**values, version=Resource.version + 1))


def list_row_ids(session: Session, resources: Iterable[str] | None = None) -> list[int]:
    """Return the row ids of these resources.

    Without ``resources``, return the row ids of all resources, ordered by kind and rank. Raises
    WorkingResourceNotFoundError.
    """
    if resources is not None:
        return [get_row_id(session, resource) for resource in resources]
    return list(
        session.scalars(
            select(Resource.id).where(~Resource.deleted).order_by(Resource.kind, Resource.rank, Resource.id)
        )
    )
