"""The working copy of resources: made, named, moved, withdrawn. The public sees none of it before a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from api.db.bulk_insert import bulk_insert_returning_ids
from api.db.statements import table_of
from api.domain.errors import ActionRefusedError, InvalidSlugError, WorkingResourceNotFoundError
from api.domain.issue_code import IssueCode
from api.domain.kind import parse_resource_id
from api.domain.language import Language
from api.domain.slug import find_slug_issue
from api.models import Resource, ResourceSlug, Slug, Suppression
from api.services.access.audit_log import AuditContext, record_audit

# A resource's slugs by language; None where it has none.
Slugs = Mapping[Language, str | None]


def get_row_id(session: Session, resource: str) -> int:
    """The row id of the resource with this id. Raises UnknownResource."""
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
    """The id, ``kind.key``, of the resource in this row."""
    row = session.execute(select(Resource.kind, Resource.key).where(Resource.id == row_id)).one()
    return f"{row.kind}.{row.key}"


def refuse_suppressed(session: Session, row_id: int) -> None:
    """Raises ActRefused for what was emptied for ever: nothing that anybody did there would be seen again."""
    if session.get(Suppression, row_id) is not None:
        raise ActionRefusedError(IssueCode.SUPPRESSED)


def find_slug_holders(session: Session, kind: str, slugs: Sequence[str]) -> dict[str, str]:
    """Which of these slugs lead to a resource already, and to which."""
    query = (
        select(Slug.slug, Resource.kind, Resource.key)
        .join(Resource, Resource.id == Slug.resource_id)
        .where(Slug.kind == kind, Slug.slug.in_(slugs))
    )
    return {row.slug: f"{row.kind}.{row.key}" for row in session.execute(query)}


def insert_resources(session: Session, rows: Sequence[Mapping[str, Any]], slugs: Sequence[Slugs]) -> list[int]:
    """The row ids of new resources, made with their slugs; ``rows`` are columns, ``slugs`` run beside them."""
    row_ids = bulk_insert_returning_ids(session, Resource, rows)
    held, current = [], []
    for row_id, row, mine in zip(row_ids, rows, slugs, strict=True):
        words = {slug for slug in mine.values() if slug is not None}
        held += [{"kind": row["kind"], "slug": slug, "resource_id": row_id} for slug in sorted(words)]
        current += [
            {"resource_id": row_id, "language": language.value, "kind": row["kind"], "slug": slug}
            for language, slug in mine.items()
            if slug is not None
        ]
    if held:
        session.execute(insert(table_of(Slug)), held)
        session.execute(insert(table_of(ResourceSlug)), current)
    return row_ids


def set_slug(session: Session, audit: AuditContext, resource: str, language: Language, slug: str | None) -> None:
    """Give a resource another slug in one language. The old one leads to it for ever, once it was public.

    Raises UnknownResource; SlugRefused for a slug that is malformed, too long, reserved or another resource's.
    """
    row_id = get_row_id(session, resource)
    kind = resource.partition(".")[0]
    if slug is not None:
        _claim(session, kind, slug, row_id, language)
    here = (ResourceSlug.resource_id == row_id, ResourceSlug.language == language.value)
    old = session.scalar(select(ResourceSlug.slug).where(*here))
    if old == slug:
        return
    session.execute(delete(ResourceSlug).where(*here))
    if slug is not None:
        session.execute(insert(ResourceSlug).values(resource_id=row_id, language=language.value, kind=kind, slug=slug))
    _drop_never_public(session, row_id)
    _touch(session, row_id)
    record_audit(session, audit, "slug", resource, detail={"language": language.value, "from": old, "to": slug})


def _claim(session: Session, kind: str, slug: str, row_id: int, language: Language) -> None:
    fault = find_slug_issue(slug)
    if fault is not None:
        raise InvalidSlugError(kind, slug, fault, language.value)
    holder = session.scalar(select(Slug.resource_id).where(Slug.kind == kind, Slug.slug == slug))
    if holder is None:
        session.execute(insert(Slug).values(kind=kind, slug=slug, resource_id=row_id))
    elif holder != row_id:
        raise InvalidSlugError(
            kind, slug, IssueCode.SLUG_TAKEN, language.value, find_slug_holders(session, kind, [slug])[slug]
        )


def _drop_never_public(session: Session, row_id: int) -> None:
    """A slug that no reader ever saw is free again once nothing uses it."""
    in_use = exists().where(
        ResourceSlug.resource_id == Slug.resource_id, ResourceSlug.kind == Slug.kind, ResourceSlug.slug == Slug.slug
    )
    session.execute(
        delete(Slug)
        .where(Slug.resource_id == row_id, Slug.first_release.is_(None), ~in_use)
        .execution_options(synchronize_session=False)
    )


def set_withdrawn(session: Session, audit: AuditContext, resource: str, *, is_withdrawn: bool) -> None:
    """Withdraw a resource with the next release that names it, or take that back. Raises UnknownResource."""
    row_id = get_row_id(session, resource)
    session.execute(update(Resource).where(Resource.id == row_id).values(withdrawn=is_withdrawn))
    _touch(session, row_id)
    record_audit(session, audit, "withdraw" if is_withdrawn else "take-back", resource)


def set_facts(session: Session, row_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of a resource's working copy; with none, say that something of it is new."""
    session.execute(update(Resource).where(Resource.id == row_id).values(**values, version=Resource.version + 1))


def _touch(session: Session, row_id: int) -> None:
    session.execute(update(Resource).where(Resource.id == row_id).values(version=Resource.version + 1))


def list_row_ids(session: Session, resources: Iterable[str] | None = None) -> list[int]:
    """The row ids of these resources, or of all, by kind and place. Raises UnknownResource."""
    if resources is not None:
        return [get_row_id(session, resource) for resource in resources]
    return list(
        session.scalars(
            select(Resource.id).where(~Resource.deleted).order_by(Resource.kind, Resource.rank, Resource.id)
        )
    )
