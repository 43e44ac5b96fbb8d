"""Sums over what was counted when a release was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from api.db.statements import execute
from api.domain.language import Fallback, Language
from api.domain.state import State
from api.services.delivery.edition_pairs import (
    Asked,
    QueryShape,
    Scope,
    bind_values,
    in_scope,
    query_shape,
    select_editions,
)
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import public_at, read_counts


@dataclass(frozen=True, slots=True)
class ListTotal:
    """How many resources all pages of a list hold, how many of them fell back, and how many were left out."""

    total: int
    omitted: int
    fallen: int


class ListTotals:
    """The counts of one release, as one reader's language rule sums them."""

    def __init__(self, session: Session, reading: ReadContext) -> None:
        self._session = session
        self._reading = reading

    def count(self, scope: Scope) -> ListTotal:
        """What a list of this scope holds and leaves out."""
        if scope.number is not None:
            return _count_numbered(self._session, scope, self._reading)
        key = (scope.kind.name, *scope.values.items(), self._reading.rule, self._reading.is_bilingual)
        return self._reading.held.remember(key, lambda: self._sum(scope))

    def can_contain(self, scope: Scope, group: int | None = None) -> bool:
        """False where there is nothing to find: of those by title in the language asked for (0), or fallen back (1)."""
        if scope.number is not None:
            return True
        found = self.count(scope)
        return {None: found.total, 0: found.total - found.fallen, 1: found.fallen}[group] > 0

    def _sum(self, scope: Scope) -> ListTotal:
        wanted = {
            "kind": scope.kind.name,
            "collection": scope.collection_id,
            "category": scope.category_id,
            "facet": scope.facet,
        }
        wanted = {name: value for name, value in wanted.items() if value is not None}
        total = omitted = fallen = 0
        for row in self._rows():
            if any(row[name] != value for name, value in wanted.items()):
                continue
            asked, other = self._admits(row)
            is_other_in = self._reading.is_bilingual or self._reading.rule.fallback is Fallback.ALLOW
            if asked or (other and is_other_in):
                total += row["count"]
                fallen += 0 if asked else row["count"]
            else:
                omitted += row["count"]
        return ListTotal(total, omitted, fallen)

    def _rows(self) -> Any:
        held = self._reading.held
        if held.counts is None:
            held.counts = read_counts(self._session, self._reading.snapshot)
        return held.counts["resources"]

    def _admits(self, row: Mapping[str, Any]) -> tuple[bool, bool]:
        """Whether the language asked for may be served, and whether the other may."""
        rule = self._reading.rule
        states = {language: State(row[language.value]) if row[language.value] else None for language in Language}
        return rule.admits(states[rule.language]), rule.admits(states[rule.language.other])


@cache
def _numbered_served(shape: QueryShape) -> Select[Any]:
    return select_editions(shape).with_only_columns(func.count())


@cache
def _numbered_public(shape: QueryShape) -> Select[Any]:
    return select(func.count()).where(
        *in_scope(Asked, shape),
        Asked.language == bindparam("language"),
        ~Asked.withdrawn,
        public_at(Asked, is_current=shape.is_current),
    )


def _count_numbered(session: Session, scope: Scope, reading: ReadContext) -> ListTotal:
    """The same for a list narrowed to a number: that is one resource a booklet, counted on the spot."""
    shape, values = query_shape(reading, tuple(scope.values)), bind_values(scope, reading)
    total: int = execute(session, _numbered_served(shape), **values).scalar_one()
    public: int = execute(session, _numbered_public(shape), **values).scalar_one()
    return ListTotal(total, public - total, 0)
