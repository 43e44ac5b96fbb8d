"""The scores of the texts that match a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from api.services.search.plan import Clause, SearchPlan
from api.services.search.text_index import AnyOf, Expression, Term, select_matching
from api.services.search.vocabulary import BODY, TITLE
from api.services.search.word_keys import Tier

# A match in a title scores more than the same match in a body. Any match of a nearer tier scores more than both.
FIELD_POINTS: Mapping[str, int] = {TITLE: 1, BODY: 0}


def score_match(tier: Tier, field: str, *, is_same: bool) -> int:
    """Return the points of a match, from 4 to 19. The word itself in a title has 19 points.

    The tier counts most, then ``is_same`` (true for the same word, ignoring mutation), then the field.
    """
    return 4 * (4 - tier) + 2 * is_same + FIELD_POINTS[field]


def select_scores(session: Session, plans: Sequence[SearchPlan]) -> Select[Any] | None:
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
        # If the clause also has words, it is a compound, and the phrase is the compound written as separate words.
        tier = Tier.LEMMA if clause.words else Tier.EXACT
        for field in FIELD_POINTS:
            yield score_match(tier, field, is_same=True), phrase_term(clause, field)


def phrase_term(clause: Clause, field: str) -> Term:
    """Return the term that matches the phrase of a clause in one field."""
    return Term(tuple(f"{field}{word.word_id}" for word in clause.phrase))
