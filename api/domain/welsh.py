"""The Welsh alphabet, and keys for sorting titles in Welsh and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from api.domain.folding import APOSTROPHES

# The alphabet of *Geiriadur Prifysgol Cymru*, in which eight digraphs are letters.
ALPHABET = tuple(
    "a b c ch d dd e f ff g ng h i j k l ll m n o p ph q r rh s t th u v w x y z".split()  # noqa: SIM905  # readable
)
_WEIGHT = {letter: number for number, letter in enumerate(ALPHABET, start=1)}
_DIGRAPHS = frozenset(letter for letter in ALPHABET if len(letter) == 2)

# The beginnings of words in which “ng” is two letters, n and g: compounds, names, and loan words. Forms with a mutated
# or dropped first letter are listed as well.
N_PLUS_G = (
    "arddang",  # arddangos, arddangosfa
    "bangor",
    "fangor",
    "mangor",
    "bingo",
    "brenhingod",
    "cronglwyd",
    "dangos",
    "ddangos",
    "nangos",
    "danghos",
    "gwyngalch",
    "wyngalch",
    "hunanga",  # hunangar, hunanganolog
    "hunange",
    "hunango",  # hunangofiant
    "hunangy",  # hunangynhaliol
    "hwngar",
    "llangadog",
    "llangathen",
    "llangefni",
    "llangeitho",
    "llangennech",
    "llangernyw",
    "llangoed",
    "llangollen",
    "llangrannog",
    "llangurig",
    "llangwm",
    "llangybi",
    "llangyfelach",
    "llangynidr",
    "llangynog",
    "langefni",
    "langollen",
    "mangre",
    "fangre",
    "mwngrel",
    "pengam",
    "penglin",
    "phenglin",
    "benglin",
    "penglog",
    "benglog",
    "phenglog",
    "pengwern",
    "pengwin",
    "bengwin",
    "phengwin",
    "tango",
    "trengholi",
    "uniongred",
    "uniongyrch",
    "ungell",
    "ungorn",
)
_WORD = re.compile(r"[a-z]+|[0-9]+")


def fold_accents(text: str) -> str:
    """Return ``text`` in lower case without accents: ``ty`` for ``Tŷ``."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def split_letters(word: str) -> list[str]:
    """Return the letters of a lower-case word without accents: three for ``llong``, six for ``bangor``."""
    split_at = _n_plus_g_at(word)
    letters: list[str] = []
    position = 0
    while position < len(word):
        pair = word[position : position + 2]
        length = 2 if pair in _DIGRAPHS and position != split_at else 1
        letters.append(word[position : position + length])
        position += length
    return letters


def _n_plus_g_at(word: str) -> int:
    return word.index("ng") if "ng" in word and word.startswith(N_PLUS_G) else -1


def welsh_sort_key(text: str) -> bytes:
    """Return a sort key for ``text`` in the order of a Welsh dictionary: by words, then letters, then accents."""
    return _sort_key(text, _welsh_weights)


def english_sort_key(text: str) -> bytes:
    """Return a sort key for ``text`` in the order of an English dictionary: by words, then letters, then accents."""
    return _sort_key(text, _english_weights)


# Cached, because the titles of a large release repeat many words.
@lru_cache(4_096)
def _welsh_weights(word: str) -> bytes:
    return bytes(_WEIGHT.get(letter, 0) + _FIRST_WEIGHT for letter in split_letters(word))


@lru_cache(4_096)
def _english_weights(word: str) -> bytes:
    return bytes(ord(letter) - ord("a") + 1 + _FIRST_WEIGHT for letter in word)


# Letters become bytes from 64 upwards. Two lower bytes sort before all letters: 1 ends a word, and 2 starts a number.
_FIRST_WEIGHT = 64
# Apostrophes are ignored: “gyda’ch” is sorted like “gydach”.
_BINDING = dict.fromkeys(map(ord, APOSTROPHES))


def _sort_key(text: str, weights_of: Callable[[str], bytes]) -> bytes:
    bare = fold_accents(text).translate(_BINDING)
    key = bytearray()
    for word in _WORD.findall(bare):
        key += b"\2" + word.encode() if word.isdigit() else weights_of(word)
        key.append(1)
    return bytes(key) + b"\0" + text.casefold().encode()
