"""What a query means in the words of the index: for each thing wanted, the words that answer to it, and how nearly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from api.domain.language import Language
from api.domain.search_query import QueryItem
from api.domain.word import Chunk, list_chunks
from api.models import SearchKey, SearchState, SearchWord
from api.services.search.word_keys import Nearness, Tier, keys_of

# A word answers to no more than so many of the index, the nearest: what a query costs has a bound.
MAX_WORD_MATCHES = 200
# Nor to more of them than stand in so many texts together, whatever there is: a form that nearly all texts have is left
# out of a search for one that few have. The word that was typed is always looked for.
MAX_MATCHED_TEXTS = 20_000
# A word that stands in over a tenth of the texts says nothing of any of them; where there are few texts, a tenth of
# them is hardly any.
_COMMON_SHARE = 10
_COMMON_MINIMUM = 5


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word of the index that answers to a word of the query, and how nearly.

    ``is_same``: it is the same word, mutated or not. ``is_common``: it finds, and does not rank.
    """

    number: int
    word: str
    tier: Tier
    is_same: bool
    is_common: bool

    @property
    def distance(self) -> tuple[Tier, bool]:
        """How far it is from the word asked for, the nearest first."""
        return self.tier, not self.is_same


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing wanted, in one language: any of these words, or this phrase (words by number, in order)."""

    words: tuple[WordMatch, ...] = ()
    phrase: tuple[WordMatch, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.phrase


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A query in one language: a text fits that fits all of ``wanted`` and none of ``unwanted``."""

    language: Language
    required: tuple[Clause, ...]
    excluded: tuple[Clause, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Can any text fit? None can where something wanted stands in no text at all."""
        return not any(clause.is_empty for clause in self.required)


@dataclass(slots=True)
class _QueryKeys:
    """A query's words in one language, before the index was asked about them."""

    language: Language
    words: dict[str, Mapping[str, Nearness]] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)


def make_plans(session: Session, items: Sequence[QueryItem], languages: Iterable[Language]) -> list[SearchPlan]:
    """What these items mean in each of these languages."""
    limits = {row.language: max(_COMMON_MINIMUM, row.texts // _COMMON_SHARE) for row in session.scalars(select(SearchState))}
    asked = [_collect_keys(items, language) for language in languages]
    met = _read_key_rows(session, asked)
    return [_make_plan(items, each, met, limits.get(each.language.value, 0)) for each in asked]


def _collect_keys(items: Sequence[QueryItem], language: Language) -> _QueryKeys:
    asked = _QueryKeys(language)
    for item in items:
        for chunk in list_chunks(item.text, language):
            asked.exact |= {part.form for part in chunk.parts}
            if not item.is_phrase:
                word = _main_word(chunk)
                asked.words[word] = keys_of(word, language)
    return asked


def _main_word(chunk: Chunk) -> str:
    # A clitic that was typed with its word stands in so many texts that it would find nothing out.
    return chunk.whole.form if chunk.whole else chunk.parts[0].form


_KeyRows = Mapping[tuple[str, str], Sequence[Any]]


def _read_key_rows(session: Session, asked: Sequence[_QueryKeys]) -> _KeyRows:
    """The words of the index behind each key, by language and key."""
    wanted = [
        and_(SearchKey.language == each.language.value, SearchKey.key.in_(sorted(keys)))
        for each in asked
        if (keys := each.exact.union(*each.words.values()))
    ]
    query = (
        select(
            SearchKey.language,
            SearchKey.key,
            SearchKey.tier,
            SearchKey.is_same,
            SearchWord.id,
            SearchWord.word,
            SearchWord.texts,
        )
        .join(SearchWord, SearchWord.id == SearchKey.word_id)
        .where(or_(*wanted))
    )
    found: dict[tuple[str, str], list[Any]] = {}
    for row in session.execute(query):
        found.setdefault((row.language, row.key), []).append(row)
    return found


def _make_plan(items: Sequence[QueryItem], asked: _QueryKeys, met: _KeyRows, limit: int) -> SearchPlan:
    sides: dict[bool, list[Clause]] = {False: [], True: []}
    for item in items:
        chunks = list(list_chunks(item.text, asked.language))
        if item.is_phrase:
            clause = Clause(phrase=_match_phrase(chunks, asked.language, met, limit))
        else:
            words = _match_words(asked.words[_main_word(chunks[0])], asked.language, met, limit)
            # What is written with a hyphen here may be two words there.
            is_compound = chunks[0].whole is not None
            clause = Clause(words, _match_phrase(chunks, asked.language, met, limit) if is_compound else ())
        sides[item.is_excluded].append(clause)
    unwanted = tuple(clause for clause in sides[True] if not clause.is_empty)
    return SearchPlan(asked.language, tuple(sides[False]), unwanted)


def _match_words(keys: Mapping[str, Nearness], language: Language, met: _KeyRows, limit: int) -> tuple[WordMatch, ...]:
    nearest: dict[int, tuple[Tier, bool, Any]] = {}
    for key, mine in keys.items():
        for row in met.get((language.value, key), ()):
            tier = max(mine.tier, Tier(row.tier))
            # Two guesses that meet are less than a guess that meets a word: “nha” may be “ta”, and so may “da”.
            is_guess = mine.tier is Tier.UNMUTATED and row.tier == Tier.UNMUTATED
            is_same = mine.is_same and row.is_same and not is_guess
            if row.id in nearest:
                tier, is_same = min(tier, nearest[row.id][0]), is_same or nearest[row.id][1]
            nearest[row.id] = (tier, is_same, row)
    return tuple(
        WordMatch(row.id, row.word, tier, is_same, row.texts > limit)
        for tier, is_same, row in _select_nearest(nearest.values())
    )


def _select_nearest(found: Iterable[tuple[Tier, bool, Any]]) -> Iterator[tuple[Tier, bool, Any]]:
    """The nearest, of those equally near the rarest first, as far as their number and that of their texts goes."""
    # By the word itself and not by its number, which is another on another engine.
    order = sorted(found, key=lambda each: (each[0], not each[1], each[2].texts, each[2].word))
    texts = 0
    for tier, is_same, row in order[:MAX_WORD_MATCHES]:
        if tier is not Tier.EXACT and texts + row.texts > MAX_MATCHED_TEXTS:
            continue
        texts += row.texts
        yield tier, is_same, row


def _match_phrase(chunks: Sequence[Chunk], language: Language, met: _KeyRows, limit: int) -> tuple[WordMatch, ...]:
    """The words of a phrase, as they are written; empty where one of them stands nowhere."""
    found = []
    for part in (part for chunk in chunks for part in chunk.parts):
        row = next((r for r in met.get((language.value, part.form), ()) if r.word == part.form), None)
        if row is None:
            return ()
        found.append(WordMatch(row.id, row.word, Tier.EXACT, True, row.texts > limit))
    return tuple(found)
