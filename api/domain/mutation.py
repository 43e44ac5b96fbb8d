"""The mutations of Welsh: the first letter of a word changes after certain words.

``mutate`` returns the mutated forms of a word. ``unmutate`` returns the words that a form may come from. For every form
that ``mutate`` returns, the result of ``unmutate`` includes the original word. Words are in lower case and NFC.
"""

from __future__ import annotations

from enum import StrEnum

from api.domain.welsh import fold_accents


class Mutation(StrEnum):
    """A change of the first letter."""

    SOFT = "soft"  # treiglad meddal: cartref, ei gartref
    NASAL = "nasal"  # treiglad trwynol: fy nghartref
    ASPIRATE = "aspirate"  # treiglad llaes: ei chartref
    H = "h"  # h before a vowel: ysgol, ei hysgol


# The table has the form used in grammars: “·” means that the letter does not change, “–” that it is dropped.
MUTATION_TABLE = """
radical  soft  nasal  aspirate
p        b     mh     ph
t        d     nh     th
c        g     ngh    ch
b        f     m      ·
d        dd    n      ·
g        –     ng     ·
m        f     ·      ·
ll       l     ·      ·
rh       r     ·      ·
ts       j     ·      ·
"""

_VOWELS = frozenset("aeiouwy")
# The letters that may begin a word whose g was dropped.
_AFTER_G = _VOWELS | {"l", "n", "r"}
# Letters of more than one character, including mutated letters; the longest first.
_LONG = ("ngh", "ch", "dd", "ff", "ll", "mh", "ng", "nh", "ph", "rh", "th", "ts")


def _parse_table() -> dict[str, dict[Mutation, str]]:
    head, *rows = (line.split() for line in MUTATION_TABLE.strip().splitlines())
    return {
        row[0]: {
            Mutation(name): cell.replace("–", "") for name, cell in zip(head[1:], row[1:], strict=True) if cell != "·"
        }
        for row in rows
    }


_RADICALS = _parse_table()
# For each mutated letter, the unmutated letters that it may come from.
_BACK: dict[str, list[str]] = {}
for _radical, _changes in _RADICALS.items():
    for _letter in _changes.values():
        _BACK.setdefault(_letter, []).append(_radical)


def first_letter(word: str) -> str:
    """Return the first letter of a word: ``ll`` for ``llong``, ``ngh`` for ``nghartref``, "" for an empty word."""
    return next((letter for letter in _LONG if word.startswith(letter)), word[:1])


def mutate(word: str) -> dict[Mutation, str]:
    """Return the mutated forms of a word: ``gath``, ``nghath`` and ``chath`` for ``cath``."""
    letter = first_letter(word)
    rest = word[len(letter) :]
    forms = {Mutation.H: f"h{word}"} if _is_vowel(letter) else {}
    if not rest:
        return forms  # a single letter is a name, which does not mutate
    for mutation, changed in _RADICALS.get(letter, {}).items():
        form = changed + rest
        is_whole = fold_accents(first_letter(rest)) in _AFTER_G if changed == "" else first_letter(form) == changed
        if is_whole:
            forms[mutation] = form
    return forms


def unmutate(form: str) -> tuple[str, ...]:
    """Return the other words of which ``form`` may be a mutated form, such as ``cath`` for ``gath``."""
    letter = first_letter(form)
    words = [radical + form[len(letter) :] for radical in _BACK.get(letter, ())]
    if fold_accents(letter) in _AFTER_G:
        words.append(f"g{form}")
    if letter == "h" and _is_vowel(form[1:2]):
        words.append(form[1:])
    return tuple(word for word in words if form in mutate(word).values())


def _is_vowel(letter: str) -> bool:
    return fold_accents(letter) in _VOWELS
