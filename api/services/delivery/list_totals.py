"""The number of resources in a list, as a sum of the counts that are stored with the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from api.db.read_session import execute
from api.domain.language import Fallback, Language
from api.domain.state import State
from api.services.delivery.edition_pairs import (
    REQUESTED,
    QueryShape,
    bind_values,
    in_scope,
    query_shape,
    select_editions,
)
from api.services.delivery.request import ReadContext
from api.services.delivery.scope import Scope
from api.services.publishing.snapshot import public_at, read_counts


class TitleGroup(IntEnum):
    """The two parts of a list that is sorted by title: resources in the requested language, then fallbacks."""

    REQUESTED = 0
    FALLBACK = 1


@dataclass(frozen=True, slots=True)
class ListTotal:
    """The numbers of resources on all pages of a list, left out of the list, and served in the fallback language."""

    total: int
    omitted: int
    fallback: int

    def can_contain(self, group: TitleGroup) -> bool:
        """Return whether any resource of the list belongs to this group."""
        return (self.fallback if group is TitleGroup.FALLBACK else self.total - self.fallback) > 0


def count_list(session: Session, context: ReadContext, scope: Scope) -> ListTotal:
    """Return the totals of the list with this scope and the language rule of the request."""
    if not scope.has_stored_counts:
        return _count_rows(session, context, scope)
    key = (scope.kind.name, *scope.filters.items(), context.rule, context.is_bilingual)
    return context.cache.get_or_compute(key, lambda: _sum(session, context, scope))


def _sum(session: Session, context: ReadContext, scope: Scope) -> ListTotal:
    names = {"collection_id": "collection", "category_id": "category", "facet": "facet"}
    filters = {names[column]: values for column, values in scope.filters.items()} | {"kind": (scope.kind.name,)}
    is_either = context.is_bilingual or context.rule.fallback is Fallback.ALLOW
    total = omitted = fallback = 0
    for row in _read_counts(session, context):
        if any(row[name] not in values for name, values in filters.items()):
            continue
        requested, alternate = (_admits(context, row, language) for language in _languages(context))
        if requested:
            total += row["count"]
        elif alternate and is_either:
            total += row["count"]
            fallback += row["count"]
        else:
            omitted += row["count"]
    return ListTotal(total, omitted, fallback)


def _read_counts(session: Session, context: ReadContext) -> Any:
    if context.cache.counts is None:
        context.cache.counts = read_counts(session, context.snapshot)
    return context.cache.counts["resources"]


def _languages(context: ReadContext) -> tuple[Language, Language]:
    return context.rule.language, context.rule.language.other


def _admits(context: ReadContext, row: Mapping[str, Any], language: Language) -> bool:
    state = row[language.value]
    return context.rule.admits(State(state) if state else None)


@cache
def _count_served(shape: QueryShape) -> Select[Any]:
    return select_editions(shape).with_only_columns(func.count())


@cache
def _count_public(shape: QueryShape) -> Select[Any]:
    return select(func.count()).where(
        *in_scope(REQUESTED, shape),
        REQUESTED.language == bindparam("language"),
        ~REQUESTED.withdrawn,
        public_at(REQUESTED, is_current=shape.is_current),
    )


def _count_rows(session: Session, context: ReadContext, scope: Scope) -> ListTotal:
    """Count a list without stored counts.

    Counting is fast: a number selects at most one resource of each booklet, and a request names at most 100 ids.
    """
    shape, values = query_shape(context, scope), bind_values(scope, context)
    total: int = execute(session, _count_served(shape), **values).scalar_one()
    public: int = execute(session, _count_public(shape), **values).scalar_one()
    return ListTotal(total, public - total, 0)
