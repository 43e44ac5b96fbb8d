"""New ranks: between two existing ranks, at either end, and after making room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.rank import RANK_GAP, free_ranks, make_room_at, ranks_between
from tests.tools.properties import steady


@steady
@given(st.integers(-(2**40), 2**40), st.integers(1, 500), st.integers(1, 2**30))
def test_new_ranks_ascend_between_two_existing_ranks(after: int, count: int, room: int) -> None:
    before = after + room
    if room // (count + 1) < 1:
        with pytest.raises(ValueError, match="no room"):
            list(ranks_between(after, before, count))
        return
    ranks = list(ranks_between(after, before, count))
    assert len(ranks) == count
    assert all(a < b for a, b in zip([after, *ranks], [*ranks, before], strict=True))


@steady
@given(st.integers(-(2**40), 2**40), st.integers(1, 50))
def test_new_ranks_at_the_end_have_gaps_and_new_ranks_at_the_start_ascend(rank: int, count: int) -> None:
    assert list(ranks_between(rank, None, count)) == [rank + RANK_GAP * n for n in range(1, count + 1)]
    first = list(ranks_between(None, rank, count))
    assert all(a < b for a, b in zip(first, [*first[1:], rank], strict=True))


@steady
@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=40, unique=True), st.data())
def test_an_item_can_be_inserted_anywhere_without_changing_the_order(ranks: list[int], data: st.DataObject) -> None:
    ranks.sort()
    index = data.draw(st.integers(0, len(ranks)))
    for _ in range(30):
        new, new_ranks = make_room_at(ranks, index)
        after = [new_ranks.get(i, rank) for i, rank in enumerate(ranks)]
        after.insert(index, new)
        assert after == sorted(set(after))
        ranks = after


@steady
@given(st.lists(st.integers(0, 60), min_size=1, max_size=20, unique=True), st.sets(st.integers(-10, 100)), st.data())
def test_a_new_rank_is_never_a_rank_that_is_taken(ranks: list[int], taken: set[int], data: st.DataObject) -> None:
    ranks.sort()
    index = data.draw(st.integers(0, len(ranks)))
    new, new_ranks = make_room_at(ranks, index, taken)
    assert {new, *new_ranks.values()}.isdisjoint(taken)
    after = [new_ranks.get(i, rank) for i, rank in enumerate(ranks)]
    after.insert(index, new)
    assert after == sorted(set(after))


def test_taken_ranks_are_replaced_by_the_next_free_ones() -> None:
    assert free_ranks([10, 11, 20], None, {10, 11, 13}) == [12, 14, 20]
    with pytest.raises(ValueError, match="no room"):
        free_ranks([10, 20], 21, {20})


def test_repeated_insertion_at_one_position_rarely_moves_other_items() -> None:
    ranks, moves, spreads = [RANK_GAP * n for n in range(1, 1001)], 0, 0
    for _ in range(500):
        new, new_ranks = make_room_at(ranks, 500)
        moves, spreads = moves + len(new_ranks), spreads + bool(new_ranks)
        ranks = [new_ranks.get(i, rank) for i, rank in enumerate(ranks)]
        ranks.insert(500, new)
    assert 0 < spreads <= 50
    assert moves < 500 * 40
