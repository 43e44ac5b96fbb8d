"""Sums over what was counted when a release was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.domain.kind import CATEGORY, COLLECTION, Kind
from api.domain.language import Language
from api.domain.state import State
from api.services.delivery.editions import Asked, Scope, in_scope, select_editions
from api.services.delivery.request import Reading
from api.services.snapshot import at_release, read_counts


@dataclass(frozen=True, slots=True)
class Total:
    """How many resources all pages of a list hold, and how many the language rule left out."""

    total: int
    omitted: int


class Census:
    """The counts of one release, as one reader's language rule sums them."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], reading: Reading, row_ids: Mapping[str, int]) -> None:
        self._rows = list(rows)
        self._reading = reading
        self._row_ids = row_ids

    def count(self, scope: Scope) -> Total:
        """What a list of this scope holds and leaves out; ``number`` is not counted here."""
        wanted = {
            "kind": scope.kind.name,
            "collection": scope.collection_id,
            "category": scope.category_id,
            "facet": scope.facet,
        }
        rows = [row for row in self._rows if all(value is None or row[name] == value for name, value in wanted.items())]
        served = sum(row["count"] for row in rows if self._is_served(row))
        return Total(served, sum(row["count"] for row in rows) - served)

    def count_within(self, parent: Kind, name: str, kind: Kind) -> int:
        """How many of ``kind`` a list narrowed to this collection or category would hold."""
        row_id = self._row_ids.get(name)
        if parent is COLLECTION:
            return self.count(Scope(kind, collection_id=row_id)).total
        assert parent is CATEGORY
        return self.count(Scope(kind, category_id=row_id)).total

    def _is_served(self, row: Mapping[str, Any]) -> bool:
        states = {language: State(row[language.value]) if row[language.value] else None for language in Language}
        rule = self._reading.rule
        if self._reading.is_bilingual:
            return any(rule.admits(state) for state in states.values())
        return rule.choose(states) is not None


def read_census(session: Session, reading: Reading, row_ids: Mapping[str, int]) -> Census:
    """The counts of the release that is read; ``row_ids`` are those of the parents that will be asked about."""
    return Census(read_counts(session, reading.snapshot)["resources"], reading, row_ids)


def count_numbered(session: Session, scope: Scope, reading: Reading) -> Total:
    """The same for a list narrowed to a number: that is one resource a booklet, counted on the spot."""
    served = select_editions(scope, reading.snapshot, reading.rule, is_bilingual=reading.is_bilingual)
    total = session.scalar(served.with_only_columns(func.count())) or 0
    public = select(func.count()).where(
        *in_scope(scope),
        Asked.language == Language.CY.value,
        ~Asked.withdrawn,
        at_release(Asked, reading.snapshot),
    )
    return Total(total, (session.scalar(public) or 0) - total)
