"""Resources as editors see them: the working copy, without its texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from api.db.keyset import find_previous_page
from api.domain.cursor import RANK, ROW, CursorFormat, PageCursors
from api.domain.emoji import cut_text
from api.domain.errors import Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import CATEGORY, KINDS, Kind
from api.models import Edition, Resource, Unit
from api.services.authoring.resources import get_row_id
from api.services.authoring.working_copy import read_slugs


def resource_etag(row_id: int, version: int) -> str:
    """Return the ETag of a resource's working copy. Each unit has an ETag of its own."""
    return f'"resource-{row_id}-{version}"'


def get_resource_view(session: Session, resource: str) -> tuple[dict[str, Any], str]:
    """Return the working copy of a resource, without its texts, and its ETag. Raises WorkingResourceNotFoundError."""
    row_id = get_row_id(session, resource)
    row = session.scalars(select(Resource).where(Resource.id == row_id).execution_options(populate_existing=True)).one()
    return _describe_resource(session, row), resource_etag(row.id, row.version)


def _describe_resource(session: Session, row: Resource) -> dict[str, Any]:
    parents = {
        parent.id: parent.key
        for parent in session.execute(
            select(Resource.id, Resource.key).where(
                Resource.id.in_([i for i in (row.collection_id, row.category_id) if i])
            )
        )
    }
    fields_present = set(session.scalars(select(Unit.field).where(Unit.resource_id == row.id)))
    fields = [field.name for field in KINDS[row.kind].fields if field.name in fields_present]
    release = session.scalar(
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
        "release": release,
        "units": [f"{name}.{field}" for field in fields],
    }


def _facet(row: Resource) -> dict[str, str | None]:
    """Return the facet under its name: ``stage`` for a prompt, ``part`` for a guide entry. Other kinds have none."""
    name = KINDS[row.kind].facet
    return {name: row.facet} if name else {}


def list_resource_views(
    session: Session, kind: str | None, limit: int, after: str | None, list_id: str
) -> tuple[list[dict[str, Any]], PageCursors]:
    """Return a page of working copies, ordered by kind and rank, and the cursors of its neighbours.

    Each working copy has an ``etag``. Raises InvalidRequestError for an ``after`` that is not a cursor of this list.
    """
    cursors = CursorFormat(list_id, (str, RANK, ROW))
    order = (Resource.kind, Resource.rank, Resource.id)
    query = select(Resource).where(~Resource.deleted)
    if kind is not None:
        query = query.where(Resource.kind == kind)
    position = None if after is None else cursors.decode(after)
    following = query if position is None else query.where(tuple_(*order) > position)
    rows = session.scalars(following.order_by(*order).limit(limit + 1)).all()
    items = [_describe_resource(session, row) | {"etag": resource_etag(row.id, row.version)} for row in rows[:limit]]
    previous = find_previous_page(session, query, order, position, limit)
    last = rows[limit - 1] if len(rows) > limit else None
    key = (last.kind, last.rank, last.id) if last else None
    return items, cursors.encode_pages(key, previous.start, has_previous=previous.exists)


def find_parent(session: Session, kind: Kind, key: str | None, pointer: str, issues: list[Issue]) -> int | None:
    """Return the row id of the resource with this key; None if ``key`` is None.

    For an unknown key, add an issue to ``issues`` and return None.
    """
    if key is None:
        return None
    query = select(Resource.id).where(Resource.kind == kind.name, Resource.key == key, ~Resource.deleted)
    row_id = session.scalar(query)
    if row_id is None:
        issues.append(
            Issue(IssueCode.UNKNOWN_KEY, pointer=pointer, data={"value": cut_text(key, 100), "kind": kind.name})
        )
    return row_id


def find_category(session: Session, key: str | None, collection_id: int | None, issues: list[Issue]) -> int | None:
    """Return the row id of the category with this key; None if ``key`` is None or unknown.

    Add an issue to ``issues`` if the key is unknown or the category belongs to another collection.
    """
    row_id = find_parent(session, CATEGORY, key, "/category", issues)
    if row_id is not None and collection_id is not None:
        actual_id = session.scalar(select(Resource.collection_id).where(Resource.id == row_id))
        if actual_id != collection_id:
            issues.append(Issue(IssueCode.OF_ANOTHER_COLLECTION, pointer="/category", data={"value": key}))
    return row_id
