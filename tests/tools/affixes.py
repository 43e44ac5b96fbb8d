"""Mutated forms of words from the vendored Welsh dictionary. Tests compare the service's mutations with these forms."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

DICTIONARY = Path(__file__).parents[1] / "vendor" / "dictionary-cy"
# The flags of the prefix rules in the dictionary: soft (M), nasal (T), aspirate (L), h before a vowel (H).
FLAGS = "MTLH"


@cache
def _read_rules() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """Return each prefix rule: its flag, the letters to remove, the letters to add, and a pattern of matching words."""
    rules = []
    for line in (DICTIONARY / "index.aff").read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "PFX" and parts[1] in FLAGS:
            _, flag, removed, added, condition = parts[:5]
            rules.append((flag, removed.replace("0", ""), added.replace("0", ""), re.compile(condition)))
    return rules


@cache
def read_entries() -> dict[str, str]:
    """Return the words of the dictionary with their flags."""
    lines = (DICTIONARY / "index.dic").read_text(encoding="utf-8").splitlines()[1:]
    entries: dict[str, str] = {}
    for line in lines:
        word, _, flags = line.split("\t")[0].partition("/")
        entries[word] = entries.get(word, "") + flags
    return entries


def mutated_forms(word: str) -> set[str]:
    """Return every mutated form of a word. A word that is not in the dictionary has no forms."""
    flags = read_entries().get(word, "")
    return {
        added + word[len(removed) :]
        for flag, removed, added, condition in _read_rules()
        if flag in flags and word.startswith(removed) and condition.match(word)
    }
