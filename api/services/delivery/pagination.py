"""Pages of lists. A page starts after the key of the previous page's last item, so that all pages are equally fast."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, not_, or_, tuple_
from sqlalchemy.orm import Session

from api.db.read_session import execute, inline_limit
from api.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, RANK, ROW, CursorFormat
from api.services.delivery.edition_pairs import (
    ALTERNATE,
    REQUESTED,
    EditionPair,
    QueryShape,
    bind_values,
    in_scope,
    is_admitted,
    query_shape,
    select_editions,
    to_edition_pair,
)
from api.services.delivery.list_totals import TitleGroup, count_list
from api.services.delivery.request import ListRequest, ReadContext
from api.services.delivery.scope import Scope
from api.services.publishing.snapshot import public_at

EditionPage = tuple[list[EditionPair], str | None]
# The most common limits have statements of their own (see ``inline_limit``). A query reads one row more than the page
# holds, to see whether another page follows.
_INLINED_LIMITS = frozenset({DEFAULT_LIMIT + 1, MAX_LIMIT + 1})


def read_page(session: Session, context: ReadContext, scope: Scope, request: ListRequest) -> EditionPage:
    """Return a page, and the cursor of the next page if there is one. Raises InvalidRequestError for a bad cursor."""
    read = _read_by_title if request.sort else _read_by_rank
    return read(session, context, scope, request)


def _inlined(limit: int) -> int | None:
    return limit if limit in _INLINED_LIMITS else None


@cache
def _select_by_rank(shape: QueryShape, limit: int | None, *, has_cursor: bool) -> Select[Any]:
    query = select_editions(shape).order_by(REQUESTED.rank, REQUESTED.resource_id).limit(inline_limit(limit))
    if has_cursor:
        position = tuple_(bindparam("rank"), bindparam("position_id"))
        query = query.where(tuple_(REQUESTED.rank, REQUESTED.resource_id) > position)
    return query


def _read_by_rank(session: Session, context: ReadContext, scope: Scope, request: ListRequest) -> EditionPage:
    cursors = CursorFormat(request.fingerprint(context), (RANK, ROW))
    position: dict[str, Any] = {}
    if request.after is not None:
        rank, resource_id = cursors.decode(request.after)
        position = {"rank": rank, "position_id": resource_id}
    # Without a stored count, counting would take longer than reading.
    if scope.has_stored_counts and not count_list(session, context, scope).total:
        return [], None
    limit = request.limit + 1
    shape = query_shape(context, scope)
    statement = _select_by_rank(shape, _inlined(limit), has_cursor=bool(position))
    rows = execute(session, statement, limit=limit, **position, **bind_values(scope, context)).all()
    page = [to_edition_pair(row, context.rule) for row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return page, None
    return page, cursors.encode((page[-1].rank, page[-1].resource_id))


@cache
def _select_by_title(shape: QueryShape, limit: int | None, group: TitleGroup, *, has_cursor: bool) -> Select[Any]:
    requested_ok, alternate_ok = is_admitted(REQUESTED, shape.min_state), is_admitted(ALTERNATE, shape.min_state)
    if group is TitleGroup.REQUESTED:
        titled, query = REQUESTED, select_editions(shape).where(requested_ok)
    else:
        # Filter on the edition in the alternate language, since the page is sorted by the titles of this edition.
        fell_back = and_(alternate_ok, or_(REQUESTED.state.is_(None), not_(requested_ok)))
        in_alternate = (*in_scope(ALTERNATE, shape), public_at(ALTERNATE, is_current=shape.is_current))
        titled, query = ALTERNATE, select_editions(shape._replace(filtered=())).where(*in_alternate, fell_back)
    if has_cursor:
        position = tuple_(bindparam("sort_key"), bindparam("position_id"))
        query = query.where(tuple_(titled.sort_key, titled.resource_id) > position)
    return query.add_columns(titled.sort_key).order_by(titled.sort_key, titled.resource_id).limit(inline_limit(limit))


def _read_by_title(session: Session, context: ReadContext, scope: Scope, request: ListRequest) -> EditionPage:
    """Return a page of a list that is sorted by title.

    Resources in the requested language come first, then the fallbacks. Each part is sorted by its own alphabet.
    """
    cursors = CursorFormat(request.fingerprint(context), (ROW, bytes, ROW))
    first_group, position = 0, {}
    if request.after is not None:
        first_group, sort_key, resource_id = cursors.decode(request.after)
        position = {"sort_key": sort_key, "position_id": resource_id}
    shape, values = query_shape(context, scope), bind_values(scope, context)
    rows: list[tuple[TitleGroup, Any]] = []
    for group in TitleGroup:
        limit = request.limit + 1 - len(rows)
        if group < first_group or not limit or not _can_contain(session, context, scope, group):
            continue
        cursor_values = position if group == first_group else {}
        statement = _select_by_title(shape, _inlined(limit), group, has_cursor=bool(cursor_values))
        rows += [(group, row) for row in execute(session, statement, limit=limit, **cursor_values, **values)]
    page = [to_edition_pair(row, context.rule) for _, row in rows[: request.limit]]
    if len(rows) <= request.limit:
        return page, None
    group, last = rows[request.limit - 1]
    return page, cursors.encode((group.value, last.sort_key or b"", last.resource_id))


def _can_contain(session: Session, context: ReadContext, scope: Scope, group: TitleGroup) -> bool:
    return not scope.has_stored_counts or count_list(session, context, scope).can_contain(group)
