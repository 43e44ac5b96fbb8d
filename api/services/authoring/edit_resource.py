"""Changes to a resource: move, rename, add texts, withdraw, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.actions import AuditAction
from api.domain.emoji import cut_text
from api.domain.errors import (
    ActionRefusedError,
    InvalidRequestError,
    Issue,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from api.domain.etag import etag_matches
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS, Kind, parse_resource_id
from api.domain.language import Language
from api.models import Edition, Resource, ResourceSlug, Slug, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.create_resource import GivenTexts, check_languages, insert_unit_texts, normalise_texts
from api.services.authoring.ranks import choose_position
from api.services.authoring.resource_view import find_category, get_resource_view
from api.services.authoring.resources import get_name, get_row_id, refuse_suppressed, set_slug, update_resource


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """A change to a resource. ``members`` names the attributes that the client sent."""

    members: frozenset[str]
    category: str | None = None
    number: int | None = None
    slugs: Mapping[str, str | None] = field(default_factory=dict)
    after: str | None = None
    before: str | None = None
    is_withdrawn: bool | None = None
    texts: GivenTexts = field(default_factory=dict)


def open_resource(session: Session, resource: str, if_match: str | None) -> int:
    """Return the row id of a resource, locked for one change.

    Raises WorkingResourceNotFoundError, ActionRefusedError for a suppressed resource, PreconditionRequiredError,
    PreconditionFailedError.
    """
    lock_exclusive(session)
    row_id = get_row_id(session, resource)
    refuse_suppressed(session, row_id)
    if if_match is None:
        raise PreconditionRequiredError
    current, etag = get_resource_view(session, resource)
    if not etag_matches(if_match, etag):
        raise PreconditionFailedError(current, etag)
    return row_id


def change_resource(session: Session, audit: AuditContext, resource: str, row_id: int, change: ResourceChange) -> None:
    """Apply a change. Values that are already stored are skipped.

    Raises InvalidRequestError with a pointer for each issue, InvalidSlugError, and ForbiddenError for a text in a
    language that the person may not write.
    """
    kind = KINDS[resource.partition(".")[0]]
    columns, moved_ranks = _find_changes(session, kind, row_id, change)
    if "texts" in change.members:
        _add_texts(session, audit, resource, row_id, change.texts)
    for language, slug in change.slugs.items() if "slugs" in change.members else ():
        set_slug(session, audit, resource, Language(language), slug)
    for other_id, rank in moved_ranks.items():
        update_resource(session, other_id, {"rank": rank})
        record_audit(session, audit, AuditAction.MAKE_ROOM, get_name(session, other_id), detail={"for": resource})
    if columns:
        update_resource(session, row_id, columns)
        record_audit(session, audit, _audit_action(columns), resource, detail=_audit_detail(change, columns))


def _audit_action(columns: Mapping[str, Any]) -> AuditAction:
    if "withdrawn" in columns:
        return AuditAction.WITHDRAW if columns["withdrawn"] else AuditAction.TAKE_BACK
    return AuditAction.MOVE if set(columns) == {"rank"} else AuditAction.CHANGE


def _audit_detail(change: ResourceChange, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a change that altered a column, for the audit log."""
    members = {"category": change.category, "number": change.number, "withdrawn": change.is_withdrawn}
    members |= {"after": change.after} if change.after is not None else {"before": change.before}
    return {name: value for name, value in members.items() if _COLUMNS[name] in columns}


# The column that stores each member of a change.
_COLUMNS = {
    "category": "category_id", "number": "number", "withdrawn": "withdrawn", "after": "rank", "before": "rank",
}  # fmt: skip


def _add_texts(session: Session, audit: AuditContext, resource: str, row_id: int, texts: GivenTexts) -> None:
    """Add texts that a resource does not have yet. Existing texts are changed through their units."""
    kind = KINDS[resource.partition(".")[0]]
    source = Language(session.scalars(select(Resource.source_language).where(Resource.id == row_id)).one())
    check_languages(audit, texts)
    existing = set(session.scalars(select(Unit.field).where(Unit.resource_id == row_id)))
    issues = [Issue(IssueCode.TEXT_EXISTS, pointer=f"/texts/{name}") for name in texts if name in existing]
    if issues:
        raise InvalidRequestError(issues)
    numbers = insert_unit_texts(session, audit, row_id, source, normalise_texts(kind, source, texts, ()))
    update_resource(session, row_id, {})
    record_audit(session, audit, AuditAction.ADD_TEXTS, resource, detail={"texts": numbers})


def _find_changes(
    session: Session, kind: Kind, row_id: int, change: ResourceChange
) -> tuple[dict[str, Any], dict[int, int]]:
    """Return the changed columns, and the new ranks of other resources by row id.

    Another resource gets a new rank only if it must make room for the changed resource.
    """
    issues: list[Issue] = []
    columns: dict[str, Any] = {}
    moved_ranks: dict[int, int] = {}
    current = session.execute(
        select(
            Resource.source_language,
            Resource.collection_id,
            Resource.category_id,
            Resource.number,
            Resource.withdrawn,
            Resource.rank,
        ).where(Resource.id == row_id)
    ).one()
    if change.slugs.get(current.source_language, current.source_language) is None:
        # Without a slug in the source language, the resource would have no URL.
        issues.append(Issue(IssueCode.NOT_NULL, pointer=f"/slugs/{current.source_language}"))
    if "category" in change.members:
        if not kind.has_category:
            issues.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer="/category", data={"kind": kind.name}))
        columns["category_id"] = find_category(session, change.category, current.collection_id, issues)
    if "number" in change.members:
        if not kind.has_number:
            issues.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer="/number", data={"kind": kind.name}))
        columns["number"] = change.number
    if "withdrawn" in change.members:
        columns["withdrawn"] = bool(change.is_withdrawn)
    if change.after is not None or change.before is not None:
        columns["rank"], moved_ranks = _find_rank(session, kind, row_id, current.rank, change, issues)
    if issues:
        raise InvalidRequestError(issues)
    return {name: value for name, value in columns.items() if value != current._mapping[name]}, moved_ranks


def _find_rank(
    session: Session, kind: Kind, row_id: int, current_rank: int, change: ResourceChange, issues: list[Issue]
) -> tuple[int, dict[int, int]]:
    """Return the new rank of a resource, and the new ranks of other resources by row id.

    The new position is right after or before another resource of the same kind. Other resources get new ranks only if
    no rank is free at this position. An unknown neighbour is added to ``issues``.
    """
    neighbour = change.after or change.before or ""
    parsed = parse_resource_id(neighbour)
    query = select(Resource.id, Resource.rank, Resource.key, Resource.deleted)
    others = session.execute(
        query.where(Resource.kind == kind.name, Resource.id != row_id).order_by(Resource.rank, Resource.id)
    ).all()
    index = next(
        (
            index
            for index, other in enumerate(others)
            if parsed is not None and (parsed.kind, parsed.key) == (kind.name, other.key) and not other.deleted
        ),
        None,
    )
    if index is None:
        pointer = "/after" if change.after is not None else "/before"
        data = {"value": cut_text(neighbour, 100), "kind": kind.name}
        issues.append(Issue(IssueCode.UNKNOWN_NEIGHBOUR, pointer=pointer, data=data))
        return 0, {}
    ranks = [other.rank for other in others]
    position = index + 1 if change.after is not None else index
    if all(rank < current_rank for rank in ranks[:position]) and all(current_rank < rank for rank in ranks[position:]):
        return current_rank, {}  # the resource is already at this position
    rank, moved = choose_position(session, kind, row_id, ranks, position)
    return rank, {others[at].id: new_rank for at, new_rank in moved.items()}


def delete_resource(session: Session, audit: AuditContext, resource: str, row_id: int) -> None:
    """Delete a resource that was never released. Raises ActionRefusedError if it was released or has children."""
    edition_id = session.scalar(select(Edition.id).where(Edition.resource_id == row_id).limit(1))
    child_id = session.scalar(
        select(Resource.id)
        .where((Resource.category_id == row_id) | (Resource.collection_id == row_id), ~Resource.deleted)
        .limit(1)
    )
    if edition_id is not None:
        raise ActionRefusedError(IssueCode.WAS_RELEASED)
    if child_id is not None:
        raise ActionRefusedError(IssueCode.IN_USE)
    session.execute(delete(ResourceSlug).where(ResourceSlug.resource_id == row_id))
    session.execute(delete(Slug).where(Slug.resource_id == row_id, Slug.first_release.is_(None)))
    # Revisions are never deleted, but no list or view shows the revisions of a deleted resource.
    session.execute(update(Resource).where(Resource.id == row_id).values(deleted=True, version=Resource.version + 1))
    record_audit(session, audit, AuditAction.DELETE, resource)
