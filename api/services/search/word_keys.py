"""Keys of words: a word of a text matches a word of a query if they have a key in common."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from importlib.metadata import version
from threading import Lock
from typing import Any, NamedTuple

from api.domain.language import Language
from api.domain.lemma import LEMMAS
from api.domain.mutation import first_letter, unmutate
from api.domain.search_query import MIN_PREFIX_LETTERS
from api.domain.welsh import fold_accents
from api.domain.word import CLITICS

# Increase this number when the rules for the words of a text, or for the keys of a word, change.
LINGUISTICS_VERSION = 3


class Tier(IntEnum):
    """How near a word of a text is to the word of a query. The nearest tier comes first."""

    EXACT = 0
    LEMMA = 1
    UNMUTATED = 2
    FOLDED = 3


_lock = Lock()


@cache
def linguistics_version() -> str:
    """Return the version of the word rules. An index made with another version must be rebuilt."""
    return f"{LINGUISTICS_VERSION}, simplemma {version('simplemma')}, snowballstemmer {version('snowballstemmer')}"


class Nearness(NamedTuple):
    """How near a key is to its word. ``is_same`` is true if both are the same word, ignoring mutation."""

    tier: Tier
    is_same: bool


def keys_of(word: str, language: Language) -> dict[str, Nearness]:
    """Return the keys of a word, each with its nearness to the word.

    If two words share a key, their nearness is that of the word farther from the key.
    """
    keys = {word: Nearness(Tier.EXACT, True)}
    more = _welsh_keys(word) if language is Language.CY else _english_keys(word)
    for key, nearness in more:
        keys.setdefault(key, nearness)
    for key, nearness in list(keys.items()):
        keys.setdefault(_fold(key), Nearness(Tier.FOLDED, nearness.is_same))
    return keys


def prefixes_of(word: str, language: Language) -> dict[str, Nearness]:
    """Return the forms of a prefix, each with its nearness: ``deul`` itself, and ``teul`` without mutation.

    A word of a text matches the prefix if one of its keys begins with one of these forms.
    """
    prefixes = {word: Nearness(Tier.LEMMA, True)}
    if language is Language.CY:
        for radical in unmutate(word):
            prefixes.setdefault(radical, Nearness(Tier.UNMUTATED, True))
    for prefix in list(prefixes):
        prefixes.setdefault(_fold(prefix), Nearness(Tier.FOLDED, True))
    return {prefix: nearness for prefix, nearness in prefixes.items() if len(prefix) >= MIN_PREFIX_LETTERS}


def _welsh_keys(word: str) -> list[tuple[str, Nearness]]:
    if word.startswith("'"):
        full = CLITICS[Language.CY][word[1:]]
        return [(full, Nearness(Tier.LEMMA, True)), (lemma_of(full), Nearness(Tier.LEMMA, False))]
    radicals = unmutate(word)
    lemma = lemma_of(word)
    keys = [(lemma, Nearness(Tier.LEMMA, lemma in radicals))]
    for radical in radicals:
        # If the lemma begins like the radical, the word is certainly a mutated form of the radical. For example, the
        # lemma “cael” shows that “nghefais” is a mutated form of “cefais”.
        is_certain = first_letter(lemma) == first_letter(radical) != first_letter(word)
        keys.append((radical, Nearness(Tier.LEMMA if is_certain else Tier.UNMUTATED, True)))
    unmutated = filter(_keeps_first_letter, radicals)
    return keys + [(lemma_of(radical), Nearness(Tier.UNMUTATED, False)) for radical in unmutated]


def _keeps_first_letter(radical: str) -> bool:
    """Return False if ``radical`` may itself be a mutated form of its lemma.

    A word is mutated only once: if “i” comes from “gi”, this “gi” is not a mutated form of “ci”.
    """
    return first_letter(lemma_of(radical)) not in {first_letter(word) for word in unmutate(radical)}


def _english_keys(word: str) -> list[tuple[str, Nearness]]:
    if word.startswith("'"):
        return []
    return [(_stem(word), Nearness(Tier.LEMMA, False)), (_stem(_fold(word)), Nearness(Tier.FOLDED, False))]


def _fold(key: str) -> str:
    """Return a key without accents, apostrophes and hyphens."""
    return fold_accents(key).replace("'", "").replace("-", "") or key


def lemma_of(word: str) -> str:
    """Return the lemma of a Welsh word: ``cartref`` for ``cartrefi``. For an unknown word, return the word itself."""
    if word in LEMMAS:
        return LEMMAS[word]
    result: str = _lemmatizer().lemmatize(word, lang="cy")
    lemma = result.casefold()
    return LEMMAS.get(lemma, lemma)


def _stem(word: str) -> str:
    with _lock:  # a stemmer is not thread-safe
        stem: str = _stemmer().stemWord(word)
    return stem


@cache
def _lemmatizer() -> Any:
    # Loading the lemmatiser takes half a second and 56 MB, so it is loaded only for searching or indexing.
    from simplemma import Lemmatizer  # noqa: PLC0415

    with _lock:
        lemmatizer = Lemmatizer(cache_max_size=4_096)
        lemmatizer.lemmatize("gair", lang="cy")
    return lemmatizer


@cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer  # noqa: PLC0415  # loaded when first needed

    return stemmer("english")
