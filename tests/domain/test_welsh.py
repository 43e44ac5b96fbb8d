"""The order of the Welsh alphabet, in lists that a Welsh reader can check against a dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.welsh import english_sort_key, fold_accents, split_letters, welsh_sort_key
from tests.tools.properties import steady

IN_ORDER = [
    "a b c ch d dd e f ff g ng h i j l ll m n o p ph r rh s t th u w y",
    "angel ail amser anadl ardal arth athro",
    "cadair cwm cyfle chwaer chwech dafad drws ddoe eira",
    "fory fyny ffair ffrind gardd gwaith",
    "lamp lori llais llong mab",
    "pen pwll phen rasio rygbi rhaff rhosyn sach",
    "tad ty tŷ tywydd thema ugain",
    "bad bag baich banc Bangor bar",
    "daear dail damwain dangos dathlu",
    "Llandaf Llanelli Llangefni Llangollen Llanilltud Llanrwst llaw",
    "cyngor cyhoedd cylch cymorth cynllun",
    "pegwn pendant pengwin penwythnos",
]
LETTERS = {
    "llong": "ll o ng",
    "bangor": "b a n g o r",
    "llangollen": "ll a n g o ll e n",
    "dangos": "d a n g o s",
    "ddangosodd": "dd a n g o s o dd",
    "arddangosfa": "a r dd a n g o s f a",
    "cyngor": "c y ng o r",
    "angladd": "a ng l a dd",
    "uniongyrchol": "u n i o n g y r ch o l",
    "phengwin": "ph e n g w i n",
    "rhyddhau": "rh y dd h a u",
    "chwaraeon": "ch w a r a e o n",
    "ffotograff": "ff o t o g r a ff",
}


@pytest.mark.parametrize("words", IN_ORDER)
def test_words_are_sorted_as_in_a_welsh_dictionary(words: str) -> None:
    expected = words.split()
    assert sorted(expected, key=welsh_sort_key) == expected


@pytest.mark.parametrize(("word", "expected"), LETTERS.items())
def test_words_are_split_into_welsh_letters(word: str, expected: str) -> None:
    assert split_letters(word) == expected.split()


@pytest.mark.parametrize(
    "titles",
    [
        ["Pen llanw", "Pen Llŷn", "Penaeth"],  # the end of a word sorts before any letter
        ["Gyda’ch gilydd", "Gydag amser"],  # apostrophes are ignored
        ["10 munud", "2 funud", "Amser"],
        ["‘Amser i siarad’", "Bore da"],
    ],
)
def test_welsh_titles_are_sorted_word_by_word(titles: list[str]) -> None:
    assert sorted(titles, key=welsh_sort_key) == titles


def test_english_titles_are_sorted_by_the_english_alphabet() -> None:
    words = ["chalk", "city", "dog", "fable", "ffion", "lamp", "llama", "long", "rhyme", "ruby"]
    assert sorted(words, key=english_sort_key) == words
    assert sorted(words, key=welsh_sort_key) != words


def test_accents_are_folded() -> None:
    assert fold_accents("Tŷ Gŵyr â’r Iâ") == "ty gwyr a’r ia"


@steady
@given(st.text(max_size=60), st.text(max_size=60))
def test_only_texts_that_differ_in_more_than_case_have_different_sort_keys(a: str, b: str) -> None:
    for key in (welsh_sort_key, english_sort_key):
        assert key(a) == key(a)
        assert (key(a) == key(b)) == (a.casefold() == b.casefold())


@steady
@given(st.text("abcdfghlmnoprstuwy", min_size=1, max_size=30))
def test_joining_the_letters_of_a_word_gives_the_word(word: str) -> None:
    assert "".join(split_letters(word)) == word
