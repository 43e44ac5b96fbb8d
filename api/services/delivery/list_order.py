"""The orders of a list, and the statements that read a part of a list in one order.

A list consists of segments, which follow each other. All resources of a segment are sorted by one column, and resources
with the same value by row id. A descending order has the same segments in the same sequence, each of them reversed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, not_, or_, tuple_

from api.db.read_session import inline_limit
from api.domain.cursor import RANK, ROW, KeyPart
from api.domain.kind import Kind
from api.services.delivery.edition_pairs import ALTERNATE, REQUESTED, QueryShape, in_scope, is_admitted, select_editions
from api.services.publishing.snapshot import public_at


class Segment(Enum):
    """The part of a list that one statement reads."""

    BY_RANK = auto()
    BY_RELEASE = auto()
    NUMBERED = auto()
    UNNUMBERED = auto()
    TITLED_AS_REQUESTED = auto()
    TITLED_IN_FALLBACK = auto()


@dataclass(frozen=True, slots=True)
class ListOrder:
    """An order of a list.

    ``key`` is the types of the parts of a cursor: the segment (if there are several), the value and the row.
    """

    segments: tuple[Segment, ...]
    key: tuple[KeyPart, ...]
    is_descending: bool = False


# The orders by the value of ``sort``, without the hyphen that reverses an order. The default is the booklet's order.
_ORDERS: Mapping[str, ListOrder] = {
    "": ListOrder((Segment.BY_RANK,), (RANK, ROW)),
    "updated": ListOrder((Segment.BY_RELEASE,), (ROW, ROW)),
    # Resources without a number come last, sorted by row id alone.
    "number": ListOrder((Segment.NUMBERED, Segment.UNNUMBERED), (ROW, ROW, ROW)),
    # Each language has its own alphabet. Resources in the requested language come first.
    "title": ListOrder((Segment.TITLED_AS_REQUESTED, Segment.TITLED_IN_FALLBACK), (ROW, bytes, ROW)),
}


def list_sorts(kind: Kind) -> tuple[str, ...]:
    """Return the values of ``sort`` for lists of this kind."""
    names = [name for name in _ORDERS if name and (name != "number" or kind.has_number)]
    return tuple(value for name in names for value in (name, f"-{name}"))


@cache
def find_order(sort: str | None) -> ListOrder:
    """Return the order for a value of the parameter ``sort``."""
    name = sort or ""
    order = _ORDERS[name.removeprefix("-")]
    return ListOrder(order.segments, order.key, is_descending=name.startswith("-"))


class SegmentQuery(NamedTuple):
    """The properties that determine the SQL of a query for a part of a segment.

    With ``has_position``, the part begins after the position of a cursor. A backward query selects only positions, from
    the position of the cursor (inclusive) towards the beginning of the list.
    """

    segment: Segment
    is_descending: bool
    has_position: bool
    limit: int | None
    is_backward: bool = False


@cache
def select_segment(shape: QueryShape, query: SegmentQuery) -> Select[Any]:
    """Select a part of a segment: the editions, with ``position_value`` and ``position_id``.

    The parameters ``position_value`` and ``position_id`` are the position.
    """
    statement: Any
    statement, table, column = _select_whole(shape, query.segment)
    value, row = column.label("position_value"), table.resource_id.label("position_id")
    statement = statement.with_only_columns(value, row) if query.is_backward else statement.add_columns(value, row)
    # A backward query reads in the opposite direction.
    is_falling = query.is_descending is not query.is_backward
    if query.has_position:
        key, position = tuple_(column, table.resource_id), tuple_(bindparam("position_value"), bindparam("position_id"))
        if query.is_backward:
            statement = statement.where(key <= position if is_falling else key >= position)
        else:
            statement = statement.where(key < position if is_falling else key > position)
    keys = (column.desc(), table.resource_id.desc()) if is_falling else (column, table.resource_id)
    selection: Select[Any] = statement.order_by(*keys).limit(inline_limit(query.limit))
    return selection


def _select_whole(shape: QueryShape, segment: Segment) -> tuple[Select[Any], Any, Any]:
    """Select a whole segment. Also return the table and the column by which the segment is sorted."""
    if segment is Segment.BY_RANK:
        return select_editions(shape), REQUESTED, REQUESTED.rank
    if segment is Segment.BY_RELEASE:
        return select_editions(shape), REQUESTED, REQUESTED.first_release
    if segment is Segment.NUMBERED:
        return select_editions(shape).where(REQUESTED.number.is_not(None)), REQUESTED, REQUESTED.number
    if segment is Segment.UNNUMBERED:
        return select_editions(shape).where(REQUESTED.number.is_(None)), REQUESTED, REQUESTED.resource_id
    requested_ok, alternate_ok = is_admitted(REQUESTED, shape.min_state), is_admitted(ALTERNATE, shape.min_state)
    if segment is Segment.TITLED_AS_REQUESTED:
        return select_editions(shape).where(requested_ok), REQUESTED, REQUESTED.sort_key
    # Filter on the edition in the alternate language, since the page is sorted by the titles of this edition.
    fell_back = and_(alternate_ok, or_(REQUESTED.state.is_(None), not_(requested_ok)))
    in_alternate = (*in_scope(ALTERNATE, shape), public_at(ALTERNATE, is_current=shape.is_current))
    return select_editions(shape._replace(filtered=())).where(*in_alternate, fell_back), ALTERNATE, ALTERNATE.sort_key
