"""The queue: what needs somebody, most needed first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.domain.cursor import RANK, ROW, decode_cursor, encode_cursor
from api.domain.language import Language
from api.domain.state import State
from api.models import Resource, Unit
from api.services.authoring.unit_view import (
    IS_OUTDATED,
    IS_RETURNED,
    NEED,
    STATE,
    Source,
    Target,
    TargetAuthor,
    describe_unit,
    select_units,
    unit_etag,
)

Holder = aliased(Resource)


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed to; None is no filter. ``by`` is the name of the target's last author."""

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
    session: Session, filters: QueueFilters, limit: int, after: str | None, fingerprint: str
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the queue, most needed first, each with its ``etag``; and where the next page begins, if there is one.

    Raises RequestRefused for an ``after`` that is none of ours.
    """
    place = (NEED, Resource.kind, Resource.rank, Resource.id, Unit.id)
    query = _narrow(select_units(), filters).where(~Resource.withdrawn, ~Resource.deleted).order_by(*place)
    if after is not None:
        query = query.where(tuple_(*place) > decode_cursor(after, fingerprint, (ROW, str, RANK, ROW, ROW)))
    rows = session.execute(query.limit(limit + 1)).all()
    page = rows[:limit]
    items = [describe_unit(row) | {"etag": unit_etag(row[0].id, row[0].version)} for row in page]
    if len(rows) <= limit:
        return items, None
    last = page[-1]
    key = (last.need, last.kind, last.rank, last[0].resource_id, last[0].id)
    return items, encode_cursor(key, fingerprint)


def _narrow(query: Select[Any], filters: QueueFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not None:
        conditions.append(STATE.in_([filters.state]))
    if filters.is_outdated is not None:
        conditions.append(_as_asked(func.coalesce(IS_OUTDATED, False), filters.is_outdated))
    if filters.is_returned is not None:
        conditions.append(_as_asked(IS_RETURNED, filters.is_returned))
    if filters.kind is not None:
        conditions.append(Resource.kind == filters.kind)
    if filters.target is not None:
        conditions.append(Resource.source_language == Language(filters.target).other.value)
    if filters.by is not None:
        conditions.append(TargetAuthor.name == filters.by)
    if filters.q is not None:
        conditions.append(or_(_holds(Source.text, filters.q), _holds(Target.text, filters.q)))
    for key, kind, column in (
        (filters.collection, "collection", Resource.collection_id),
        (filters.category, "category", Resource.category_id),
    ):
        if key is not None:
            holder = select(Holder.id).where(Holder.kind == kind, Holder.key == key)
            conditions.append(or_(column.in_(holder), Resource.id.in_(holder)))
    return query.where(*conditions)


def _holds(text: Any, words: str) -> ColumnElement[bool]:
    """Are these words in the text, whatever their case?

    ``lower`` knows ASCII alone in SQLite, and in some of PostgreSQL's locales, so a Ŵ is helped along. There is a limit
    to how deep an expression may be; no words of Welsh or English come near it.
    """
    folded: Any = func.lower(text)
    letters = sorted({letter for letter in words.lower() if letter.upper() != letter and not letter.isascii()})
    for letter in letters[:40]:
        folded = func.replace(folded, letter.upper(), letter)
    like = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = folded.like(f"%{like}%", escape="\\")
    return found


def _as_asked(condition: ColumnElement[bool], is_wanted: bool) -> ColumnElement[bool]:
    return condition if is_wanted else ~condition


def count_units(session: Session, filters: QueueFilters) -> dict[str, int]:
    """How many units there are by state, and how many of them are outdated or sent back, under the other filters."""
    states = [
        func.count().filter(STATE.in_([state.value])).label(state.value) for state in State if state != State.SOURCE
    ]
    counted: tuple[Any, ...] = (
        func.count().label("total"),
        *states,
        func.count().filter(func.coalesce(IS_OUTDATED, False)).label("outdated"),
        func.count().filter(IS_RETURNED).label("returned"),
    )
    query = _narrow(select_units(), filters).where(~Resource.withdrawn, ~Resource.deleted).with_only_columns(*counted)
    return {str(name): int(n) for name, n in session.execute(query).mappings().one().items()}
