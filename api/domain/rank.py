"""Places in a list: numbers with gaps, so that taking a place among others changes one row."""

from __future__ import annotations

from collections.abc import Iterator

GAP = 1 << 20


def ranks_between(after: int | None, before: int | None, count: int) -> Iterator[int]:
    """``count`` rising ranks between two that exist; None is no limit. Raises ValueError where they do not fit."""
    start = 0 if after is None else after
    if before is None:
        yield from (start + GAP * step for step in range(1, count + 1))
        return
    if after is None:
        start = before - GAP * (count + 1)
    step = (before - start) // (count + 1)
    if step < 1:
        raise ValueError("no room between these two ranks")
    yield from (start + step * place for place in range(1, count + 1))
