"""Ranks: the order of a list as numbers with gaps, so that moving an item changes one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress

RANK_GAP = 1 << 20


def ranks_between(after: int | None, before: int | None, count: int) -> Iterator[int]:
    """Yield ``count`` ascending ranks between two ranks; None means no bound. Raises ValueError if they do not fit."""
    start = 0 if after is None else after
    if before is None:
        yield from (start + RANK_GAP * step for step in range(1, count + 1))
        return
    if after is None:
        start = before - RANK_GAP * (count + 1)
    step = (before - start) // (count + 1)
    if step < 1:
        raise ValueError("no room between these two ranks")
    yield from (start + step * number for number in range(1, count + 1))


def make_room_at(ranks: Sequence[int], index: int, taken: Set[int] = frozenset()) -> tuple[int, dict[int, int]]:
    """Return a rank for a new item before ``ranks[index]``, and new ranks for the items that must move, by index.

    The ranks remain ascending, and no new rank is in ``taken``. Usually no item has to move. If there is no free rank
    at this position, some of the nearest items are spread out, with space for ten more insertions at the same position.
    """
    low = ranks[index - 1] if index else None
    high = ranks[index] if index < len(ranks) else None
    try:
        return free_ranks(ranks_between(low, high, 1), high, taken)[0], {}
    except ValueError:
        return _spread(ranks, index, taken)


def free_ranks(ranks: Iterable[int], before: int | None, taken: Set[int]) -> list[int]:
    """Return these ascending ranks, with each taken rank replaced by the next free one.

    Raises ValueError if they do not fit before ``before``.
    """
    free: list[int] = []
    for rank in ranks:
        candidate = max(rank, free[-1] + 1) if free else rank
        while candidate in taken:
            candidate += 1
        free.append(candidate)
    if before is not None and free and free[-1] >= before:
        raise ValueError("no room between these two ranks")
    return free


def _spread(ranks: Sequence[int], index: int, taken: Set[int]) -> tuple[int, dict[int, int]]:
    distance = 1
    while True:
        first, last = max(index - distance, 0), min(index + distance, len(ranks))
        low = ranks[first - 1] if first else None
        high = ranks[last] if last < len(ranks) else None
        count = last - first + 1
        if low is None or high is None or high - low >= _MIN_GAP * (count + 1):
            with suppress(ValueError):
                spread_ranks = free_ranks(ranks_between(low, high, count), high, taken)
                new_rank = spread_ranks.pop(index - first)
                new_ranks = {
                    first + offset: rank for offset, rank in enumerate(spread_ranks) if rank != ranks[first + offset]
                }
                return new_rank, new_ranks
        distance *= 2


_MIN_GAP = 1 << 10
