"""The words of a text for search: chunks between spaces, split into parts.

A normalised word is in lower case and NFC, with ``'`` for apostrophes and ``-`` for hyphens. Short words that are
attached to the previous word (``i’r``, ``â’i``) are clitics, and count as separate words. A compound (``cyd-hwyluso``)
is a word, and so are its parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from api.domain.emoji import EMOJI_SUFFIXES
from api.domain.folding import APOSTROPHES, HYPHENS, LETTER_APOSTROPHES
from api.domain.language import Language

# Longer words are cut to this length, so that keys in the index are short.
MAX_LETTERS = 60

# The full words of clitics. English clitics are split off but not indexed under the full word.
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
# Letters and digits, but no apostrophe that Unicode counts as a letter, and no digit or letter of an emoji.
_LETTERS = rf"[^\W_{APOSTROPHES}]+(?![{EMOJI_SUFFIXES}])"
_JOINERS = re.escape(APOSTROPHES + HYPHENS)
_CHUNK = re.compile(rf"{_LETTERS}(?:[{_JOINERS}]{_LETTERS})*")
_PIECE = re.compile(rf"([{_JOINERS}]?)({_LETTERS})")
_SPELLING = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(HYPHENS, "-"))


@dataclass(frozen=True, slots=True)
class Part:
    """A word without hyphens, at ``text[start:end]``; ``form`` is its normalised spelling."""

    form: str
    start: int
    end: int
    is_clitic: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of letters, apostrophes and hyphens, split into parts.

    If the chunk is a compound, ``whole`` is the compound without its clitic.
    """

    parts: tuple[Part, ...]
    whole: Part | None = None


def normalise_spelling(word: str) -> str:
    """Return a word in the normalised spelling, which is used for comparing words."""
    return unicodedata.normalize("NFC", word.casefold().translate(_SPELLING))[:MAX_LETTERS]


def find_written_words(text: str) -> list[str]:
    """Return the chunks of ``text`` in order, as they are written."""
    return _CHUNK.findall(unicodedata.normalize("NFC", text))


# The cache is large enough for the words of one or two booklets in both languages.
@lru_cache(maxsize=16_384)
def split_word(spelling: str, language: Language) -> Chunk:
    """Return one chunk with its parts. Positions of parts count from the beginning of the chunk."""
    if _is_plain(spelling):
        return Chunk((Part(normalise_spelling(spelling), 0, len(spelling)),))
    return _split_chunk(spelling, 0, CLITICS[language])


def list_chunks(text: str, language: Language) -> Iterator[Chunk]:
    """Yield the chunks of ``text`` in order; positions refer to the text in NFC."""
    clitics = CLITICS[language]
    for match in _CHUNK.finditer(unicodedata.normalize("NFC", text)):
        spelling, start = match.group(), match.start()
        if _is_plain(spelling):
            yield Chunk((Part(normalise_spelling(spelling), start, match.end()),))
        else:
            yield _split_chunk(spelling, start, clitics)


def _is_plain(spelling: str) -> bool:
    """Return whether a chunk is a single word, without apostrophes and hyphens."""
    return spelling.isalnum() and (spelling.isascii() or LETTER_APOSTROPHES.isdisjoint(spelling))


def _split_chunk(spelling: str, start: int, clitics: Mapping[str, str]) -> Chunk:
    pieces = list(_PIECE.finditer(spelling))
    last = pieces[-1]
    is_clitic = last.group(1) not in {"", *HYPHENS} and normalise_spelling(last.group(2)) in clitics
    plain = pieces[:-1] if is_clitic else pieces
    parts = [Part(normalise_spelling(piece.group(2)), start + piece.start(2), start + piece.end(2)) for piece in plain]
    whole = None
    if len(plain) > 1:
        whole = Part(normalise_spelling(spelling[: plain[-1].end()]), start, start + plain[-1].end())
    if is_clitic:
        parts.append(
            Part("'" + normalise_spelling(last.group(2)), start + last.start(), start + last.end(), is_clitic=True)
        )
    return Chunk(tuple(parts), whole)
