"""A list in batches is the list."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from api.db.batching import BATCH, in_batches
from tests.tools.properties import steady


@steady
@given(st.lists(st.integers(), max_size=40), st.integers(1, 10))
def test_batches_are_the_list_in_order_and_all_but_the_last_are_full(items: list[int], size: int) -> None:
    batches = list(in_batches(iter(items), size))
    assert list(chain.from_iterable(batches)) == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(batches)


def test_a_batch_is_what_a_statement_takes() -> None:
    assert [len(batch) for batch in in_batches(range(2 * BATCH + 1))] == [BATCH, BATCH, 1]
