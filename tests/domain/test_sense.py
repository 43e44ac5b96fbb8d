"""Senses of source revisions, computed from the whole history of a unit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.domain.sense import SourceRevision, find_senses
from tests.tools.properties import steady


def senses_of(*history: tuple[str, bool] | tuple[str, bool, int]) -> list[int]:
    """Return the sense of each revision.

    A revision is a text and an "is minor" flag. An optional third item is the number of the revision to which the flag
    applies.
    """
    revisions = [
        SourceRevision(number, item[0], item[1], item[2] if len(item) == 3 else None)
        for number, item in enumerate(history, 1)
    ]
    senses = find_senses(revisions)
    return [senses[revision.id] for revision in revisions]


def test_each_new_text_has_its_own_sense() -> None:
    assert senses_of(("a", False), ("b", False), ("c", False)) == [1, 2, 3]


def test_a_minor_revision_has_the_sense_of_the_previous_revision() -> None:
    assert senses_of(("a", False), ("b", True), ("c", True), ("d", False), ("e", True)) == [1, 1, 1, 4, 4]


def test_a_revision_that_repeats_an_earlier_text_has_the_sense_of_that_text() -> None:
    assert senses_of(("a", False), ("b", False), ("a", False), ("b", False)) == [1, 2, 1, 2]


def test_a_revision_that_repeats_the_text_of_a_minor_revision_has_the_same_sense() -> None:
    assert senses_of(("a", False), ("b", True), ("c", False), ("b", False)) == [1, 1, 3, 1]


def test_a_minor_revision_that_repeats_an_earlier_text_keeps_the_previous_sense() -> None:
    assert senses_of(("a", False), ("b", False), ("a", True)) == [1, 2, 2]


def test_a_revision_can_be_marked_as_minor_or_unmarked_later() -> None:
    assert senses_of(("a", False), ("b", False), ("b", True, 2)) == [1, 1, 1]
    assert senses_of(("a", False), ("b", True), ("b", False, 2)) == [1, 2, 2]


def test_the_last_of_several_marks_decides_whether_a_revision_is_minor() -> None:
    assert senses_of(("a", False), ("b", False), ("b", True, 2), ("b", False, 2)) == [1, 2, 2, 2]
    assert senses_of(("a", False), ("b", False), ("b", True, 2), ("b", False, 2), ("b", True, 2)) == [1, 1, 1, 1, 1]


def test_marking_a_revision_changes_the_senses_that_depend_on_it() -> None:
    revisions = (("a", False), ("b", False), ("c", True))
    assert senses_of(*revisions) == [1, 2, 2]
    assert senses_of(*revisions, ("c", True, 2)) == [1, 1, 1, 1]


def test_an_empty_history_has_no_senses() -> None:
    assert find_senses([]) == {}


@steady
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=8))
def test_a_sense_is_the_number_of_the_first_revision_that_has_it(history: list[tuple[str, bool]]) -> None:
    senses = senses_of(*history)
    for number, sense in enumerate(senses, 1):
        assert 1 <= sense <= number
        assert senses[sense - 1] == sense


@steady
@given(st.lists(st.tuples(st.sampled_from("abc"), st.just(False)), min_size=1, max_size=8))
def test_equal_senses_mean_equal_texts_if_no_revision_is_minor(history: list[tuple[str, bool]]) -> None:
    senses = senses_of(*history)
    for (text, _), sense in zip(history, senses, strict=True):
        assert sense == [item for item, _ in history].index(text) + 1
