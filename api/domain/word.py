"""The words of a text, as search counts them: where each stands, what it is made of, and one spelling for all its type.

A word is lower-case and NFC, its apostrophe always ``'`` and its hyphen always ``-``. What Welsh writes together with
the word before (``i’r``, ``â’i``) is a word of its own, a clitic. A compound (``cyd-hwyluso``) is one word, and
its parts are words too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from api.domain.language import Language

# A word is known by so many letters: nobody tells longer ones apart by their ends, and an index holds no longer keys.
MAX_LETTERS = 60

# What stands for which word when it leans on the one before. English writes none of its own that a text is found by.
CLITICS: Mapping[Language, Mapping[str, str]] = {
    Language.CY: {
        "r": "yr",  # i’r ysgol
        "n": "yn",  # mae’n
        "i": "ei",  # o’i
        "u": "eu",  # a’u
        "w": "ei",  # i’w
        "m": "fy",  # a’m
        "th": "dy",  # a’th
        "ch": "eich",  # a’ch
    },
    Language.EN: {"s": "is", "t": "not", "re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"},
}
_APOSTROPHES = "'’‘ʼ"
_HYPHENS = "\\-‐‑"
_CHUNK = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}{_HYPHENS}][^\W_]+)*")
_PIECE = re.compile(rf"([{_APOSTROPHES}{_HYPHENS}]?)([^\W_]+)")
_SPELLING = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-"})


@dataclass(frozen=True, slots=True)
class Part:
    """A word without a hyphen in it, and where it stands: ``text[start:end]``."""

    form: str
    start: int
    end: int
    is_clitic: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is written together: its parts in order, and, of a compound, the whole without its clitics."""

    parts: tuple[Part, ...]
    whole: Part | None = None


def normalise_spelling(word: str) -> str:
    """A word in the one spelling that words are compared in."""
    return unicodedata.normalize("NFC", word.casefold().translate(_SPELLING))[:MAX_LETTERS]


def find_written_words(text: str) -> list[str]:
    """What is written together in ``text``, in order and as it is written."""
    return _CHUNK.findall(unicodedata.normalize("NFC", text))


# As many as are written in a booklet or two, in both languages.
@lru_cache(maxsize=16_384)
def split_word(written: str, language: Language) -> Chunk:
    """What one such piece of text is made of, its places counted from its own beginning."""
    if written.isalnum():
        return Chunk((Part(normalise_spelling(written), 0, len(written)),))
    return _split_chunk(written, 0, CLITICS[language])


def list_chunks(text: str, language: Language) -> Iterator[Chunk]:
    """What is written together in ``text``, in order. ``text`` is NFC, or the places are those of its NFC."""
    clitics = CLITICS[language]
    for found in _CHUNK.finditer(unicodedata.normalize("NFC", text)):
        written, start = found.group(), found.start()
        if written.isalnum():
            yield Chunk((Part(normalise_spelling(written), start, found.end()),))
        else:
            yield _split_chunk(written, start, clitics)


def _split_chunk(written: str, start: int, clitics: Mapping[str, str]) -> Chunk:
    pieces = list(_PIECE.finditer(written))
    last = pieces[-1]
    is_clitic = last.group(1) not in {"", "-", "‐", "‑"} and normalise_spelling(last.group(2)) in clitics
    plain = pieces[:-1] if is_clitic else pieces
    parts = [Part(normalise_spelling(piece.group(2)), start + piece.start(2), start + piece.end(2)) for piece in plain]
    whole = None
    if len(plain) > 1:
        whole = Part(normalise_spelling(written[: plain[-1].end()]), start, start + plain[-1].end())
    if is_clitic:
        parts.append(
            Part("'" + normalise_spelling(last.group(2)), start + last.start(), start + last.end(), is_clitic=True)
        )
    return Chunk(tuple(parts), whole)
