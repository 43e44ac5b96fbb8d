"""Batches contain all items of a list in order."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from api.db.batching import BATCH, in_batches
from tests.tools.properties import steady


@steady
@given(st.lists(st.integers(), max_size=40), st.integers(1, 10))
def test_all_batches_except_the_last_are_full_and_items_stay_in_order(items: list[int], size: int) -> None:
    batches = list(in_batches(iter(items), size))
    assert list(chain.from_iterable(batches)) == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(batches)


def test_batches_have_the_default_size() -> None:
    assert [len(batch) for batch in in_batches(range(2 * BATCH + 1))] == [BATCH, BATCH, 1]
