"""Every Welsh word of the booklet is in the dictionary, or on a short list that says why it need not be."""

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
# What Welsh writes together with the word before: the article, pronouns, "yn".
_CLITIC = re.compile(r"’(?:r|n|i|u|w|m|ch|th)$")


@cache
def dictionary() -> Hunspell:
    return Hunspell("index", hunspell_data_dir=str(DICTIONARY))


@cache
def allowed() -> frozenset[str]:
    """The words of the list; each has its reason after a #."""
    words = set()
    for line in ALLOWED.read_text(encoding="utf-8").splitlines():
        word, _, reason = line.partition("#")
        if line.startswith("#") or not line.strip():
            continue
        assert reason.strip(), f"{word.strip()} has no reason"
        assert word.strip() not in words, f"{word.strip()} stands twice"
        words.add(word.strip())
    return frozenset(words)


def words_of(text: str) -> list[str]:
    """The words of a Welsh text, each without its clitic: ``i’r`` is ``i``."""
    return [_CLITIC.sub("", word) for word in _WORD.findall(text)]


def is_known(word: str) -> bool:
    return bool(dictionary().spell(word.replace("’", "'")))


def test_every_welsh_word_is_spelt_right_or_allowed_for_a_reason() -> None:
    wrong = {
        f"{word} ({name})"
        for name, _, unit in units()
        for word in words_of(unit.texts[Language.CY])
        if word not in allowed() and not is_known(word)
    }
    assert not wrong


def test_an_allowed_word_that_is_no_longer_used_or_needed_leaves_the_list() -> None:
    used = {word for _, _, unit in units() for word in words_of(unit.texts[Language.CY])}
    assert not allowed() - used, "no text has them"
    assert not {word for word in allowed() if is_known(word)}, "the dictionary knows them"


def test_a_misspelling_is_found() -> None:
    words = words_of("Mae’r gweithiwr cymdeithsaol â’i thîm")
    assert words == ["Mae", "gweithiwr", "cymdeithsaol", "â", "thîm"]
    assert [word for word in words if not is_known(word)] == ["cymdeithsaol"]
