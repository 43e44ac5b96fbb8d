"""Validation, normalisation, rendering, word count and comparison of texts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import InvalidTextError
from api.domain.text import (
    clean_comment,
    clean_name,
    clean_reason,
    contains_phrase,
    content_hash,
    count_words,
    normalise,
    split_tokens,
)
from tests.domain.test_emoji import MALFORMED, SEQUENCES
from tests.tools.properties import steady

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n \n", "empty"),
        ("a\x00b", "control-character"),
        ("a\tb", "control-character"),
        ("a\x1bb", "control-character"),
        ("a\x85b", "control-character"),
        ("a\u2028b", "control-character"),
        ("a\ud800b", "surrogate"),
        ("a\u200bb", "invisible-character"),
        ("a\u202eb", "invisible-character"),
        ("\ufeffa", "invisible-character"),
        ("a\u00adb", "invisible-character"),
        ("x" * 20_001, "too-long"),
        ("x" * 1_000_000, "too-long"),
        ("*a\n\nb*", "unbalanced-emphasis"),
        ("a **b** c", "unbalanced-emphasis"),
    ],
)
def test_invalid_texts_are_refused_with_a_code(text: str, code: str) -> None:
    with pytest.raises(InvalidTextError) as caught:
        normalise(text)
    assert caught.value.code == code
    if code.endswith("character") or code == "surrogate":
        assert str(caught.value.data["character"]).startswith("U+")


@pytest.mark.parametrize(
    "code",
    [0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x200D, 0x3164, 0xFE00, 0xFFA0, 0xFFF9, 0xFFFB, 0xFDD0,
     0xFFFE, 0xFFFF, 0x1D173, 0xE0001, 0xE0041, 0xE0100, 0xFE0E, 0xFE0F,
     0x10FFFF],
)  # fmt: skip
def test_invisible_characters_are_refused_with_their_code_point(code: int) -> None:
    for keep in (normalise, clean_comment, clean_name):
        with pytest.raises(InvalidTextError, match="invisible-character") as caught:
            keep(f"Rhi{chr(code)}an")
        assert caught.value.data["character"] == f"U+{code:04X}"


def test_every_format_character_is_refused() -> None:
    """Check all characters of the category Cf in this Python's version of Unicode."""
    for character in filter(lambda c: unicodedata.category(c) == "Cf", map(chr, range(0x110000))):
        with pytest.raises(InvalidTextError, match="invisible-character"):
            normalise(f"a{character}b")


@pytest.mark.parametrize("text", ["\u2800", " \u2800\u00a0\n\u3000", "*\u2800*", "\u0301"])
def test_a_text_without_visible_characters_is_empty(text: str) -> None:
    for keep in (normalise, clean_name):
        with pytest.raises(InvalidTextError, match="empty"):
            keep(text.replace("\n", "").replace("*", ""))
    with pytest.raises(InvalidTextError, match="empty"):
        normalise(text)
    assert clean_comment(text.replace("*", "")) == ""


@pytest.mark.parametrize(
    "text",
    ["☺\ufe0f", "❤\ufe0e", "🎉", "ŵ", "Ω", "你好", "5 × 3", "e\u0323\u0302", "* *", "i\u02bcr", *SEQUENCES.values()],
)
def test_visible_characters_and_well_formed_emoji_are_allowed(text: str) -> None:
    assert normalise(text) == clean_name(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_malformed_emoji_are_refused(text: str) -> None:
    for keep in (normalise, clean_comment, clean_name, clean_reason):
        with pytest.raises(InvalidTextError, match="invisible-character"):
            keep(f"Mae pawb yn hapus iawn yma {text} heddiw.")


def test_lengths_are_counted_in_code_points() -> None:
    family = SEQUENCES["a family"]
    assert clean_name(family * (200 // len(family))) == family * (200 // len(family))
    with pytest.raises(InvalidTextError, match="too-long"):
        clean_name(family * (200 // len(family) + 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" ", "empty"), ("x" * 201, "too-long"), ("two\nlines", "not-one-line"),
     ("a\x00b", "control-character"), ("a\ud800b", "surrogate"), ("a\u202eb", "invisible-character")],
)  # fmt: skip
def test_invalid_names_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidTextError, match=code):
        clean_name(text)


def test_names_are_normalised() -> None:
    assert clean_name(" Rhian \t  Ty\u0302\u00a0Gwyn ") == "Rhian Tŷ Gwyn"


def test_a_comment_keeps_its_line_breaks_and_may_be_empty() -> None:
    assert clean_comment(" one\r\ntwo\tthree ") == "one\ntwo\tthree"
    assert clean_comment("  ") == ""
    with pytest.raises(InvalidTextError, match="too-long"):
        clean_comment("x" * 2_001)


@pytest.mark.parametrize("reason", ["", "a" * 19, "a" + " " * 23 + "b", "a\n\n" * 10, "y\u0302" * 19])
def test_reasons_under_twenty_characters_are_refused_and_repeated_white_space_does_not_count(reason: str) -> None:
    with pytest.raises(InvalidTextError, match="reason-too-short"):
        clean_reason(reason)
    assert clean_reason("a " * 10 + "b") == "a " * 10 + "b"


def test_a_one_line_field_refuses_a_line_break() -> None:
    with pytest.raises(InvalidTextError, match="not-one-line"):
        normalise("a\nb", is_block=False)
    assert normalise(" a b ", is_block=False) == "a b"


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a  \n\n\n\n b\n", "a\n\nb"),
        ("ty\u0302", "tŷ"),
        ("*happy* and *glad*", "*happy* and *glad*"),
        ("x" * 20_000, "x" * 20_000),
    ],
)
def test_texts_are_normalised(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


@steady
@given(texts)
def test_normalising_a_normalised_text_changes_nothing(text: str) -> None:
    try:
        once = normalise(text)
    except InvalidTextError:
        return
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@steady
@given(st.text(max_size=200))
def test_joining_the_tokens_of_a_text_gives_the_text(text: str) -> None:
    assert "".join(split_tokens(text)) == text


def test_words_include_apostrophes_and_hyphens() -> None:
    words = [token for token in split_tokens("Mae’r cyd-hwyluso i’w weld, on’d yw?") if token.strip(" ,?")]
    assert words == ["Mae’r", "cyd-hwyluso", "i’w", "weld", "on’d", "yw"]


@pytest.mark.parametrize("word", ["1,000", "£3.50", "£1,000.50", "o‘r", "i'w", "cyd\u2011hwyluso", "cyd\u2010hwyluso"])
def test_each_number_and_each_word_with_apostrophes_or_hyphens_is_one_token(word: str) -> None:
    assert list(split_tokens(f"a {word}, b")) == ["a", " ", word, ", ", "b"]
    assert list(split_tokens(f"{word}.")) == [word, "."]


def test_quotation_marks_are_not_part_of_words() -> None:
    assert list(split_tokens("‘un, dau’ 3. a £")) == ["‘", "un", ", ", "dau", "’ ", "3", ". ", "a", " £"]


@pytest.mark.parametrize("name", SEQUENCES)
def test_an_emoji_is_a_token_but_not_a_word(name: str) -> None:
    emoji = SEQUENCES[name]
    assert list(split_tokens(f"Da {emoji}{emoji} iawn{emoji}")) == ["Da", " ", emoji, emoji, " ", "iawn", emoji]
    assert count_words(f"Da {emoji} iawn{emoji}") == 2


def test_words_are_counted_as_translators_count_them() -> None:
    assert count_words("*Dyma* – bedwar gair\n\nyma.") == 4
    assert count_words("– …") == 0


def test_equal_texts_have_equal_hashes() -> None:
    assert content_hash("tŷ") == content_hash("tŷ") != content_hash("ty")


@pytest.mark.parametrize(
    ("phrase", "text", "is_found"),
    [
        ("They were happy.", "“They were *happy*”, she said.", True),
        ("respect", "Discuss, Respect, Challenge", True),
        ("respect", "disrespectful", False),
        ("it’s", "It's", True),
        ("a – b", "a - b", True),
        ("a b", "a\nb", True),
        ("something else", "They were happy", False),
        ("it\u02bcs", "It`s", True),
        ("5 * 3", "5 \\* 3", True),
        ("a 👩", "a 👩 b", True),
        ("a 👩", "a 👩\u200d👧 b", False),
        ("🇬🇧", "🇫🇬🇧🇷", False),
    ],
)
def test_a_phrase_is_found_whatever_its_typography(phrase: str, text: str, is_found: bool) -> None:
    assert contains_phrase(phrase, text) is is_found
