"""The translators' queue: units by urgency, filtered and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.db.keyset import find_previous_page
from api.domain.cursor import RANK, ROW, CursorFormat, PageCursors
from api.domain.errors import InvalidRequestError, Issue
from api.domain.folding import fold_text
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.state import State
from api.models import Resource, Unit
from api.services.access.actors import is_named
from api.services.authoring.unit_view import (
    IS_OUTDATED,
    IS_RETURNED,
    STATE,
    URGENCY,
    Source,
    Target,
    TargetAuthor,
    describe_unit,
    select_units,
    unit_etag,
)

Parent = aliased(Resource)


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """Filters of the queue. A filter that is None is not applied.

    ``by`` is the name of the author of the current target.
    """

    state: str | None = None
    is_outdated: bool | None = None
    is_returned: bool | None = None
    kind: str | None = None
    collection: str | None = None
    category: str | None = None
    target: str | None = None
    by: str | None = None
    q: str | None = None


def list_units(
    session: Session, filters: QueueFilters, limit: int, after: str | None, list_id: str, *, is_walk: bool = False
) -> tuple[list[dict[str, Any]], PageCursors]:
    """Return a page of units, the most urgent first, and the cursors of its neighbours.

    With ``is_walk``, the cursor of the previous page is not needed, and is None. Each unit has an ``etag``. Raises
    InvalidRequestError for an ``after`` that is not a cursor of this list, and for a ``q`` without letters to compare.
    """
    cursors = CursorFormat(list_id, (ROW, str, RANK, ROW, ROW))
    order = (URGENCY, Resource.kind, Resource.rank, Resource.id, Unit.id)
    query = _filter(select_units(), filters).where(~Resource.withdrawn, ~Resource.deleted)
    position = None if after is None else cursors.decode(after)
    following = query if position is None else query.where(tuple_(*order) > position)
    rows = session.execute(following.order_by(*order).limit(limit + 1)).all()
    page = rows[:limit]
    items = [describe_unit(row) | {"etag": unit_etag(row.Unit.id, row.Unit.version)} for row in page]
    previous = find_previous_page(session, query, order, None if is_walk else position, limit)
    last = page[-1] if len(rows) > limit else None
    key = (last.urgency, last.kind, last.rank, last.Unit.resource_id, last.Unit.id) if last else None
    return items, cursors.encode_pages(key, previous.start, has_previous=previous.exists)


def _filter(query: Select[Any], filters: QueueFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not None:
        conditions.append(STATE.in_([filters.state]))
    if filters.is_outdated is not None:
        conditions.append(_match_flag(func.coalesce(IS_OUTDATED, False), filters.is_outdated))
    if filters.is_returned is not None:
        conditions.append(_match_flag(IS_RETURNED, filters.is_returned))
    if filters.kind is not None:
        conditions.append(Resource.kind == filters.kind)
    if filters.target is not None:
        conditions.append(Resource.source_language == Language(filters.target).other.value)
    if filters.by is not None:
        conditions.append(is_named(TargetAuthor.name, filters.by))
    if filters.q is not None:
        conditions.append(_contains_either(filters.q))
    for key, kind, column in (
        (filters.collection, "collection", Resource.collection_id),
        (filters.category, "category", Resource.category_id),
    ):
        if key is not None:
            parents = select(Parent.id).where(Parent.kind == kind, Parent.key == key)
            conditions.append(or_(column.in_(parents), Resource.id.in_(parents)))
    return query.where(*conditions)


def _contains_either(q: str) -> ColumnElement[bool]:
    """Return the condition that the source or the target contains ``q``, ignoring case, accents and apostrophes.

    Raises InvalidRequestError if ``q`` has no characters to compare.
    """
    folded = fold_text(q)
    if not folded:
        raise InvalidRequestError([Issue(IssueCode.EMPTY, parameter="q")])
    return or_(Source.folded.contains(folded, autoescape=True), Target.folded.contains(folded, autoescape=True))


def _match_flag(condition: ColumnElement[bool], is_set: bool) -> ColumnElement[bool]:
    return condition if is_set else ~condition


def count_units(session: Session, filters: QueueFilters) -> dict[str, int]:
    """Return the numbers of units that match the filters: in total, by state, outdated and returned."""
    states = [
        func.count().filter(STATE.in_([state.value])).label(state.value) for state in State if state != State.SOURCE
    ]
    counted: tuple[Any, ...] = (
        func.count().label("total"),
        *states,
        func.count().filter(func.coalesce(IS_OUTDATED, False)).label("outdated"),
        func.count().filter(IS_RETURNED).label("returned"),
    )
    query = _filter(select_units(), filters).where(~Resource.withdrawn, ~Resource.deleted).with_only_columns(*counted)
    return {str(name): int(n) for name, n in session.execute(query).mappings().one().items()}
