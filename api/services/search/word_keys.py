"""What a word can be found by: one table of keys for the words of texts and the words of queries alike."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from importlib.metadata import version
from threading import Lock
from typing import Any, NamedTuple

from api.domain.language import Language
from api.domain.lemma import LEMMAS
from api.domain.mutation import first_letter, unmutate
from api.domain.welsh import fold_accents
from api.domain.word import CLITICS

# Raised when the words of a text, or the keys of a word, come out differently than before.
LINGUISTICS_VERSION = 2


class Tier(IntEnum):
    """How near a word of a text is to the word of a query, the nearest first."""

    EXACT = 0
    LEMMA = 1
    UNMUTATED = 2
    FOLDED = 3


_lock = Lock()


@cache
def linguistics_version() -> str:
    """What an index was made by: it is made anew where this differs."""
    return f"{LINGUISTICS_VERSION}, simplemma {version('simplemma')}, snowballstemmer {version('snowballstemmer')}"


class Nearness(NamedTuple):
    """How near a key is to its word. ``is_same``: the key is the word itself, mutated or not, and not another form."""

    tier: Tier
    is_same: bool


def keys_of(word: str, language: Language) -> dict[str, Nearness]:
    """The keys of a word, each with how near it is. Two words meet in a key, as near as the farther of the two."""
    keys = {word: Nearness(Tier.EXACT, True)}
    found = _welsh_keys(word) if language is Language.CY else _english_keys(word)
    for key, nearness in found:
        keys.setdefault(key, nearness)
    for key, nearness in list(keys.items()):
        keys.setdefault(_fold(key), Nearness(Tier.FOLDED, nearness.is_same))
    return keys


def _welsh_keys(word: str) -> list[tuple[str, Nearness]]:
    if word.startswith("'"):
        full = CLITICS[Language.CY][word[1:]]
        return [(full, Nearness(Tier.LEMMA, True)), (lemma_of(full), Nearness(Tier.LEMMA, False))]
    radicals = unmutate(word)
    lemma = lemma_of(word)
    keys = [(lemma, Nearness(Tier.LEMMA, lemma in radicals))]
    for radical in radicals:
        # Of “nghefais” the lemma is “cael”: who knows that has seen through the mutation, and “cefais” is no guess.
        is_known = first_letter(lemma) == first_letter(radical) != first_letter(word)
        keys.append((radical, Nearness(Tier.LEMMA if is_known else Tier.UNMUTATED, True)))
    return keys + [(lemma_of(radical), Nearness(Tier.UNMUTATED, False)) for radical in radicals if _keeps_first_letter(radical)]


def _keeps_first_letter(radical: str) -> bool:
    """Does its lemma begin as it does? Else it was mutated twice: “i” may be “gi”, and is no “ci” for that."""
    return first_letter(lemma_of(radical)) not in {first_letter(word) for word in unmutate(radical)}


def _english_keys(word: str) -> list[tuple[str, Nearness]]:
    if word.startswith("'"):
        return []
    return [(_stem(word), Nearness(Tier.LEMMA, False)), (_stem(_fold(word)), Nearness(Tier.FOLDED, False))]


def _fold(key: str) -> str:
    """A key as somebody types it in a hurry: without accents, apostrophes and hyphens."""
    return fold_accents(key).replace("'", "").replace("-", "") or key


def lemma_of(word: str) -> str:
    """The word that a dictionary has this Welsh word under, if it is known: of ``cartrefi`` that is ``cartref``."""
    if word in LEMMAS:
        return LEMMAS[word]
    found: str = _lemmatizer().lemmatize(word, lang="cy")
    lemma = found.casefold()
    return LEMMAS.get(lemma, lemma)


def _stem(word: str) -> str:
    with _lock:  # a stemmer holds the word that it is working on
        stem: str = _stemmer().stemWord(word)
    return stem


@cache
def _lemmatizer() -> Any:
    # Half a second and 56 MB: only who searches, or changes the index, pays for it.
    from simplemma import Lemmatizer  # noqa: PLC0415

    with _lock:
        lemmatizer = Lemmatizer(cache_max_size=4_096)
        lemmatizer.lemmatize("gair", lang="cy")
    return lemmatizer


@cache
def _stemmer() -> Any:
    from snowballstemmer import stemmer  # noqa: PLC0415  # likewise

    return stemmer("english")
