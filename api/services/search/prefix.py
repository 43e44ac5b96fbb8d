"""Prefixes: the words of the index that begin with the letters of a query, the nearest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from api.domain.language import Language
from api.models import SearchKey, SearchWord
from api.services.search.word_keys import Nearness, Tier

# The highest Unicode character. Keys are compared byte by byte, so every key that begins with a prefix is below the
# prefix followed by this character.
_LAST_CHARACTER = "\U0010ffff"


class WordCandidate(NamedTuple):
    """A word of the index (``row``: ``id``, ``word``, ``texts``) that may match a word of a query."""

    tier: Tier
    is_same: bool
    row: Any

    @property
    def distance(self) -> tuple[Tier, bool]:
        """Return a key that sorts words by nearness to the word of the query, the nearest first."""
        return self.tier, not self.is_same


def expand_prefix(
    session: Session, prefixes: Mapping[str, Nearness], language: Language, limit: int
) -> Sequence[WordCandidate]:
    """Return the ``limit`` nearest words that have a key with one of these prefixes.

    Among equally near words, those in the most texts come first.
    """
    nearest: dict[int, WordCandidate] = {}
    for prefix, nearness in prefixes.items():
        for row in session.execute(_select_words(prefix, nearness.tier, language).limit(limit)):
            candidate = WordCandidate(Tier(row.distance // 2), row.distance % 2 == 0, row)
            if row.id not in nearest or _sort_key(candidate) < _sort_key(nearest[row.id]):
                nearest[row.id] = candidate
    return sorted(nearest.values(), key=_sort_key)[:limit]


def _sort_key(candidate: WordCandidate) -> tuple[Any, ...]:
    return candidate.distance, -candidate.row.texts, candidate.row.word


def _select_words(prefix: str, tier: Tier, language: Language) -> Select[Any]:
    """Select the words that have a key beginning with ``prefix``, with their distance from the prefix.

    The distance is 2 * tier for the same word, and 2 * tier + 1 for any other word.
    """
    distance = func.min(2 * _farther_tier(tier) + case((_is_same(tier), 0), else_=1)).label("distance")
    query = (
        select(SearchWord.id, SearchWord.word, SearchWord.texts, distance)
        .join(SearchKey, SearchKey.word_id == SearchWord.id)
        .where(SearchKey.language == language.value, SearchKey.key >= prefix, SearchKey.key < prefix + _LAST_CHARACTER)
        .group_by(SearchWord.id, SearchWord.word, SearchWord.texts)
        .order_by(distance, SearchWord.texts.desc(), SearchWord.word)
    )
    return cast(Select[Any], query)


def _farther_tier(tier: Tier) -> ColumnElement[int]:
    return case((SearchKey.tier < tier.value, tier.value), else_=SearchKey.tier)


def _is_same(tier: Tier) -> ColumnElement[bool]:
    # Two words that may be forms of one radical are not necessarily the same word.
    if tier is Tier.UNMUTATED:
        return and_(SearchKey.is_same, SearchKey.tier != Tier.UNMUTATED.value)
    return SearchKey.is_same.is_(True)
