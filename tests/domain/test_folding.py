"""Folding of texts for comparison."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.emphasis import strip_emphasis
from api.domain.folding import APOSTROPHES, fold_text, replace_white_space
from tests.tools.properties import steady


@pytest.mark.parametrize("apostrophe", APOSTROPHES)
def test_all_apostrophes_are_equal(apostrophe: str) -> None:
    assert fold_text(f"i{apostrophe}r") == "i'r"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("TŶ Ŵyna ÂÊÎÔÛ Ẁ ẅ ñ", "ty wyna aeiou w w n"),
        ("ty\u0302", "ty"),
        ("a\u00a0b\u3000\t\r\n c\u2028d", "a b c d"),
        ("“a” – b\u2011c", '"a" - b-c'),
        ("*hapus* iawn", "hapus iawn"),
        ("5\\*3 * 2", "53 2"),
        ("☺\ufe0f", "☺"),
        ("Straße", "strasse"),
        (" * ", ""),
    ],
)
def test_texts_are_folded(text: str, folded: str) -> None:
    assert fold_text(text) == folded


@steady
@given(st.text(max_size=60))
def test_folding_is_idempotent_and_ignores_case_and_composition_and_emphasis(text: str) -> None:
    folded = fold_text(text)
    assert fold_text(folded) == folded
    assert fold_text(unicodedata.normalize("NFD", text)) == fold_text(unicodedata.normalize("NFC", text))
    assert fold_text(strip_emphasis(text)) == folded


def test_white_space_becomes_spaces_and_control_characters_stay() -> None:
    space = [character for character in map(chr, range(0x110000)) if replace_white_space(character) == " "]
    # The property White_Space of Unicode; ``str.isspace`` also counts four control characters.
    assert space == [chr(code) for code in range(0x110000) if chr(code).isspace() and not 0x1C <= code <= 0x1F]
    assert replace_white_space("a\x1cb\0") == "a\x1cb\0"
