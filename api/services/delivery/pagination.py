"""Pages of lists. A page starts after the key of the previous page's last item, so that all pages are equally fast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.db.read_session import execute
from api.domain.cursor import DEFAULT_LIMIT, MAX_LIMIT, CursorFormat, PageCursors
from api.services.delivery.edition_pairs import EditionPair, bind_values, query_shape, to_edition_pair
from api.services.delivery.list_order import ListOrder, Segment, SegmentQuery, find_order, select_segment
from api.services.delivery.list_totals import TitleGroup, count_list
from api.services.delivery.request import ListRequest, ReadContext
from api.services.delivery.scope import Scope

EditionPage = tuple[list[EditionPair], PageCursors]
# The most common limits have statements of their own (see ``inline_limit``). A query reads one row more than the page
# holds, to see whether another page follows.
_INLINED_LIMITS = frozenset({DEFAULT_LIMIT + 1, MAX_LIMIT + 1})
_TITLE_GROUPS = {
    Segment.TITLED_AS_REQUESTED: TitleGroup.REQUESTED,
    Segment.TITLED_IN_FALLBACK: TitleGroup.FALLBACK,
}


@dataclass(frozen=True, slots=True)
class _Position:
    """A position in a list: the index of a segment, the value of the segment's column, and a row id."""

    segment: int
    value: Any
    row_id: int


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the rows of one list in one order."""

    session: Session
    context: ReadContext
    scope: Scope
    order: ListOrder

    def read(self, position: _Position | None, limit: int, *, is_backward: bool = False) -> Iterator[tuple[int, Any]]:
        """Yield up to ``limit`` rows from ``position``, each with the index of its segment."""
        segments = list(enumerate(self.order.segments))
        if position is not None:
            segments = segments[: position.segment + 1] if is_backward else segments[position.segment :]
        shape, values = query_shape(self.context, self.scope), bind_values(self.scope, self.context)
        for index, segment in reversed(segments) if is_backward else segments:
            if not limit:
                return
            if not self._can_contain(segment):
                continue
            has_position = position is not None and position.segment == index
            query = SegmentQuery(segment, self.order.is_descending, has_position, _inlined(limit), is_backward)
            start = {"position_value": position.value, "position_id": position.row_id} if position else {}
            own_values = {**values, **start} if has_position else values
            rows = execute(self.session, select_segment(shape, query), limit=limit, **own_values).all()
            limit -= len(rows)
            yield from ((index, row) for row in rows)

    def _can_contain(self, segment: Segment) -> bool:
        # If the release has no stored count of the list, counting takes longer than reading the segment.
        if not self.scope.has_stored_counts:
            return True
        total = count_list(self.session, self.context, self.scope)
        group = _TITLE_GROUPS.get(segment)
        return total.total > 0 if group is None else total.can_contain(group)

    def encode(self, cursors: CursorFormat, index: int, row: Any) -> str:
        """Return the cursor for the position of a row."""
        key = (row.position_value if row.position_value is not None else b"", row.position_id)
        return cursors.encode((index, *key) if len(self.order.segments) > 1 else key)


def read_page(session: Session, context: ReadContext, scope: Scope, request: ListRequest) -> EditionPage:
    """Return a page, and the cursors of its neighbours. Raises InvalidRequestError for a bad cursor."""
    reader = _Reader(session, context, scope, find_order(request.sort))
    cursors = CursorFormat(request.fingerprint(context), reader.order.key)
    position = None if request.after is None else _decode(cursors, request.after)
    rows = list(reader.read(position, request.limit + 1))
    page = [to_edition_pair(row, context.rule) for _, row in rows[: request.limit]]
    following = reader.encode(cursors, *rows[request.limit - 1]) if len(rows) > request.limit else None
    if position is None:
        return page, PageCursors(following)
    # Read the previous page backwards, and one row more: the cursor of the previous page is the position of that row.
    preceding = list(reader.read(position, request.limit + 1, is_backward=True))
    previous = reader.encode(cursors, *preceding[request.limit]) if len(preceding) > request.limit else None
    return page, PageCursors(following, previous, has_previous=bool(preceding))


def _decode(cursors: CursorFormat, after: str) -> _Position:
    key = cursors.decode(after)
    # The cursor of an order with only one segment contains no index.
    return _Position(*key) if len(key) == 3 else _Position(0, *key)


def _inlined(limit: int) -> int | None:
    return limit if limit in _INLINED_LIMITS else None
