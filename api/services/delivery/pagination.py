"""Pages of lists, each found by the key that the last one ended with: the thousandth costs what the first does."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, not_, or_, tuple_
from sqlalchemy.orm import Session

from api.db.statements import execute, inline_limit
from api.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, RANK, ROW, CursorFormat
from api.services.delivery.edition_pairs import (
    REQUESTED,
    EditionPair,
    ALTERNATE,
    QueryShape,
    Scope,
    bind_values,
    in_scope,
    is_admitted,
    query_shape,
    select_editions,
    to_edition_pair,
)
from api.services.delivery.list_totals import ListTotals
from api.services.delivery.request import ListRequest, ReadContext
from api.services.publishing.snapshot import public_at

EditionPage = tuple[list[EditionPair], str | None]
# Pages of these sizes have statements of their own: nearly everybody asks for one of them.
_USUAL = frozenset({DEFAULT_LIMIT + 1, MAX_LIMIT + 1})


def read_page(
    session: Session, reading: ReadContext, scope: Scope, request: ListRequest, census: ListTotals
) -> EditionPage:
    """One page, and the ``after`` of the next, if there is one. Raises RequestRefused for an ``after`` not ours."""
    read = _read_titles if request.sort else _read_ranks
    return read(session, reading, scope, request, census)


def _usual(limit: int) -> int | None:
    return limit if limit in _USUAL else None


@cache
def _ranked(shape: QueryShape, limit: int | None, *, is_continued: bool) -> Select[Any]:
    query = select_editions(shape).order_by(REQUESTED.rank, REQUESTED.resource_id).limit(inline_limit(limit))
    if is_continued:
        here = tuple_(bindparam("rank"), bindparam("resource_id"))
        query = query.where(tuple_(REQUESTED.rank, REQUESTED.resource_id) > here)
    return query


def _read_ranks(
    session: Session, reading: ReadContext, scope: Scope, request: ListRequest, census: ListTotals
) -> EditionPage:
    cursors = CursorFormat(request.fingerprint(reading), (RANK, ROW))
    place: dict[str, Any] = {}
    if request.after is not None:
        place = dict(zip(("rank", "resource_id"), cursors.decode(request.after), strict=True))
    if not census.can_contain(scope):
        return [], None
    wanted = request.limit + 1
    statement = _ranked(query_shape(reading, tuple(scope.values)), _usual(wanted), is_continued=bool(place))
    rows = execute(session, statement, limit=wanted, **place, **bind_values(scope, reading)).all()
    page = [to_edition_pair(row, reading.rule) for row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return page, None
    return page, cursors.encode((page[-1].rank, page[-1].resource_id))


@cache
def _titled(shape: QueryShape, limit: int | None, *, group: int, is_continued: bool) -> Select[Any]:
    """By title, either those in the language asked for (``group`` 0) or those that fell back (1)."""
    asked_ok, other_ok = is_admitted(REQUESTED, shape.min_state), is_admitted(ALTERNATE, shape.min_state)
    if group == 0:
        led, query = REQUESTED, select_editions(shape).where(asked_ok)
    else:
        # Led by the language that their titles are in, whose index has them in order.
        whole = shape._replace(narrowed=())
        has_fallen = and_(other_ok, or_(REQUESTED.state.is_(None), not_(asked_ok)))
        in_other = (*in_scope(ALTERNATE, shape), public_at(ALTERNATE, is_current=shape.is_current))
        led, query = ALTERNATE, select_editions(whole).where(*in_other, has_fallen)
    if is_continued:
        query = query.where(
            tuple_(led.sort_key, led.resource_id) > tuple_(bindparam("sort_key"), bindparam("resource_id"))
        )
    return query.add_columns(led.sort_key).order_by(led.sort_key, led.resource_id).limit(inline_limit(limit))


def _read_titles(
    session: Session, reading: ReadContext, scope: Scope, request: ListRequest, census: ListTotals
) -> EditionPage:
    """By title: first those in the language asked for by its alphabet, then those that fell back by theirs."""
    cursors = CursorFormat(request.fingerprint(reading), (ROW, bytes, ROW))
    begun, place = 0, {}
    if request.after is not None:
        begun, sort_key, resource_id = cursors.decode(request.after)
        place = {"sort_key": sort_key, "resource_id": resource_id}
    shape, values = query_shape(reading, tuple(scope.values)), bind_values(scope, reading)
    rows: list[tuple[int, Any]] = []
    for group in (0, 1):
        wanted = request.limit + 1 - len(rows)
        if group < begun or not wanted or not census.can_contain(scope, group):
            continue
        here = place if group == begun else {}
        statement = _titled(shape, _usual(wanted), group=group, is_continued=bool(here))
        rows += [(group, row) for row in execute(session, statement, limit=wanted, **here, **values)]
    page = [to_edition_pair(row, reading.rule) for _, row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return page, None
    group, last = rows[request.limit - 1]
    return page, cursors.encode((group, last.sort_key or b"", last.resource_id))
