"""What editors do to resources: create, move, name, withdraw, delete what nobody ever read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.errors import (
    ActionRefusedError,
    ForbiddenError,
    InvalidRequestError,
    Issue,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS, Kind, parse_resource_id
from api.domain.language import Language
from api.domain.rank import place_at
from api.domain.roles import Person
from api.models import Edition, Resource, ResourceSlug, Slug, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.create_resource import check_texts, insert_unit_texts
from api.services.authoring.resource_view import find_category, get_resource_view
from api.services.authoring.resources import get_name, get_row_id, refuse_suppressed, set_facts, set_slug


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What is to change of a resource: only the names in ``given``."""

    given: frozenset[str]
    category: str | None = None
    number: int | None = None
    slugs: Mapping[str, str | None] = field(default_factory=dict)
    after: str | None = None
    before: str | None = None
    is_withdrawn: bool | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def open_resource(session: Session, resource: str, if_match: str | None) -> int:
    """The row id of a resource, which nobody else changes meanwhile. Raises PreconditionMissing, PreconditionFailed."""
    lock_exclusive(session)
    row_id = get_row_id(session, resource)
    refuse_suppressed(session, row_id)
    if if_match is None:
        raise PreconditionRequiredError
    current, etag = get_resource_view(session, resource)
    given = [part.strip() for part in if_match.split(",")]
    if given != ["*"] and etag not in given:
        raise PreconditionFailedError(current, etag)
    return row_id


def change_resource(
    session: Session, audit: AuditContext, person: Person, resource: str, row_id: int, change: ResourceChange
) -> None:
    """Change what is given and is not so already.

    Raises RequestRefused with a pointer each, SlugRefused, and Forbidden for a text in a language that is not theirs.
    """
    kind = KINDS[resource.partition(".")[0]]
    columns, others = _columns(session, kind, row_id, change)
    if "texts" in change.given:
        _add_texts(session, audit, person, resource, row_id, change.texts)
    for language, slug in change.slugs.items() if "slugs" in change.given else ():
        set_slug(session, audit, resource, Language(language), slug)
    for other, rank in others.items():
        set_facts(session, other, {"rank": rank})
        record_audit(session, audit, "make-room", get_name(session, other), detail={"for": resource})
    if columns:
        set_facts(session, row_id, columns)
        said = {"category": change.category, "number": change.number, "withdrawn": change.is_withdrawn}
        said |= {"after": change.after} if change.after is not None else {"before": change.before}
        detail = {name: value for name, value in said.items() if _COLUMNS[name] in columns}
        word = "move" if set(columns) == {"rank"} else "change"
        if "withdrawn" in columns:
            word = "withdraw" if columns["withdrawn"] else "take-back"
        record_audit(session, audit, word, resource, detail=detail)


# The columns that hold what a change names.
_COLUMNS = {
    "category": "category_id", "number": "number", "withdrawn": "withdrawn", "after": "rank", "before": "rank",
}  # fmt: skip


def _add_texts(
    session: Session,
    audit: AuditContext,
    person: Person,
    resource: str,
    row_id: int,
    given: Mapping[str, Mapping[str, str]],
) -> None:
    """Give a resource texts that it has not had: what it has is changed at its unit, with that one's validator."""
    kind = KINDS[resource.partition(".")[0]]
    source = Language(session.scalars(select(Resource.source_language).where(Resource.id == row_id)).one())
    for language in {Language(language) for texts in given.values() for language in texts}:
        if not person.may_write(language):
            raise ForbiddenError("language", language=language.value)
    has = set(session.scalars(select(Unit.field).where(Unit.resource_id == row_id)))
    faults = [Issue(IssueCode.TEXT_EXISTS, pointer=f"/texts/{name}") for name in given if name in has]
    if faults:
        raise InvalidRequestError(faults)
    made = insert_unit_texts(session, audit, row_id, source, check_texts(kind, source, given, ()))
    set_facts(session, row_id, {})
    record_audit(session, audit, "add-texts", resource, detail={"texts": made})


def _columns(
    session: Session, kind: Kind, row_id: int, change: ResourceChange
) -> tuple[dict[str, Any], dict[int, int]]:
    """The columns that become something else, and the ranks of others, by row id, that make room."""
    faults: list[Issue] = []
    columns: dict[str, Any] = {}
    others: dict[int, int] = {}
    here = session.execute(
        select(
            Resource.source_language,
            Resource.collection_id,
            Resource.category_id,
            Resource.number,
            Resource.withdrawn,
            Resource.rank,
        ).where(Resource.id == row_id)
    ).one()
    if change.slugs.get(here.source_language, here.source_language) is None:
        # The other language may go without; without this one there is no address.
        faults.append(Issue(IssueCode.NOT_NULL, pointer=f"/slugs/{here.source_language}"))
    if "category" in change.given:
        if not kind.has_category:
            faults.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer="/category", data={"kind": kind.name}))
        columns["category_id"] = find_category(session, change.category, here.collection_id, faults)
    if "number" in change.given:
        if not kind.has_number:
            faults.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer="/number", data={"kind": kind.name}))
        columns["number"] = change.number
    if "withdrawn" in change.given:
        columns["withdrawn"] = bool(change.is_withdrawn)
    if change.after is not None or change.before is not None:
        columns["rank"], others = _rank_beside(session, kind, row_id, here.rank, change, faults)
    if faults:
        raise InvalidRequestError(faults)
    return {name: value for name, value in columns.items() if value != here._mapping[name]}, others


def _rank_beside(
    session: Session, kind: Kind, row_id: int, now: int, change: ResourceChange, faults: list[Issue]
) -> tuple[int, dict[int, int]]:
    """The place right after, or right before, another resource of the kind; and who makes room, where it is used up."""
    beside = change.after or change.before or ""
    parsed = parse_resource_id(beside)
    query = select(Resource.id, Resource.rank, Resource.key, Resource.deleted)
    others = session.execute(
        query.where(Resource.kind == kind.name, Resource.id != row_id).order_by(Resource.rank, Resource.id)
    ).all()
    place = next(
        (
            at
            for at, other in enumerate(others)
            if parsed is not None and (parsed.kind, parsed.key) == (kind.name, other.key) and not other.deleted
        ),
        None,
    )
    if place is None:
        pointer = "/after" if change.after is not None else "/before"
        faults.append(
            Issue(IssueCode.UNKNOWN_NEIGHBOUR, pointer=pointer, data={"value": beside[:100], "kind": kind.name})
        )
        return 0, {}
    ranks = [other.rank for other in others]
    at = place + 1 if change.after is not None else place
    if all(rank < now for rank in ranks[:at]) and all(now < rank for rank in ranks[at:]):
        return now, {}  # it is there already
    rank, moved = place_at(ranks, at)
    return rank, {others[at].id: new for at, new in moved.items()}


def delete_resource(session: Session, audit: AuditContext, resource: str, row_id: int) -> None:
    """Delete what was never released, with its texts. Raises ActRefused for anything that a reader may have seen."""
    was_public = session.scalar(select(Edition.id).where(Edition.resource_id == row_id).limit(1))
    holds = session.scalar(
        select(Resource.id)
        .where((Resource.category_id == row_id) | (Resource.collection_id == row_id), ~Resource.deleted)
        .limit(1)
    )
    if was_public is not None:
        raise ActionRefusedError(IssueCode.WAS_RELEASED)
    if holds is not None:
        raise ActionRefusedError(IssueCode.IN_USE)
    session.execute(delete(ResourceSlug).where(ResourceSlug.resource_id == row_id))
    session.execute(delete(Slug).where(Slug.resource_id == row_id, Slug.first_release.is_(None)))
    # Its revisions stay for ever, as all do; only nobody meets them any more.
    session.execute(update(Resource).where(Resource.id == row_id).values(deleted=True, version=Resource.version + 1))
    record_audit(session, audit, "delete", resource)
