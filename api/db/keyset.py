"""Keyset pagination: a page begins after a position, which is the key of the previous page's last row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

Order = Sequence[Any]


class PreviousPage(NamedTuple):
    """The page before a position. ``start`` is the position after which it begins; None for the first page."""

    exists: bool = False
    start: tuple[Any, ...] | None = None


def find_previous_page(
    session: Session, query: Select[Any], order: Order, position: Sequence[Any] | None, limit: int,
    *, is_descending: bool = False,
) -> PreviousPage:  # fmt: skip
    """Return the page of ``limit`` rows that ends at ``position``. There is no such page if ``position`` is None.

    ``query`` selects all rows of the list, and ``order`` are the columns that it is sorted by.
    """
    if position is None:
        return PreviousPage()
    key = tuple_(*order)
    condition = key >= tuple(position) if is_descending else key <= tuple(position)
    backward = order if is_descending else [column.desc() for column in order]
    statement = query.with_only_columns(*order).where(condition).order_by(None).order_by(*backward).limit(limit + 1)
    rows = session.execute(statement).all()
    return PreviousPage(bool(rows), tuple(rows[limit]) if len(rows) > limit else None)
