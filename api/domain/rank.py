"""Ranks: the order of a list as numbers with gaps, so that moving an item changes one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def make_room_at(ranks: Sequence[int], index: int) -> tuple[int, dict[int, int]]:
    """Return a rank for a new item before ``ranks[index]``, and new ranks for the items that must move, by index.

    The ranks remain ascending. Usually no item has to move. If there is no free rank at this position, some of the
    nearest items are spread out, with space for ten more insertions at the same position.
    """
    low = ranks[index - 1] if index else None
    high = ranks[index] if index < len(ranks) else None
    try:
        return next(iter(ranks_between(low, high, 1))), {}
    except ValueError:
        return _spread(ranks, index)


def _spread(ranks: Sequence[int], index: int) -> tuple[int, dict[int, int]]:
    distance = 1
    while True:
        first, last = max(index - distance, 0), min(index + distance, len(ranks))
        low = ranks[first - 1] if first else None
        high = ranks[last] if last < len(ranks) else None
        count = last - first + 1
        if low is None or high is None or high - low >= _MIN_GAP * (count + 1):
            spread_ranks = list(ranks_between(low, high, count))
            new_rank = spread_ranks.pop(index - first)
            new_ranks = {
                first + offset: rank for offset, rank in enumerate(spread_ranks) if rank != ranks[first + offset]
            }
            return new_rank, new_ranks
        distance *= 2


_MIN_GAP = 1 << 10
