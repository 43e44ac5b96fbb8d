"""The words of a text: positions, clitics, compounds, and normalised spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.folding import APOSTROPHES
from api.domain.language import Language
from api.domain.word import MAX_LETTERS, find_written_words, list_chunks, normalise_spelling, split_word
from tests.domain.test_emoji import SEQUENCES
from tests.tools.properties import steady

CY, EN = Language.CY, Language.EN


def _forms(text: str, language: Language = CY) -> list[str]:
    return [part.form for chunk in list_chunks(text, language) for part in chunk.parts]


def _wholes(text: str, language: Language = CY) -> list[str]:
    return [chunk.whole.form for chunk in list_chunks(text, language) if chunk.whole]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Aeth i’r ysgol", ["aeth", "i", "'r", "ysgol"]),
        ("o'i gartref â’r ci", ["o", "'i", "gartref", "â", "'r", "ci"]),
        ("a’ch gilydd, a’m teulu", ["a", "'ch", "gilydd", "a", "'m", "teulu"]),
        ("TŶ – Tŷ", ["tŷ", "tŷ"]),
        ("cyd-hwyluso", ["cyd", "hwyluso"]),
        ("‘Eiliadau hud’", ["eiliadau", "hud"]),
        ("p’un", ["p", "un"]),
        ("2.5 + 3", ["2", "5", "3"]),
        ("🙂 …", []),
    ],
)
def test_texts_are_split_into_words(text: str, forms: list[str]) -> None:
    assert _forms(text) == forms


def test_a_compound_without_its_clitics_is_also_one_word() -> None:
    assert _wholes("i’w gyd-hwyluso’n dda, p’un") == ["gyd-hwyluso", "p'un"]
    assert _wholes("Mae’n dda") == []


def test_english_clitics_are_split_off() -> None:
    assert _forms("the children’s, don't, O’Brien", EN) == ["the", "children", "'s", "don", "'t", "o", "brien"]
    assert _wholes("O’Brien’s", EN) == ["o'brien"]


def test_decomposed_letters_and_other_apostrophes_give_the_same_word() -> None:
    assert normalise_spelling(unicodedata.normalize("NFD", "Tŷ’r")) == normalise_spelling("tŷ'r") == "tŷ'r"


def test_a_very_long_word_is_shortened() -> None:
    assert len(_forms("a" * 20_000)[0]) == MAX_LETTERS


@steady
@given(st.text(max_size=80), st.sampled_from(Language))
def test_positions_of_words_are_correct(text: str, language: Language) -> None:
    text = unicodedata.normalize("NFC", text)
    for chunk in list_chunks(text, language):
        for part in chunk.parts:
            assert part.form.removeprefix("'") == normalise_spelling(text[part.start : part.end]).removeprefix("'")


@steady
@given(st.text("aâi ’'-rn", max_size=40), st.sampled_from(Language))
def test_splitting_each_written_word_gives_the_words_of_the_text(text: str, language: Language) -> None:
    pieces = [part.form for spelling in find_written_words(text) for part in split_word(spelling, language).parts]
    assert pieces == _forms(text, language)


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_every_apostrophe_splits_off_a_clitic(apostrophe: str) -> None:
    (chunk,) = list_chunks(f"i{apostrophe}r", Language.CY)
    assert [(part.form, part.is_clitic) for part in chunk.parts] == [("i", False), ("'r", True)]
    assert find_written_words(f"{apostrophe}tŷ{apostrophe}") == ["tŷ"]
    assert split_word(f"i{apostrophe}r", Language.CY) == chunk


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_digits_and_letters_of_emoji_are_not_words(name: str) -> None:
    assert find_written_words(f"tŷ{SEQUENCES[name]} {SEQUENCES[name]}1") == ["tŷ", "1"]
