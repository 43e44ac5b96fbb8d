"""The mutated forms that the vendored Welsh dictionary gives its words: an independent witness of the mutations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

DICTIONARY = Path(__file__).parents[1] / "vendor" / "dictionary-cy"
# Its prefixes: soft (M), nasal (T), aspirate (L), h before a vowel (H).
FLAGS = "MTLH"


@cache
def _rules() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """Each rule of the affix table: its flag, what it takes off, what it puts on, and where it applies."""
    found = []
    for line in (DICTIONARY / "index.aff").read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "PFX" and parts[1] in FLAGS:
            _, flag, off, on, where = parts[:5]
            found.append((flag, off.replace("0", ""), on.replace("0", ""), re.compile(where)))
    return found


@cache
def entries() -> dict[str, str]:
    """The words of the dictionary, each with its flags."""
    lines = (DICTIONARY / "index.dic").read_text(encoding="utf-8").splitlines()[1:]
    found: dict[str, str] = {}
    for line in lines:
        word, _, flags = line.split("\t")[0].partition("/")
        found[word] = found.get(word, "") + flags
    return found


def mutated_forms(word: str) -> set[str]:
    """Every mutated form that the dictionary gives this word; none where it does not know it as a word of its own."""
    flags = entries().get(word, "")
    return {
        on + word[len(off) :]
        for flag, off, on, where in _rules()
        if flag in flags and word.startswith(off) and where.match(word)
    }
