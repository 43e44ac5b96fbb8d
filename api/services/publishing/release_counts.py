"""What a release holds, counted once when it is made and kept with it."""

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
# Which editions are counted.
Which = Callable[[type[Edition]], ColumnElement[bool]]
# What is counted in a row; the rest of it says of what.
_SUMS = frozenset({"count", "resources", "units", "words"})


def count_release(session: Session, snapshot: Snapshot) -> Counts:
    """The counts of one release: ``resources`` for lists, ``texts`` for the status report.

    A row of ``resources`` counts those that agree in kind, collection, category, facet and in the state of each
    language; every list's ``total`` and ``omitted``, by whatever filter and language rule, is a sum of such rows.
    """
    return _count(session, lambda edition: at_release(edition, snapshot))


def _count(session: Session, which: Which) -> Counts:
    return sort_counts({"resources": _count_resources(session, which), "texts": _count_texts(session, which)})


def _count_resources(session: Session, which: Which) -> list[Row]:
    cy, en = aliased(Edition), aliased(Edition)
    groups = (cy.kind, cy.collection_id, cy.category_id, cy.facet, cy.state, en.state)
    query = (
        select(*groups, func.count())
        .join(en, and_(en.resource_id == cy.resource_id, en.first_release == cy.first_release))
        .where(cy.language == Language.CY, en.language == Language.EN, which(cy), ~cy.withdrawn)
        .group_by(*groups)
    )
    names = ("kind", "collection", "category", "facet", "cy", "en", "count")
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def _count_texts(session: Session, which: Which) -> list[Row]:
    e = Edition
    groups = (e.kind, e.category_id, e.language, e.state, e.origin, e.outdated)
    query = (
        select(*groups, func.count(), func.sum(e.units), func.sum(e.words))
        .where(which(e), ~e.withdrawn)
        .group_by(*groups)
    )
    names = ("kind", "category", "language", "state", "origin", "outdated", "resources", "units", "words")
    return [
        dict(zip(names, (*row[:6], int(row[6]), int(row[7]), int(row[8])), strict=True))
        for row in session.execute(query)
    ]


def sort_counts(counts: Mapping[str, Iterable[Row]]) -> Counts:
    """The same counts in one order, whatever the engine thinks of nulls and letters."""
    return {name: sorted(rows, key=_place) for name, rows in counts.items()}


def _place(row: Row) -> list[tuple[bool, Any]]:
    return [(value is not None, value) for value in row.values()]


def store_counts(session: Session, snapshot: Snapshot) -> None:
    """Count a release and keep the counts with it."""
    _keep(session, snapshot.release, count_release(session, snapshot))


def update_counts(session: Session, number: int) -> None:
    """Keep with release ``number`` the counts of the one before it, less what ended with it, and what began.

    What a release costs is then decided by what it changes, not by what there is.
    """
    ended = _count(session, lambda edition: edition.end_release == number)
    began = _count(session, lambda edition: edition.first_release == number)
    before = read_counts(session, Snapshot(number - 1, is_current=False))
    _keep(session, number, sort_counts({name: _sum(before[name], ended[name], began[name]) for name in began}))


def _keep(session: Session, number: int, counts: Counts) -> None:
    session.execute(update(Release).where(Release.number == number).values(counts=counts))


def _sum(before: Sequence[Row], ended: Sequence[Row], began: Sequence[Row]) -> list[Row]:
    """The rows of ``before``, less those of ``ended`` and with those of ``began``; of what there is none, none."""
    row = next(iter((*ended, *began)), None)
    if row is None:
        return list(before)
    summed = [name for name in row if name in _SUMS]
    about = itemgetter(*(name for name in row if name not in _SUMS))
    changes: dict[Any, Row] = {}
    for rows, sign in ((ended, -1), (began, 1)):
        for row in rows:
            kept = changes.setdefault(about(row), row | dict.fromkeys(summed, 0))
            for name in summed:
                kept[name] += sign * row[name]
    found = []
    # There are thousands of them, and most stay as they are.
    for row in before:
        change = changes.pop(about(row), None)
        found.append(row if change is None else row | {name: row[name] + change[name] for name in summed})
    found += changes.values()
    return [row for row in found if row.get("count", row.get("resources"))]
