"""Every Welsh word of the booklet is in the dictionary, or on a short list of allowed words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from hunspell import Hunspell

from api.domain.language import Language
from tests.content.booklet import units

DICTIONARY = Path(__file__).parents[1] / "vendor" / "dictionary-cy"
ALLOWED = Path(__file__).with_name("allowed-words.txt")
_WORD = re.compile(r"[^\W\d_]+(?:[’\-][^\W\d_]+)*")
# A clitic (the article, a pronoun or "yn") is joined to the preceding word.
_CLITIC = re.compile(r"’(?:r|n|i|u|w|m|ch|th)$")


@cache
def load_dictionary() -> Hunspell:
    return Hunspell("index", hunspell_data_dir=str(DICTIONARY))


@cache
def read_allowed_words() -> frozenset[str]:
    """Read the list of allowed words. In the file, a # separates each word from the reason to allow it."""
    words = set()
    for line in ALLOWED.read_text(encoding="utf-8").splitlines():
        word, _, reason = line.partition("#")
        if line.startswith("#") or not line.strip():
            continue
        assert reason.strip(), f"{word.strip()} has no reason"
        assert word.strip() not in words, f"{word.strip()} is listed twice"
        words.add(word.strip())
    return frozenset(words)


def split_words(text: str) -> list[str]:
    """Return the words of a Welsh text without clitics: ``i’r`` becomes ``i``."""
    return [_CLITIC.sub("", word) for word in _WORD.findall(text)]


def is_in_dictionary(word: str) -> bool:
    return bool(load_dictionary().spell(word.replace("’", "'")))


def test_every_welsh_word_is_in_the_dictionary_or_on_the_list_of_allowed_words() -> None:
    wrong = {
        f"{word} ({name})"
        for name, _, unit in units()
        for word in split_words(unit.texts[Language.CY])
        if word not in read_allowed_words() and not is_in_dictionary(word)
    }
    assert not wrong


def test_every_allowed_word_is_used_in_the_booklet_and_missing_from_the_dictionary() -> None:
    used = {word for _, _, unit in units() for word in split_words(unit.texts[Language.CY])}
    assert not read_allowed_words() - used, "not used"
    assert not {word for word in read_allowed_words() if is_in_dictionary(word)}, "in the dictionary"


def test_a_misspelt_word_is_not_in_the_dictionary() -> None:
    words = split_words("Mae’r gweithiwr cymdeithsaol â’i thîm")
    assert words == ["Mae", "gweithiwr", "cymdeithsaol", "â", "thîm"]
    assert [word for word in words if not is_in_dictionary(word)] == ["cymdeithsaol"]
