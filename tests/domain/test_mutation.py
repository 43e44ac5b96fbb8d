"""Mutations of listed words, which a Welsh speaker can check, and of arbitrary words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.mutation import Mutation, first_letter, mutate, unmutate
from tests.tools.properties import steady

#  the word     soft         nasal         aspirate
FORMS = """
pen          ben          mhen          phen
tad          dad          nhad          thad
cath         gath         nghath        chath
braich       fraich       mraich        ·
desg         ddesg        nesg          ·
gardd        ardd         ngardd        ·
glaw         law          nglaw         ·
gwraig       wraig        ngwraig       ·
mam          fam          ·             ·
llaw         law          ·             ·
rhosyn       rosyn        ·             ·
tŷ           dŷ           nhŷ           thŷ
tsipsen      jipsen       ·             ·
"""
WORDS = st.text("abcdefghijlmnoprstuwyâêîôûŵŷ'-", min_size=1, max_size=12)


@pytest.mark.parametrize("line", FORMS.strip().splitlines())
def test_words_mutate_as_shown_in_grammar_books(line: str) -> None:
    word, *forms = line.split()
    mutations = (Mutation.SOFT, Mutation.NASAL, Mutation.ASPIRATE)
    assert mutate(word) == {m: form for m, form in zip(mutations, forms, strict=True) if form != "·"}


@pytest.mark.parametrize(
    ("word", "form"), [("ysgol", "hysgol"), ("arian", "harian"), ("ŵyr", "hŵyr"), ("iaith", "hiaith")]
)
def test_words_that_begin_with_a_vowel_mutate_only_by_adding_h(word: str, form: str) -> None:
    assert mutate(word) == {Mutation.H: form}


@pytest.mark.parametrize("word", ["chwaer", "ffrind", "thema", "nos", "siop", "heddiw", "p", "g"])
def test_words_whose_first_letter_cannot_mutate_have_no_mutations(word: str) -> None:
    assert mutate(word) == {}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("gath", {"cath"}),
        ("fam", {"bam", "mam"}),
        ("law", {"glaw", "llaw"}),
        ("ardd", {"gardd"}),
        ("nghartref", {"cartref"}),
        ("hysgol", {"ysgol"}),
        ("ffrind", set()),
    ],
)
def test_unmutate_returns_all_possible_words(form: str, words: set[str]) -> None:
    assert set(unmutate(form)) == words


@steady
@given(WORDS)
def test_unmutate_reverses_every_mutation(word: str) -> None:
    for form in mutate(word).values():
        assert word in unmutate(form)
        assert form != word


@steady
@given(WORDS)
def test_each_word_that_unmutate_returns_can_mutate_to_the_given_form(form: str) -> None:
    for word in unmutate(form):
        assert form in mutate(word).values()


@steady
@given(st.text(max_size=20))
def test_any_text_can_be_mutated_without_an_error(word: str) -> None:
    assert word.startswith(first_letter(word))
    assert all(unmutate(form) for form in mutate(word).values())
