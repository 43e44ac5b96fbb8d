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
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
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
from api.services.search.scores import FIELD_POINTS, phrase_term, select_scores
from api.services.search.text_index import AllOf, AnyOf, Expression, Term, select_matching, tune_for_search


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
    matches, total, _ = find_match_page(session, plans, filters, limit, after)
    return matches[:limit], total


def find_match_page(
    session: Session, plans: Iterable[SearchPlan], filters: SearchFilters, limit: int, after: SortKey | None = None
) -> tuple[list[Match], int, SortKey | None]:
    """Return the matches of a page in order, the total number of matches, and the start of the previous page.

    The page begins after the sort key ``after`` and has ``limit`` matches. If there are more matches, the next one is
    returned too. The start of the previous page is a sort key, or None if that page is the first or does not exist.
    """
    possible = [plan for plan in plans if plan.is_possible]
    if not possible:
        return [], 0, None
    tune_for_search(session)
    # Both engines compute a CTE once, even if it is used twice.
    match = _group_by_resource(_select_hits(session, possible, filters), has_several=len(possible) > 1).cte("found")
    count = select(func.count()).select_from(match)
    descending = match.c.score.desc()
    order = (match.c.kind_place, match.c.collection_id, match.c.rank, match.c.resource_id)
    query = select(match, count.scalar_subquery().label("total"), literal(0).label("is_start"))
    following = query.order_by(descending, *order).limit(limit + 1)
    if after is None:
        rows = session.execute(following).all()
        return list(map(_to_match, rows)), rows[0].total if rows else 0, None
    is_later = or_(match.c.score < after.score, and_(match.c.score == after.score, tuple_(*order) > after[1:]))
    start = query.with_only_columns(match, count.scalar_subquery().label("total"), literal(1).label("is_start"))
    preceding = start.where(not_(is_later)).order_by(match.c.score, *(column.desc() for column in order))
    parts = [select(part.subquery()) for part in (following.where(is_later), preceding.offset(limit).limit(1))]
    both = union_all(*parts).subquery()
    own_order = (both.c.kind_place, both.c.collection_id, both.c.rank, both.c.resource_id)
    rows = session.execute(select(both).order_by(both.c.is_start, both.c.score.desc(), *own_order)).all()
    total = rows[0].total if rows else session.scalar(count) or 0
    starts = [_to_match(row).sort_key for row in rows if row.is_start]
    return [_to_match(row) for row in rows if not row.is_start], total, starts[0] if starts else None


def _to_match(row: Any) -> Match:
    return Match(SortKey(row.score, row.kind_place, row.collection_id, row.rank, row.resource_id), row.edition_id)


def _select_hits(session: Session, plans: Sequence[SearchPlan], filters: SearchFilters) -> Select[Any]:
    """Select the matching texts, each with its score."""
    expression = AnyOf(tuple(_to_expression(plan) for plan in plans))
    scores = select_scores(session, plans)
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


def _to_expression(plan: SearchPlan) -> Expression:
    return AllOf(tuple(_any_of(clause) for clause in plan.required), tuple(_any_of(clause) for clause in plan.excluded))


def _any_of(clause: Clause) -> AnyOf:
    terms = [Term((f"{field}{word.word_id}",)) for word in clause.words for field in FIELD_POINTS]
    if clause.phrase:
        terms += [phrase_term(clause, field) for field in FIELD_POINTS]
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
