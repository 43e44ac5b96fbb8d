"""Matches of a search, the best first. Scores depend only on which words each text contains.

For each word of the query, a text gets the points of its best match. A match scores more for a nearer word, and
more in a title. The score of a text is the sum of its points. The score of a resource is the higher score of its two
languages. Resources with equal scores are sorted by kind, collection and rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
from api.services.search.plan import Clause, SearchPlan
from api.services.search.text_index import AllOf, AnyOf, Expression, Term, select_matching, tune_for_search
from api.services.search.vocabulary import BODY, TITLE
from api.services.search.word_keys import Tier

# A match in a title scores more than the same match in a body. Any match of a nearer tier scores more than both.
FIELD_POINTS: Mapping[str, int] = {TITLE: 1, BODY: 0}


def score_match(tier: Tier, field: str, *, is_same: bool) -> int:
    """Return the points of a match, from 4 to 19. The word itself in a title has 19 points.

    The tier counts most, then ``is_same`` (true for the same word, ignoring mutation), then the field.
    """
    return 4 * (4 - tier) + 2 * is_same + FIELD_POINTS[field]


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """The filters of a search. If ``is_served_only`` is true, search only the editions that a list would return.

    ``columns`` are the values that each column of ``SearchEntry`` may have.
    """

    rule: LanguageRule
    is_served_only: bool = False
    columns: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


class SortKey(NamedTuple):
    """The position of a resource in the results: scores descend, the other members ascend."""

    score: int
    kind_place: int
    collection_id: int
    rank: int
    resource_id: int


@dataclass(frozen=True, slots=True)
class Match:
    """A resource that matches, and the edition to show."""

    sort_key: SortKey
    edition_id: int

    @property
    def resource_id(self) -> int:
        """Return the row id of the resource."""
        return self.sort_key.resource_id


def find_matches(
    session: Session, plans: Iterable[SearchPlan], filters: SearchFilters, limit: int, after: SortKey | None = None
) -> tuple[list[Match], int]:
    """Return, in order, at most ``limit`` matches after the sort key ``after``, and the total number of matches."""
    possible = [plan for plan in plans if plan.is_possible]
    if not possible:
        return [], 0
    tune_for_search(session)
    # Both engines compute a CTE once, even if it is used twice.
    match = _group_by_resource(_select_hits(session, possible, filters), has_several=len(possible) > 1).cte("found")
    count = select(func.count()).select_from(match)
    query = select(match, count.scalar_subquery().label("total")).order_by(
        match.c.score.desc(), match.c.kind_place, match.c.collection_id, match.c.rank, match.c.resource_id
    )
    if after is not None:
        order = tuple_(match.c.kind_place, match.c.collection_id, match.c.rank, match.c.resource_id)
        is_later = and_(match.c.score == after.score, order > after[1:])
        query = query.where(or_(match.c.score < after.score, is_later))
    rows = session.execute(query.limit(limit)).all()
    total = rows[0].total if rows else 0
    if not rows and after is not None:
        total = session.scalar(count) or 0
    return [_to_match(row) for row in rows], total


def _to_match(row: Any) -> Match:
    return Match(SortKey(row.score, row.kind_place, row.collection_id, row.rank, row.resource_id), row.edition_id)


def _select_hits(session: Session, plans: Sequence[SearchPlan], filters: SearchFilters) -> Select[Any]:
    """Select the matching texts, each with its score."""
    expression = AnyOf(tuple(_to_expression(plan) for plan in plans))
    scores = _select_scores(session, plans)
    where = _to_conditions(filters)
    if scores is None or not all(map(_is_scored_exactly, plans)):
        where.append(SearchEntry.edition_id.in_(select_matching(session, expression)))
    preferred = SearchEntry.language == filters.rule.language.value
    columns = (
        SearchEntry.kind_place, SearchEntry.collection_id, SearchEntry.rank, SearchEntry.resource_id,
        SearchEntry.edition_id, case((preferred, 1), else_=0).label("is_preferred"),
    )  # fmt: skip
    if scores is None:
        return select(literal(0).label("score"), *columns).where(*where)
    scored = scores.cte("scored")
    score = func.coalesce(scored.c.score, 0).label("score")
    is_inner = all(map(_is_scored_exactly, plans))
    return (
        select(score, *columns).join(scored, scored.c.id == SearchEntry.edition_id, isouter=not is_inner).where(*where)
    )


def _is_scored_exactly(plan: SearchPlan) -> bool:
    """Return whether the plan gives a score to every text that it matches, and to no other text.

    This is the case if the plan has one clause, which is required and has no common words.
    """
    if len(plan.required) > 1 or plan.excluded:
        return False
    clause = plan.required[0]
    is_phrase_ranked = not clause.phrase or not all(word.is_common for word in clause.phrase)
    return is_phrase_ranked and not any(word.is_common for word in clause.words)


def _group_by_resource(hits: Select[Any], *, has_several: bool) -> Select[Any]:
    """Select one row for each resource: the higher score of its editions, and the edition to show.

    The edition in the preferred language is shown if it matches, otherwise the other edition. If ``has_several`` is
    false, all hits are in one language, so each resource has only one row.
    """
    hit = hits.subquery("hit")
    order = (hit.c.kind_place, hit.c.collection_id, hit.c.rank, hit.c.resource_id)
    if not has_several:
        return select(hit.c.score, *order, hit.c.edition_id)
    edition = func.coalesce(
        func.max(case((hit.c.is_preferred == 1, hit.c.edition_id))),
        func.max(hit.c.edition_id),
    )
    return select(func.max(hit.c.score).label("score"), *order, edition.label("edition_id")).group_by(*order)


def _select_scores(session: Session, plans: Sequence[SearchPlan]) -> Select[Any] | None:
    """Select the texts that have a score, each with its score. Return None if the query has only common words."""
    terms_by_points: dict[tuple[int, int], list[Expression]] = {}
    for plan in plans:
        for index, clause in enumerate(plan.required):
            for value, term in _ranked_terms(clause):
                terms_by_points.setdefault((index, value), []).append(term)
    if not terms_by_points:
        return None
    branches = []
    for (index, value), terms in sorted(terms_by_points.items()):
        matching = select_matching(session, AnyOf(tuple(terms))).subquery()
        branches.append(select(literal(index).label("clause"), literal(value).label("points"), matching.c.id))
    matched = union_all(*branches).subquery()
    if len({index for index, _ in terms_by_points}) == 1:
        return select(matched.c.id, func.max(matched.c.points).label("score")).group_by(matched.c.id)
    best = select(matched.c.id, func.max(matched.c.points).label("points")).group_by(matched.c.id, matched.c.clause)
    clause_score = best.subquery()
    score = func.sum(clause_score.c.points).cast(Integer).label("score")
    return select(clause_score.c.id, score).group_by(clause_score.c.id)


def _ranked_terms(clause: Clause) -> Iterable[tuple[int, Term]]:
    # Common words have no score, so a rare word has a score only if no common word is nearer to the query. Otherwise,
    # texts with the farther word would come before texts with the nearer word.
    common = min((word.distance for word in clause.words if word.is_common), default=None)
    for word in clause.words:
        if not word.is_common and (common is None or word.distance <= common):
            for field in FIELD_POINTS:
                yield score_match(word.tier, field, is_same=word.is_same), Term((f"{field}{word.word_id}",))
    # A phrase is common only if all of its words are common.
    if clause.phrase and not all(word.is_common for word in clause.phrase):
        # A clause with words and a phrase is a compound, and the phrase is its spelling as separate words.
        tier = Tier.LEMMA if clause.words else Tier.EXACT
        for field in FIELD_POINTS:
            yield score_match(tier, field, is_same=True), _phrase(clause, field)


def _phrase(clause: Clause, field: str) -> Term:
    return Term(tuple(f"{field}{word.word_id}" for word in clause.phrase))


def _to_expression(plan: SearchPlan) -> Expression:
    return AllOf(tuple(_any_of(clause) for clause in plan.required), tuple(_any_of(clause) for clause in plan.excluded))


def _any_of(clause: Clause) -> AnyOf:
    terms = [Term((f"{field}{word.word_id}",)) for word in clause.words for field in FIELD_POINTS]
    if clause.phrase:
        terms += [_phrase(clause, field) for field in FIELD_POINTS]
    return AnyOf(tuple(terms))


def _is_one_of(column: Any, values: tuple[Any, ...]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return condition


def _to_conditions(filters: SearchFilters) -> list[ColumnElement[bool]]:
    where = [_is_one_of(getattr(SearchEntry, name), values) for name, values in filters.columns.items()]
    states = [state.value for state in State if filters.rule.admits(state)]
    where.append(SearchEntry.state.in_(states))
    if filters.is_served_only:
        requested = aliased(SearchEntry)
        has_requested = exists().where(
            requested.resource_id == SearchEntry.resource_id,
            requested.language == filters.rule.language.value,
            requested.state.in_(states),
        )
        where.append(or_(SearchEntry.language == filters.rule.language.value, ~has_requested))
    return where
