"""What is old is not looked through for cycles while anybody asks for that, and no longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from weakref import ref

import pytest

from api.db.gc_tuning import young_gc_only

NEW = 700
USUAL = (NEW, 10, 10)


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*before)


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def _make(count: int) -> list[Any]:
    return [[] for _ in range(count)]


def test_what_is_old_is_left_alone_inside() -> None:
    searched: list[int] = []
    gc.callbacks.append(lambda phase, info: searched.append(info["generation"]) if phase == "start" else None)
    try:
        with young_gc_only():
            kept = _make(20 * NEW)
    finally:
        gc.callbacks.pop()
    assert len(kept) == 20 * NEW
    assert len(searched) >= 10
    assert set(searched) == {0}


def test_a_new_cycle_is_found_inside() -> None:
    with young_gc_only():
        knot = ref(Knot())
        kept = _make(3 * NEW)
        assert knot() is None
    assert kept


def test_it_is_as_usual_afterwards() -> None:
    with young_gc_only():
        assert gc.get_threshold() != USUAL
    assert gc.get_threshold() == USUAL


def test_it_is_as_usual_when_the_last_of_several_is_out() -> None:
    first, second = young_gc_only(), young_gc_only()
    with first:
        second.__enter__()
    assert gc.get_threshold() != USUAL
    second.__exit__(None, None, None)
    assert gc.get_threshold() == USUAL


def test_it_is_as_usual_after_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), young_gc_only():
        raise ValueError("wrong")
    assert gc.get_threshold() == USUAL


def test_who_turned_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with young_gc_only():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
