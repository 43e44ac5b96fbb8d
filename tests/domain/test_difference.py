"""Differences between two texts, word by word, in English and in Welsh."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import difference
from api.domain.difference import find_changes
from tests.tools.properties import steady


def render(old: str, new: str) -> str:
    """Return the changes as ``equal [-deleted-] {+inserted+}``."""
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[change.op].format(change.text) for change in find_changes(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the first word", "the second word", "the [-first-]{+second+} word"),
        ("I don't know", "I do know", "I [-don't-]{+do+} know"),
        ("well-being matters", "wellbeing matters", "[-well-being-]{+wellbeing+} matters"),
        ("mynd i’w weld", "mynd i’r weld", "mynd [-i’w-]{+i’r+} weld"),
        ("mae’n dod i’w dŷ", "mae’n dod i’w thŷ", "mae’n dod i’w [-dŷ-]{+thŷ+}"),
        ("cyd-hwyluso’r sesiwn", "hwyluso’r sesiwn", "[-cyd-hwyluso’r-]{+hwyluso’r+} sesiwn"),
        ("costs £3.50 now", "costs £4.50 now", "costs [-£3.50-]{+£4.50+} now"),
        ("1,000 people", "1,500 people", "[-1,000-]{+1,500+} people"),
        ("dod o‘r tŷ", "dod o’r tŷ", "dod [-o‘r-]{+o’r+} tŷ"),
        ("tŷ bach", "ty bach", "[-tŷ-]{+ty+} bach"),
        ("a b", "a b", "a b"),
        ("a", "a.", "a{+.+}"),
        ("one two", "one *two*", "one[- -]{+ *+}two{+*+}"),
    ],
)
def test_every_change_consists_of_whole_words_or_punctuation(old: str, new: str, expected: str) -> None:
    assert render(old, new) == expected


def test_equal_texts_give_a_single_part_marked_equal() -> None:
    assert [(change.op, change.text) for change in find_changes("dim byd", "dim byd")] == [("equal", "dim byd")]


_texts = st.text(st.sampled_from("ab ŵy’'-*.\n"), max_size=30)


@steady
@given(_texts, _texts)
def test_both_texts_can_be_rebuilt_from_the_changes(old: str, new: str) -> None:
    changes = find_changes(old, new)
    assert "".join(change.text for change in changes if change.op != "insert") == old
    assert "".join(change.text for change in changes if change.op != "delete") == new
    assert all(change.text for change in changes)
    assert all(first.op != "equal" or second.op != "equal" for first, second in pairwise(changes))


TEXTS = {
    "one word over and over": ("ha " * 6_600, "ha ho " * 3_300),
    "nothing alike": (" ".join(f"a{n}" for n in range(3_000)), " ".join(f"b{n}" for n in range(3_000))),
    "the same words in another order": (" ".join(map(str, range(4_000))), " ".join(map(str, range(4_000, 0, -1)))),
    "in paragraphs now": (" ".join(["one", "two", "three"] * 1_000), "\n\n".join(["three", "two", "one"] * 1_000)),
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_every_comparison_stays_within_the_step_limit(texts: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = texts
    steps = 0
    step = difference._step

    def count_steps(*arguments: Any) -> int:
        nonlocal steps
        steps += 1
        # Fail early: without the limit, the comparison would take hours.
        assert steps < 2 * difference.MAX_STEPS
        return step(*arguments)

    monkeypatch.setattr(difference, "_step", count_steps)
    changes = find_changes.__wrapped__(old, new)
    assert steps > 0
    assert "".join(change.text for change in changes if change.op != "insert") == old
    assert "".join(change.text for change in changes if change.op != "delete") == new


def test_hundreds_of_changed_words_are_found_word_by_word() -> None:
    words = [f"word{n}" for n in range(2_000)]
    edited = [f"{word}s" if n % 10 == 0 else word for n, word in enumerate(words)]
    changes = find_changes(" ".join(words), " ".join(edited))
    assert sum(change.op == "insert" for change in changes) == 200
