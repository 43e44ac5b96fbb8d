"""The counts of a release: calculated once, when the release is made, and stored with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, aliased

from api.domain.language import Language
from api.models import Edition, Release
from api.services.publishing.snapshot import Snapshot, at_release, read_counts

Row = dict[str, Any]
Counts = dict[str, list[Row]]
# The condition that selects the editions to count.
Condition = Callable[[type[Edition]], ColumnElement[bool]]
# The members of a row that are numbers. The other members describe the group that the row counts.
_NUMBERS = frozenset({"count", "resources", "units", "words"})


def count_release(session: Session, snapshot: Snapshot) -> Counts:
    """Return the counts of one release: ``resources`` for lists, ``texts`` for the status report.

    A row of ``resources`` counts the resources with the same kind, collection, category, facet, Welsh state and English
    state. The ``total`` and ``omitted`` of a list are sums of such rows, for any language rule and any filters except
    ``number``.
    """
    return _count(session, lambda edition: at_release(edition, snapshot))


def _count(session: Session, condition: Condition) -> Counts:
    return sort_counts({"resources": _count_resources(session, condition), "texts": _count_texts(session, condition)})


def _count_resources(session: Session, condition: Condition) -> list[Row]:
    cy, en = aliased(Edition), aliased(Edition)
    group = (
        cy.kind,
        cy.collection_id.label("collection"),
        cy.category_id.label("category"),
        cy.facet,
        cy.state.label("cy"),
        en.state.label("en"),
    )
    query = (
        select(*group, func.count().label("count"))
        .join(en, and_(en.resource_id == cy.resource_id, en.first_release == cy.first_release))
        .where(cy.language == Language.CY, en.language == Language.EN, condition(cy), ~cy.withdrawn)
        .group_by(cy.kind, cy.collection_id, cy.category_id, cy.facet, cy.state, en.state)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _count_texts(session: Session, condition: Condition) -> list[Row]:
    e = Edition
    query = (
        select(
            e.kind,
            e.category_id.label("category"),
            e.language,
            e.state,
            e.origin,
            e.outdated,
            func.count().label("resources"),
            func.sum(e.units).label("units"),
            func.sum(e.words).label("words"),
        )
        .where(condition(e), ~e.withdrawn)
        .group_by(e.kind, e.category_id, e.language, e.state, e.origin, e.outdated)
    )
    # PostgreSQL returns sums as Decimal.
    return [
        {**row, "units": int(row["units"]), "words": int(row["words"])} for row in session.execute(query).mappings()
    ]


def sort_counts(counts: Mapping[str, Iterable[Row]]) -> Counts:
    """Return the counts in an order that does not depend on the database."""
    return {name: sorted(rows, key=_sort_key) for name, rows in counts.items()}


def _sort_key(row: Row) -> list[tuple[bool, Any]]:
    return [(value is not None, value) for value in row.values()]


def store_counts(session: Session, snapshot: Snapshot) -> None:
    """Calculate the counts of a release from all its editions, and store them with the release."""
    _store(session, snapshot.release, count_release(session, snapshot))


def update_counts(session: Session, number: int) -> None:
    """Calculate the counts of release ``number`` from the counts of the previous release, and store them.

    Only the changed editions are counted, so the time depends on the number of changes, not on the amount of content.
    """
    ended = _count(session, lambda edition: edition.end_release == number)
    began = _count(session, lambda edition: edition.first_release == number)
    before = read_counts(session, Snapshot(number - 1, is_current=False))
    _store(session, number, sort_counts({name: _sum(before[name], ended[name], began[name]) for name in began}))


def _store(session: Session, number: int, counts: Counts) -> None:
    session.execute(update(Release).where(Release.number == number).values(counts=counts))


def _sum(before: Sequence[Row], ended: Sequence[Row], began: Sequence[Row]) -> list[Row]:
    """Return ``before`` minus ``ended`` plus ``began``. Groups that become empty are left out."""
    sample = next(iter((*ended, *began)), None)
    if sample is None:
        return list(before)
    numbers = [name for name in sample if name in _NUMBERS]
    group_of = itemgetter(*(name for name in sample if name not in _NUMBERS))
    changes: dict[Any, Row] = {}
    for rows, sign in ((ended, -1), (began, 1)):
        for row in rows:
            change = changes.setdefault(group_of(row), row | dict.fromkeys(numbers, 0))
            for name in numbers:
                change[name] += sign * row[name]
    counts = []
    # Copy only the rows that change: there are thousands of rows, and most stay the same.
    for row in before:
        difference = changes.pop(group_of(row), None)
        counts.append(row if difference is None else row | {name: row[name] + difference[name] for name in numbers})
    counts += changes.values()
    return [row for row in counts if row.get("count", row.get("resources"))]
