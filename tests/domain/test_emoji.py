"""Well-formed emoji sequences, and cutting texts that contain them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.emoji import EMOJI_PATTERN, blank_emoji, can_cut_at, cut_text, cut_words
from tests.tools.properties import steady

WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
SEQUENCES = {
    "the flag of Wales": WALES,
    "the flag of Scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "a flag of two letters": "🇬🇧",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "a couple with skin tones": "🧑🏽\u200d🤝\u200d🧑🏻",
    "a joined emoji with a variation selector": "🕵\ufe0f\u200d♀\ufe0f",
    "a joined flag": "🏳\ufe0f\u200d🌈",
    "a heart on fire": "❤\ufe0f\u200d🔥",
    "hair": "👩🏿\u200d🦱",
    "a skin tone": "👋🏽",
    "a skin tone after a variation selector": "☝\ufe0f🏽",
    "a keycap": "1\ufe0f\u20e3",
    "a keycap without a variation selector": "1\u20e3",
    "the keycap of the star": "*\ufe0f\u20e3",
    "the emoji form": "☺\ufe0f",
    "the text form": "☺\ufe0e",
    "a letter as an emoji": "\u2139\ufe0f",
    "an emoji of a later version of Unicode": "\U0001fc00\u200d\U0001fc01",
}
MALFORMED = {
    "a joiner between letters": "a\u200db",
    "a joiner at the end": "👩\u200d",
    "a joiner at the beginning": "\u200d👩",
    "two joiners": "👩\u200d\u200d👧",
    "a joiner before a letter": "👩\u200dx",
    "a joiner after a keycap": "1\ufe0f\u20e3\u200d👧",
    "a variation selector alone": "\ufe0f",
    "a variation selector after a letter": "a\ufe0f",
    "a variation selector after a digit": "1\ufe0f",
    "two variation selectors": "☺\ufe0f\ufe0f",
    "a joined text form": "👩\ufe0e\u200d👧",
    "tags alone": "\U000e0067\U000e0062",
    "tags after a letter": "a\U000e0067\U000e0062\U000e0077\U000e007f",
    "tags after another emoji": "😀\U000e0067\U000e0062\U000e0077\U000e007f",
    "tags without an end": "\U0001f3f4\U000e0067\U000e0062\U000e0077",
    "an end without tags": "\U0001f3f4\U000e007f",
    "tags that spell a sentence": "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "ignore this") + "\U000e007f",
    "other variation selectors": "☺\ufe00",
}
_modifier = st.sampled_from(["", "🏻", "🏿"])
_base = st.sampled_from(["👩", "🧑", "❤", "☺", "🏳", "♀", "🔥", "👁"])
_element = st.one_of(
    st.builds("{}{}".format, _base, _modifier), st.builds("{}\ufe0f".format, _base), st.sampled_from(["🇬🇧", WALES])
)
sequences = st.one_of(
    st.lists(_element, min_size=1, max_size=5).map("\u200d".join),
    st.builds("{}\ufe0f\u20e3".format, st.sampled_from("0123456789#*")),
)
mixed = st.lists(st.one_of(sequences, st.sampled_from(["tŷ", " ", "1", "a", "🇫🇷"])), max_size=12)


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_well_formed_sequence_is_recognised_as_a_whole(name: str) -> None:
    assert re.fullmatch(EMOJI_PATTERN, SEQUENCES[name])
    assert blank_emoji(f"a{SEQUENCES[name]}b") == "a b"


@pytest.mark.parametrize("name", MALFORMED)
def test_invisible_characters_outside_a_well_formed_sequence_remain(name: str) -> None:
    invisible = [c for c in MALFORMED[name] if not c.isprintable() or "\ufe00" <= c <= "\ufe0f"]
    assert any(c in blank_emoji(MALFORMED[name]) for c in invisible)


@steady
@given(sequences)
def test_every_sequence_of_the_grammar_is_recognised(sequence: str) -> None:
    assert re.fullmatch(EMOJI_PATTERN, sequence)


@steady
@given(mixed, st.integers(0, 60))
def test_no_text_is_cut_inside_a_sequence(parts: list[str], limit: int) -> None:
    text = "".join(parts)
    inside = {at for match in re.finditer(EMOJI_PATTERN, text) for at in range(match.start() + 1, match.end())}
    assert {at for at in range(len(text) + 1) if not can_cut_at(text, at)} == inside
    head = cut_text(text, limit)
    assert text.startswith(head)
    assert len(head) <= limit
    assert len(head) not in inside


def test_a_text_is_not_cut_between_a_letter_and_its_accents() -> None:
    assert cut_text("e\u0323\u0302x", 2) == ""
    assert cut_text("ae\u0323\u0302x", 3) == "a"


def test_a_text_with_several_words_is_cut_at_the_end_of_a_word() -> None:
    assert cut_words("un dau tri", 8) == cut_words("un dau tri", 6) == "un dau"
    assert cut_words("un dau tri", 5) == "un"
    assert cut_words("un dau", 6) == "un dau"
    assert cut_words("Llanfairpwllgwyngyll", 4) == "Llan"
    assert cut_words("👩\u200d👧👩\u200d👧", 4) == "👩\u200d👧"
