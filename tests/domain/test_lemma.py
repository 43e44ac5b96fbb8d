"""The table of lemmas: examples that a Welsh speaker can check, and no unnecessary entries."""

from __future__ import annotations

import pytest

from api.domain.lemma import LEMMA_TABLE, LEMMAS
from api.domain.mutation import mutate
from api.domain.text import normalise
from tests.tools.affixes import read_entries

ROWS = [line.split() for line in LEMMA_TABLE.splitlines() if line]
FORMS = {form for _, *forms in ROWS for form in forms}


@pytest.mark.parametrize(
    ("form", "lemma"),
    [
        ("rieni", "rhiant"),
        ("nghefais", "cael"),
        ("gafodd", "cael"),
        ("wnes", "gwneud"),
        ("grwpiau", "grŵp"),
        ("raglenni", "rhaglen"),
        ("ddefnyddwyr", "defnyddiwr"),
        ("chydweithwyr", "cydweithiwr"),
        ("nhai", "tŷ"),
        ("draed", "troed"),
        ("ddwy", "dau"),
        ("orau", "da"),
    ],
)
def test_plain_and_mutated_forms_have_the_expected_lemma(form: str, lemma: str) -> None:
    assert LEMMAS[form] == lemma


@pytest.mark.parametrize("word", ["naw", "nes", "nant", "nwy", "ŵyr", "ei", "weithiau"])
def test_words_that_look_like_mutated_or_inflected_forms_are_their_own_lemma(word: str) -> None:
    assert LEMMAS[word] == word


def test_each_form_has_exactly_one_lemma_and_a_normalised_spelling() -> None:
    assert sum(len(forms) for _, *forms in ROWS) == len(FORMS)
    assert all(normalise(form) == form == form.casefold() for form in FORMS)


def test_no_mutated_form_outside_the_table_is_a_dictionary_word() -> None:
    mutated = {new for form in FORMS for new in mutate(form).values()} - FORMS
    assert not {word for word in mutated if word in read_entries()}
