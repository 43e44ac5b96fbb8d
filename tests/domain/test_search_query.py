"""Search queries are parsed into words, phrases and exclusions, and no character causes an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import InvalidRequestError
from api.domain.search_query import MAX_QUERY_WORDS, PREFIX_WORDS, QueryItem, parse_search_query
from tests.tools.properties import steady


@pytest.mark.parametrize(
    ("q", "items"),
    [
        ("gartref", [QueryItem("gartref")]),
        ("  i’r   ysgol ", [QueryItem("i’r"), QueryItem("ysgol")]),
        ("“eiliadau hud” -poeni", [QueryItem("eiliadau hud", True), QueryItem("poeni", False, True)]),
        ('-"eiliadau hud" teulu', [QueryItem("eiliadau hud", True, True), QueryItem("teulu")]),
        ("cyd-hwyluso", [QueryItem("cyd-hwyluso")]),
        ("a/b", [QueryItem("a"), QueryItem("b")]),
        ('"heb ddiwedd', [QueryItem("heb"), QueryItem("ddiwedd")]),
        ('"" teulu', [QueryItem("teulu")]),
        ("NEAR(plant, 2) OR teulu:*", [QueryItem(w) for w in ("NEAR", "plant", "2", "OR", "teulu")]),
        ("teul*", [QueryItem("teul", is_prefix=True)]),
        ("-teul* gwa*", [QueryItem("teul", is_excluded=True, is_prefix=True), QueryItem("gwa", is_prefix=True)]),
        ("cyd-hwyl*, *teulu*.", [QueryItem("cyd-hwyl", is_prefix=True), QueryItem("teulu", is_prefix=True)]),
        ("te** (te*)", [QueryItem("te", is_prefix=True)] * 2),
        ('te*"x y"', [QueryItem("te", is_prefix=True), QueryItem("x y", True)]),
        # Everywhere else, an asterisk only separates words.
        ("te*lu t* *teulu teulu * te *", [QueryItem(w) for w in ("te", "lu", "t", "teulu", "teulu", "te")]),
        ('"gofal teul*"', [QueryItem("gofal teul*", True)]),
        ("i-* x'y*", [QueryItem("i"), QueryItem("x'y", is_prefix=True)]),
        ("plant & !teulu | 'x'", [QueryItem(w) for w in ("plant", "teulu", "x")]),
    ],
)
def test_queries_are_parsed_into_words_and_phrases_and_exclusions(q: str, items: list[QueryItem]) -> None:
    assert parse_search_query(q) == items


@pytest.mark.parametrize("q", ["-", '"', '""', "*", "( )", "-teulu", '-"dau air"', "🙂", "&|!", "--", "’"])
def test_a_query_without_words_is_refused(q: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        parse_search_query(q)
    assert [issue.code for issue in refused.value.issues] == ["no-words"]


def test_a_query_with_too_many_words_is_refused() -> None:
    assert len(parse_search_query("a " * MAX_QUERY_WORDS)) == MAX_QUERY_WORDS
    with pytest.raises(InvalidRequestError):
        parse_search_query("a " * (MAX_QUERY_WORDS + 1))
    with pytest.raises(InvalidRequestError):
        parse_search_query('"' + "a " * (MAX_QUERY_WORDS + 1) + '"')


def test_a_prefix_counts_as_several_words() -> None:
    assert len(parse_search_query("te* " * (MAX_QUERY_WORDS // PREFIX_WORDS))) == MAX_QUERY_WORDS // PREFIX_WORDS
    with pytest.raises(InvalidRequestError) as refused:
        parse_search_query("te* " * (MAX_QUERY_WORDS // PREFIX_WORDS) + "a")
    assert [issue.code for issue in refused.value.issues] == ["too-many-words"]


@steady
@given(st.text("ab\" -'’&*():", max_size=40))
def test_any_query_is_parsed_or_refused(q: str) -> None:
    try:
        items = parse_search_query(q)
    except InvalidRequestError:
        return
    assert any(not item.is_excluded for item in items)
    assert all(
        character.isalnum() for item in items for character in (item.text[0], item.text[-1]) if not item.is_phrase
    )
