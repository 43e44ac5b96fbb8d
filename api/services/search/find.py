"""What a query finds, in order. The engine says which texts hold which words; the score is made of that alone.

A word of the query gives a text the points of its best match: the nearer the word and the heavier its field, the more.
The points of all words are summed; of texts with equal sums the order is by kind, collection and rank. A resource has
the score of its better language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from api.domain.rule import LanguageRule
from api.domain.state import State
from api.models import SearchEntry
from api.services.search.meaning import Clause, SearchPlan
from api.services.search.text_index import AllOf, AnyOf, Expression, Term, tune_for_search, select_matching
from api.services.search.vocabulary import BODY, TITLE
from api.services.search.word_keys import Tier

# Whatever stands in a title weighs more than the same in a body, and less than what is nearer.
FIELD_POINTS: Mapping[str, int] = {TITLE: 1, BODY: 0}


def score_match(tier: Tier, field: str, *, is_same: bool) -> int:
    """What a match is worth: 19 for the word itself in a title, 4 for another form's bare letters in a body.

    The tier counts most; in a tier the same word, mutated, is before other forms of it; then the field.
    """
    return 4 * (4 - tier) + 2 * is_same + FIELD_POINTS[field]


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What a search is narrowed to. ``is_served_only``: only the language that a list would serve of each."""

    rule: LanguageRule
    is_served_only: bool = False
    kind: str | None = None
    collection_id: int | None = None
    category_id: int | None = None
    number: int | None = None
    facet: str | None = None


# Where a resource stands among all that a query finds: score, kind, collection, rank, row.
SortKey = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that was found, and the edition to show of it."""

    sort_key: SortKey
    edition_id: int

    @property
    def resource_id(self) -> int:
        return self.sort_key[-1]


def find_matches(
    session: Session, plans: Iterable[SearchPlan], filters: SearchFilters, limit: int, after: SortKey | None = None
) -> tuple[list[Match], int]:
    """At most ``limit`` matches behind ``after``, in order, and how many there are in all."""
    possible = [meaning for meaning in plans if meaning.is_possible]
    if not possible:
        return [], 0
    tune_for_search(session)
    # Named, and used twice: an engine works it out once, counts it, and keeps the best few while it goes through it.
    found = _group_by_resource(_select_hits(session, possible, filters), has_several=len(possible) > 1).cte("found")
    count = select(func.count()).select_from(found)
    query = select(found, count.scalar_subquery().label("total")).order_by(
        found.c.score.desc(), found.c.kind_place, found.c.collection_id, found.c.rank, found.c.resource_id
    )
    if after is not None:
        place = tuple_(found.c.kind_place, found.c.collection_id, found.c.rank, found.c.resource_id)
        query = query.where(or_(found.c.score < after[0], and_(found.c.score == after[0], place > after[1:])))
    rows = session.execute(query.limit(limit)).all()
    total = rows[0].total if rows else 0
    if not rows and after is not None:
        total = session.scalar(count) or 0
    return [Match(tuple(row[:5]), row.edition_id) for row in rows], total


def _select_hits(session: Session, meanings: Sequence[SearchPlan], narrowing: SearchFilters) -> Select[Any]:
    """The texts that fit, each with its score."""
    fitting = AnyOf(tuple(_to_expression(meaning) for meaning in meanings))
    scores = _select_scores(session, meanings)
    where = _to_conditions(narrowing)
    if scores is None or not all(map(_is_scored_exactly, meanings)):
        where.append(SearchEntry.edition_id.in_(select_matching(session, fitting)))
    preferred = SearchEntry.language == narrowing.rule.language.value
    columns = (
        SearchEntry.kind_place, SearchEntry.collection_id, SearchEntry.rank, SearchEntry.resource_id,
        SearchEntry.edition_id, case((preferred, 1), else_=0).label("is_preferred"),
    )  # fmt: skip
    if scores is None:
        return select(literal(0).label("score"), *columns).where(*where)
    scored = scores.cte("scored")
    score = func.coalesce(scored.c.score, 0).label("score")
    is_inner = all(map(_is_scored_exactly, meanings))
    return (
        select(score, *columns).join(scored, scored.c.id == SearchEntry.edition_id, isouter=not is_inner).where(*where)
    )


def _is_scored_exactly(meaning: SearchPlan) -> bool:
    """Does a text fit just where it has a score? So it is for one thing wanted, of which nothing is common."""
    if len(meaning.required) > 1 or meaning.excluded:
        return False
    clause = meaning.required[0]
    is_phrase_ranked = not clause.phrase or not all(word.is_common for word in clause.phrase)
    return is_phrase_ranked and not any(word.is_common for word in clause.words)


def _group_by_resource(hits: Select[Any], *, has_several: bool) -> Select[Any]:
    """One row a resource: its better score, and the edition in the language preferred.

    In one language, which a word of the index belongs to, a resource has one row anyhow.
    """
    hit = hits.subquery("hit")
    place = (hit.c.kind_place, hit.c.collection_id, hit.c.rank, hit.c.resource_id)
    if not has_several:
        return select(hit.c.score, *place, hit.c.edition_id)
    shown = func.coalesce(
        func.max(case((hit.c.is_preferred == 1, hit.c.edition_id))),
        func.max(hit.c.edition_id),
    )
    return select(func.max(hit.c.score).label("score"), *place, shown.label("edition_id")).group_by(*place)


def _select_scores(session: Session, meanings: Sequence[SearchPlan]) -> Select[Any] | None:
    """The sum of points of each text that has any; None where no word of the query ranks."""
    worth: dict[tuple[int, int], list[Expression]] = {}
    for meaning in meanings:
        for place, clause in enumerate(meaning.required):
            for value, term in _ranked_terms(clause):
                worth.setdefault((place, value), []).append(term)
    if not worth:
        return None
    branches = []
    for (place, value), terms in sorted(worth.items()):
        matching = select_matching(session, AnyOf(tuple(terms))).subquery()
        branches.append(select(literal(place).label("place"), literal(value).label("points"), matching.c.id))
    matched = union_all(*branches).subquery()
    if len({place for place, _ in worth}) == 1:
        return select(matched.c.id, func.max(matched.c.points).label("score")).group_by(matched.c.id)
    best = select(matched.c.id, func.max(matched.c.points).label("points")).group_by(matched.c.id, matched.c.place)
    each = best.subquery()
    return select(each.c.id, func.sum(each.c.points).cast(Integer).label("score")).group_by(each.c.id)


def _ranked_terms(clause: Clause) -> Iterable[tuple[int, Term]]:
    # Who asks for a common word does not mean the rare one that is a little like it: it would go before the word.
    common = min((word.distance for word in clause.words if word.is_common), default=None)
    for word in clause.words:
        if not word.is_common and (common is None or word.distance <= common):
            for mark in FIELD_POINTS:
                yield score_match(word.tier, mark, is_same=word.is_same), Term((f"{mark}{word.number}",))
    # A phrase is as rare as the rarest of its words.
    if clause.phrase and not all(word.is_common for word in clause.phrase):
        # The parts of a compound beside each other are its whole, but written otherwise.
        tier = Tier.LEMMA if clause.words else Tier.EXACT
        for mark in FIELD_POINTS:
            yield score_match(tier, mark, is_same=True), _phrase(clause, mark)


def _phrase(clause: Clause, mark: str) -> Term:
    return Term(tuple(f"{mark}{word.number}" for word in clause.phrase))


def _to_expression(meaning: SearchPlan) -> Expression:
    return AllOf(
        tuple(_any_of(clause) for clause in meaning.required), tuple(_any_of(clause) for clause in meaning.excluded)
    )


def _any_of(clause: Clause) -> AnyOf:
    terms = [Term((f"{mark}{word.number}",)) for word in clause.words for mark in FIELD_POINTS]
    if clause.phrase:
        terms += [_phrase(clause, mark) for mark in FIELD_POINTS]
    return AnyOf(tuple(terms))


def _to_conditions(narrowing: SearchFilters) -> list[ColumnElement[bool]]:
    columns = (
        (SearchEntry.kind, narrowing.kind),
        (SearchEntry.collection_id, narrowing.collection_id),
        (SearchEntry.category_id, narrowing.category_id),
        (SearchEntry.number, narrowing.number),
        (SearchEntry.facet, narrowing.facet),
    )
    where: list[ColumnElement[bool]] = [column == value for column, value in columns if value is not None]
    states = [state.value for state in State if narrowing.rule.admits(state)]
    where.append(SearchEntry.state.in_(states))
    if narrowing.is_served_only:
        asked = aliased(SearchEntry)
        has_asked = exists().where(
            asked.resource_id == SearchEntry.resource_id,
            asked.language == narrowing.rule.language.value,
            asked.state.in_(states),
        )
        where.append(or_(SearchEntry.language == narrowing.rule.language.value, ~has_asked))
    return where
