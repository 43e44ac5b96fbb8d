"""Places in a list: numbers with gaps, so that taking a place among others changes one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

RANK_GAP = 1 << 20


def ranks_between(after: int | None, before: int | None, count: int) -> Iterator[int]:
    """``count`` rising ranks between two that exist; None is no limit. Raises ValueError where they do not fit."""
    start = 0 if after is None else after
    if before is None:
        yield from (start + RANK_GAP * step for step in range(1, count + 1))
        return
    if after is None:
        start = before - RANK_GAP * (count + 1)
    step = (before - start) // (count + 1)
    if step < 1:
        raise ValueError("no room between these two ranks")
    yield from (start + step * place for place in range(1, count + 1))


def make_room_at(ranks: Sequence[int], index: int) -> tuple[int, dict[int, int]]:
    """A rank before ``ranks[place]`` and after those below it, and new ranks, by index, for those that made room.

    Rising ``ranks`` stay rising. As a rule nobody moves. Where the gap is used up, its neighbours are spread out: as
    few of them as leaves room for ten more moves into the same place.
    """
    low = ranks[index - 1] if index else None
    high = ranks[index] if index < len(ranks) else None
    try:
        return next(iter(ranks_between(low, high, 1))), {}
    except ValueError:
        return _spread(ranks, index)


def _spread(ranks: Sequence[int], index: int) -> tuple[int, dict[int, int]]:
    reach = 1
    while True:
        first, last = max(index - reach, 0), min(index + reach, len(ranks))
        low = ranks[first - 1] if first else None
        high = ranks[last] if last < len(ranks) else None
        count = last - first + 1
        if low is None or high is None or high - low >= _MIN_GAP * (count + 1):
            fresh = list(ranks_between(low, high, count))
            taken = fresh.pop(index - first)
            moved = {first + at: rank for at, rank in enumerate(fresh) if rank != ranks[first + at]}
            return taken, moved
        reach *= 2


_MIN_GAP = 1 << 10
