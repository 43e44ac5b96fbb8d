"""Search keys of words: their lemmas, mutated forms and folded forms."""

from __future__ import annotations

import pytest

from api.domain.language import Language
from api.domain.lemma import LEMMAS
from api.services.search.word_keys import Nearness, Tier, keys_of, lemma_of


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("cartrefi", "cartref"),
        ("aeth", "mynd"),
        ("cynhaliwyd", "cynnal"),
        ("dywedais", "dweud"),
        ("roddodd", "rhoi"),
        ("daethpwyd", "dod"),
        ("grwpiau", "grŵp"),
        ("ymchwilwyr", "ymchwilydd"),
        ("ei", "ei"),
        ("naw", "naw"),
    ],
)
def test_words_have_the_lemma_that_a_dictionary_gives(word: str, lemma: str) -> None:
    assert lemma_of(word) == lemma


def test_each_lemma_is_its_own_lemma() -> None:
    for lemma in LEMMAS.values():
        assert lemma_of(lemma) == lemma


def test_a_mutated_form_has_the_keys_of_its_word_and_lemma() -> None:
    keys = keys_of("nghartrefi", Language.CY)
    assert keys["nghartrefi"] == Nearness(Tier.EXACT, True)
    assert keys["cartrefi"] == Nearness(Tier.LEMMA, True)
    assert keys["cartref"] == Nearness(Tier.LEMMA, False)


def test_no_word_is_treated_as_mutated_twice() -> None:
    assert "ci" not in keys_of("i", Language.CY)  # “gi” is a mutated “ci”, but “i” is not a form of “ci”
    assert "plentyn" not in keys_of("flant", Language.CY)
    assert keys_of("blant", Language.CY)["plentyn"].tier is Tier.LEMMA


def test_folded_keys_are_in_the_folded_tier() -> None:
    assert keys_of("tŷ", Language.CY)["ty"] == Nearness(Tier.FOLDED, True)
    assert keys_of("d'onna-maria", Language.EN)["donnamaria"].tier is Tier.FOLDED
