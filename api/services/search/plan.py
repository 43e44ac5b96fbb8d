"""Search plans: the words of the index that match each item of a query, and how near each word is to the query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from api.domain.language import Language
from api.domain.search_query import QueryItem
from api.domain.word import Chunk, list_chunks
from api.models import SearchKey, SearchState, SearchWord
from api.services.search.prefix import WordCandidate, expand_prefix
from api.services.search.word_keys import Nearness, Tier, keys_of, prefixes_of

# The maximum number of index words that one query word matches, to limit the cost of a query. The nearest words are
# used.
MAX_WORD_MATCHES = 200
# The maximum number of texts that one query word matches, added up over the index words that match. Without this limit,
# a search for a rare word would also match another form of the word that is in nearly all texts. The word itself always
# matches.
MAX_MATCHED_TEXTS = 20_000
# A word is common if it is in more than a tenth of the texts, and in more than five texts. Common words add no score.
_COMMON_SHARE = 10
_COMMON_MINIMUM = 5


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word of the index that matches a word of the query.

    ``is_same`` is true if both are the same word, ignoring mutation. ``is_common`` is true if the word of the index
    occurs in so many texts that it adds nothing to their score.
    """

    word_id: int
    word: str
    tier: Tier
    is_same: bool
    is_common: bool

    @property
    def distance(self) -> tuple[Tier, bool]:
        """Return a key that sorts words by nearness to the word of the query, the nearest first."""
        return self.tier, not self.is_same


@dataclass(frozen=True, slots=True)
class Clause:
    """An item of a query in one language. Texts match if they contain one of ``words``, or ``phrase`` in sequence."""

    words: tuple[WordMatch, ...] = ()
    phrase: tuple[WordMatch, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether no word of the index matches the item."""
        return not self.words and not self.phrase


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A query in one language. A text must match all ``required`` clauses and no ``excluded`` clause."""

    language: Language
    required: tuple[Clause, ...]
    excluded: tuple[Clause, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Return whether every required clause matches a word of the index. Otherwise, no text can match."""
        return not any(clause.is_empty for clause in self.required)


@dataclass(slots=True)
class _QueryKeys:
    """The keys to look up for a query in one language.

    ``words`` and ``prefixes`` have the keys of each word and prefix. ``exact`` has the words of phrases, unchanged.
    """

    language: Language
    words: dict[str, Mapping[str, Nearness]] = field(default_factory=dict)
    prefixes: dict[str, Mapping[str, Nearness]] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)


def make_plans(session: Session, items: Sequence[QueryItem], languages: Iterable[Language]) -> list[SearchPlan]:
    """Return the plan for these items in each of these languages."""
    states = session.scalars(select(SearchState))
    limits = {state.language: max(_COMMON_MINIMUM, state.texts // _COMMON_SHARE) for state in states}
    keys_by_language = [_collect_keys(items, language) for language in languages]
    key_rows = _read_key_rows(session, keys_by_language)
    return [
        _make_plan(items, keys, key_rows, _expand_prefixes(session, keys), limits.get(keys.language.value, 0))
        for keys in keys_by_language
    ]


def _expand_prefixes(session: Session, query_keys: _QueryKeys) -> Mapping[str, Sequence[WordCandidate]]:
    """Return the words of the index that begin with each prefix of a query."""
    return {
        word: expand_prefix(session, prefixes, query_keys.language, MAX_WORD_MATCHES)
        for word, prefixes in query_keys.prefixes.items()
    }


def _collect_keys(items: Sequence[QueryItem], language: Language) -> _QueryKeys:
    keys = _QueryKeys(language)
    for item in items:
        for chunk in list_chunks(item.text, language):
            keys.exact |= {part.form for part in chunk.parts}
            if not item.is_phrase:
                word = _main_word(chunk)
                keys.words[word] = keys_of(word, language)
                if item.is_prefix and not chunk.parts[-1].is_clitic:
                    keys.prefixes[word] = prefixes_of(word, language)
    return keys


def _main_word(chunk: Chunk) -> str:
    # Ignore the clitic: it occurs in nearly all texts.
    return chunk.whole.form if chunk.whole else chunk.parts[0].form


_KeyRows = Mapping[tuple[str, str], Sequence[Any]]


def _read_key_rows(session: Session, keys_by_language: Sequence[_QueryKeys]) -> _KeyRows:
    """Return the words of the index for each key, by language and key."""
    conditions = [
        and_(SearchKey.language == query_keys.language.value, SearchKey.key.in_(sorted(keys)))
        for query_keys in keys_by_language
        if (keys := query_keys.exact.union(*query_keys.words.values()))
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
        .where(or_(*conditions))
    )
    rows: dict[tuple[str, str], list[Any]] = {}
    for row in session.execute(query):
        rows.setdefault((row.language, row.key), []).append(row)
    return rows


def _make_plan(
    items: Sequence[QueryItem],
    query_keys: _QueryKeys,
    key_rows: _KeyRows,
    expanded: Mapping[str, Sequence[WordCandidate]],
    limit: int,
) -> SearchPlan:
    required: list[Clause] = []
    excluded: list[Clause] = []
    for item in items:
        chunks = list(list_chunks(item.text, query_keys.language))
        if item.is_phrase:
            clause = Clause(phrase=_match_phrase(chunks, query_keys.language, key_rows, limit))
        else:
            word = _main_word(chunks[0])
            candidates = _find_candidates(query_keys.words[word], query_keys.language, key_rows)
            words = _match_words(candidates, expanded.get(word, ()) if item.is_prefix else (), limit)
            # A compound with a hyphen may be written as two words in the text.
            is_compound = chunks[0].whole is not None
            clause = Clause(words, _match_phrase(chunks, query_keys.language, key_rows, limit) if is_compound else ())
        if not item.is_excluded:
            required.append(clause)
        elif not clause.is_empty:
            excluded.append(clause)
    return SearchPlan(query_keys.language, tuple(required), tuple(excluded))


def _find_candidates(keys: Mapping[str, Nearness], language: Language, key_rows: _KeyRows) -> Collection[WordCandidate]:
    nearest: dict[int, WordCandidate] = {}
    for key, nearness in keys.items():
        for row in key_rows.get((language.value, key), ()):
            tier = max(nearness.tier, Tier(row.tier))
            # Two words that may be forms of one radical are not necessarily the same word: “nha” and “da” may both be
            # forms of “ta”.
            is_guess = nearness.tier is Tier.UNMUTATED and row.tier == Tier.UNMUTATED
            is_same = nearness.is_same and row.is_same and not is_guess
            if row.id in nearest:
                tier, is_same = min(tier, nearest[row.id][0]), is_same or nearest[row.id][1]
            nearest[row.id] = WordCandidate(tier, is_same, row)
    return nearest.values()


def _match_words(
    candidates: Iterable[WordCandidate], expanded: Sequence[WordCandidate], limit: int
) -> tuple[WordMatch, ...]:
    """Return the matches of a word, the nearest first. For a prefix, ``expanded`` are the words that begin with it."""
    # Words that are equal in all other respects are sorted by spelling, not by id, because ids differ between engines.
    forms = sorted(candidates, key=lambda item: (item.tier, not item.is_same, item.row.texts, item.row.word))
    nearest = {item.row.id: item for item in forms}
    for item in expanded:
        form = nearest.get(item.row.id)
        if form is None or item.distance < form.distance:
            nearest[item.row.id] = item
    order = sorted(nearest.values(), key=lambda item: item.distance)
    return tuple(
        WordMatch(row.id, row.word, tier, is_same, row.texts > limit) for tier, is_same, row in _select_nearest(order)
    )


def _select_nearest(order: Sequence[WordCandidate]) -> Iterator[WordCandidate]:
    """Yield words, the nearest first, up to the limits on words and texts."""
    texts = 0
    for tier, is_same, row in order[:MAX_WORD_MATCHES]:
        if tier is not Tier.EXACT and texts + row.texts > MAX_MATCHED_TEXTS:
            continue
        texts += row.texts
        yield WordCandidate(tier, is_same, row)


def _match_phrase(chunks: Sequence[Chunk], language: Language, key_rows: _KeyRows, limit: int) -> tuple[WordMatch, ...]:
    """Return the words of a phrase exactly as written, or an empty tuple if any of them is not in the index."""
    matches = []
    for part in (part for chunk in chunks for part in chunk.parts):
        row = next((r for r in key_rows.get((language.value, part.form), ()) if r.word == part.form), None)
        if row is None:
            return ()
        matches.append(WordMatch(row.id, row.word, Tier.EXACT, True, row.texts > limit))
    return tuple(matches)
