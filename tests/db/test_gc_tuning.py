"""``young_gc_only`` limits garbage collection to the youngest generation, and restores the settings afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from weakref import ref

import pytest

from api.db.gc_tuning import young_gc_only

NEW = 700
THRESHOLDS = (NEW, 10, 10)


@pytest.fixture(autouse=True)
def _fixed_thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    yield
    gc.set_threshold(*before)


class Cycle:
    """An object with a reference to itself."""

    def __init__(self) -> None:
        self.cycle = self


def _make(count: int) -> list[Any]:
    return [[] for _ in range(count)]


def test_only_the_youngest_generation_is_collected() -> None:
    collections: list[int] = []
    gc.callbacks.append(lambda phase, info: collections.append(info["generation"]) if phase == "start" else None)
    try:
        with young_gc_only():
            objects = _make(20 * NEW)
    finally:
        gc.callbacks.pop()
    assert len(objects) == 20 * NEW
    assert len(collections) >= 10
    assert set(collections) == {0}


def test_new_cycles_are_collected() -> None:
    with young_gc_only():
        cycle = ref(Cycle())
        objects = _make(3 * NEW)
        assert cycle() is None
    assert objects


def test_thresholds_are_restored_after_the_context() -> None:
    with young_gc_only():
        assert gc.get_threshold() != THRESHOLDS
    assert gc.get_threshold() == THRESHOLDS


def test_thresholds_are_restored_when_the_last_of_several_contexts_ends() -> None:
    first, second = young_gc_only(), young_gc_only()
    with first:
        second.__enter__()
    assert gc.get_threshold() != THRESHOLDS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == THRESHOLDS


def test_thresholds_are_restored_after_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), young_gc_only():
        raise ValueError("wrong")
    assert gc.get_threshold() == THRESHOLDS


def test_garbage_collection_that_was_disabled_remains_disabled() -> None:
    gc.disable()
    try:
        with young_gc_only():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
