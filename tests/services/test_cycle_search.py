"""The search for cycles is paused while anybody needs it to be, and no longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from api.services.cycle_search import without_cycle_search


@pytest.fixture(autouse=True)
def _on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_is_paused_inside_and_goes_on_afterwards() -> None:
    with without_cycle_search():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_when_the_last_of_several_is_out() -> None:
    first, second = without_cycle_search(), without_cycle_search()
    with first:
        second.__enter__()
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), without_cycle_search():
        raise ValueError("wrong")
    assert gc.isenabled()


def test_who_turned_it_off_finds_it_off() -> None:
    gc.disable()
    with without_cycle_search():
        assert not gc.isenabled()
    assert not gc.isenabled()
