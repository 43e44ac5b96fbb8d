"""What somebody types, taken apart: words, phrases, what is left out; and no sign that breaks anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import RequestRefused
from api.domain.search_query import MAX_WORDS, Item, read_query
from tests.tools.properties import steady


@pytest.mark.parametrize(
    ("q", "items"),
    [
        ("gartref", [Item("gartref")]),
        ("  i’r   ysgol ", [Item("i’r"), Item("ysgol")]),
        ("“eiliadau hud” -poeni", [Item("eiliadau hud", True), Item("poeni", False, True)]),
        ('-"eiliadau hud" teulu', [Item("eiliadau hud", True, True), Item("teulu")]),
        ("cyd-hwyluso", [Item("cyd-hwyluso")]),
        ("a/b", [Item("a"), Item("b")]),
        ('"heb ddiwedd', [Item("heb"), Item("ddiwedd")]),
        ('"" teulu', [Item("teulu")]),
        ("NEAR(plant, 2) OR teulu:*", [Item(w) for w in ("NEAR", "plant", "2", "OR", "teulu")]),
        ("plant & !teulu | 'x'", [Item(w) for w in ("plant", "teulu", "x")]),
    ],
)
def test_a_query_is_taken_apart(q: str, items: list[Item]) -> None:
    assert read_query(q) == items


@pytest.mark.parametrize("q", ["-", '"', '""', "*", "( )", "-teulu", '-"dau air"', "🙂", "&|!", "--", "’"])
def test_a_query_that_asks_for_no_word_is_refused(q: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_query(q)
    assert [fault.fault for fault in refused.value.faults] == ["no-words"]


def test_a_query_has_so_many_words_and_no_more() -> None:
    assert len(read_query("a " * MAX_WORDS)) == MAX_WORDS
    with pytest.raises(RequestRefused):
        read_query("a " * (MAX_WORDS + 1))
    with pytest.raises(RequestRefused):
        read_query('"' + "a " * (MAX_WORDS + 1) + '"')


@steady
@given(st.text("ab\" -'’&*():", max_size=40))
def test_whatever_is_typed_gives_items_or_is_refused(q: str) -> None:
    try:
        items = read_query(q)
    except RequestRefused:
        return
    assert any(not item.is_left_out for item in items)
    assert all(
        character.isalnum() for item in items for character in (item.text[0], item.text[-1]) if not item.is_phrase
    )
