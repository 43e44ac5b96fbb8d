"""Resources as those who work on them see them: the working copy, without its texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from api.domain.errors import Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import CATEGORY, KINDS, Kind
from api.models import Edition, Resource, Unit
from api.services.authoring.resources import get_row_id
from api.services.authoring.working_copy import read_slugs


def resource_etag(row_id: int, version: int) -> str:
    """The validator of a resource's working copy: its texts have their own."""
    return f'"resource-{row_id}-{version}"'


def get_resource_view(session: Session, resource: str) -> tuple[dict[str, Any], str]:
    """The working copy of a resource, without its texts, and its ETag. Raises UnknownResource."""
    row_id = get_row_id(session, resource)
    row = session.scalars(select(Resource).where(Resource.id == row_id).execution_options(populate_existing=True)).one()
    return _view(session, row), resource_etag(row.id, row.version)


def _view(session: Session, row: Resource) -> dict[str, Any]:
    parents = {
        parent.id: parent.key
        for parent in session.execute(
            select(Resource.id, Resource.key).where(
                Resource.id.in_([i for i in (row.collection_id, row.category_id) if i])
            )
        )
    }
    has = set(session.scalars(select(Unit.field).where(Unit.resource_id == row.id)))
    fields = [field.name for field in KINDS[row.kind].fields if field.name in has]
    last = session.scalar(
        select(func.max(Edition.first_release)).where(Edition.resource_id == row.id, Edition.end_release.is_(None))
    )
    name = f"{row.kind}.{row.key}"
    return {
        "id": name,
        "kind": row.kind,
        "source_language": row.source_language,
        "slugs": read_slugs(session, [row.id])[row.id],
        "collection": parents.get(row.collection_id or 0),
        "category": parents.get(row.category_id or 0),
        "number": row.number,
        **_facet(row),
        "facts": row.facts,
        "withdrawn": row.withdrawn,
        "release": last,
        "units": [f"{name}.{f}" for f in fields],
    }


def _facet(row: Resource) -> dict[str, str | None]:
    """What a kind calls its facet (a prompt's ``stage``, the guide's ``part``), if it has one."""
    name = KINDS[row.kind].facet
    return {name: row.facet} if name else {}


def list_resource_views(
    session: Session, kind: str | None, after: tuple[str, int, int] | None, limit: int
) -> tuple[list[dict[str, Any]], tuple[str, int, int] | None]:
    """A page of working copies by kind and place, each with its ``etag``; and the key of the last if there is more."""
    place = (Resource.kind, Resource.rank, Resource.id)
    query = select(Resource).where(~Resource.deleted).order_by(*place).limit(limit + 1)
    if kind is not None:
        query = query.where(Resource.kind == kind)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    rows = session.scalars(query).all()
    items = [_view(session, row) | {"etag": resource_etag(row.id, row.version)} for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return items, (last.kind, last.rank, last.id) if last else None


def find_parent(session: Session, kind: Kind, key: str | None, pointer: str, faults: list[Issue]) -> int | None:
    if key is None:
        return None
    here = (Resource.kind == kind.name, Resource.key == key, ~Resource.deleted)
    found = session.scalar(select(Resource.id).where(*here))
    if found is None:
        faults.append(Issue(IssueCode.UNKNOWN_KEY, pointer=pointer, data={"value": key[:100], "kind": kind.name}))
    return found


def find_category(session: Session, key: str | None, collection_id: int | None, faults: list[Issue]) -> int | None:
    """The category with this key, which must be of the same booklet as what it is to hold."""
    found = find_parent(session, CATEGORY, key, "/category", faults)
    if found is not None and collection_id is not None:
        where = session.scalar(select(Resource.collection_id).where(Resource.id == found))
        if where != collection_id:
            faults.append(Issue(IssueCode.OF_ANOTHER_COLLECTION, pointer="/category", data={"value": key}))
    return found
