"""Which source revisions say the same, from their whole history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.domain.sense import SourceRevision, find_senses
from tests.tools.properties import steady


def of(*history: tuple[str, bool] | tuple[str, bool, int]) -> list[int]:
    """The senses of revisions 1, 2, 3, …, each given as its text, whether minor, and what it is said of."""
    made = [
        SourceRevision(number, each[0], each[1], each[2] if len(each) == 3 else None)
        for number, each in enumerate(history, 1)
    ]
    found = find_senses(made)
    return [found[revision.id] for revision in made]


def test_each_text_has_a_sense_of_its_own() -> None:
    assert of(("a", False), ("b", False), ("c", False)) == [1, 2, 3]


def test_a_minor_one_has_the_sense_of_the_one_before() -> None:
    assert of(("a", False), ("b", True), ("c", True), ("d", False), ("e", True)) == [1, 1, 1, 4, 4]


def test_one_that_is_word_for_word_an_earlier_one_has_its_sense() -> None:
    assert of(("a", False), ("b", False), ("a", False), ("b", False)) == [1, 2, 1, 2]


def test_the_text_of_a_minor_one_comes_back_with_the_sense_that_it_had() -> None:
    assert of(("a", False), ("b", True), ("c", False), ("b", False)) == [1, 1, 3, 1]


def test_a_minor_one_keeps_the_sense_before_it_even_with_an_earlier_text() -> None:
    assert of(("a", False), ("b", False), ("a", True)) == [1, 2, 2]


def test_a_later_word_makes_an_earlier_one_minor_or_not() -> None:
    assert of(("a", False), ("b", False), ("b", True, 2)) == [1, 1, 1]
    assert of(("a", False), ("b", True), ("b", False, 2)) == [1, 2, 2]


def test_the_last_word_counts() -> None:
    assert of(("a", False), ("b", False), ("b", True, 2), ("b", False, 2)) == [1, 2, 2, 2]
    assert of(("a", False), ("b", False), ("b", True, 2), ("b", False, 2), ("b", True, 2)) == [1, 1, 1, 1, 1]


def test_what_is_said_of_one_moves_those_that_lean_on_it() -> None:
    leaning = (("a", False), ("b", False), ("c", True))
    assert of(*leaning) == [1, 2, 2]
    assert of(*leaning, ("c", True, 2)) == [1, 1, 1, 1]


def test_a_history_of_nothing_has_no_senses() -> None:
    assert find_senses([]) == {}


@steady
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=8))
def test_a_sense_is_always_that_of_an_earlier_one_that_has_it_itself(history: list[tuple[str, bool]]) -> None:
    found = of(*history)
    for number, sense in enumerate(found, 1):
        assert 1 <= sense <= number
        assert found[sense - 1] == sense


@steady
@given(st.lists(st.tuples(st.sampled_from("abc"), st.just(False)), min_size=1, max_size=8))
def test_without_minor_ones_the_sense_is_the_text(history: list[tuple[str, bool]]) -> None:
    found = of(*history)
    for (text, _), sense in zip(history, found, strict=True):
        assert sense == [each for each, _ in history].index(text) + 1
