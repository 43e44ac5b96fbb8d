"""One release, as everything in one answer reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from api.domain.errors import ReleaseMissing
from api.models import Edition, Release, Suppression
from api.services.statement import Columns, ask, table_of

# Release numbers fit a 32-bit column; anything longer names no release and must not reach the database.
MAX_RELEASE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The release that a request reads, found once and used in every query. 0 is: nothing is public yet.

    ``suppressions`` is how many resources had been emptied by then: what else could change in a release that is over?
    """

    release: int
    is_current: bool
    at: datetime | None = None
    suppressions: int = 0


_RELEASE = table_of(Release).c
_SUPPRESSIONS = select(func.count()).select_from(table_of(Suppression)).scalar_subquery().label("suppressions")
_RELEASES = select(_RELEASE.number, _RELEASE.at, _SUPPRESSIONS)
_CURRENT = _RELEASES.order_by(_RELEASE.number.desc()).limit(1)
_NUMBERED = _RELEASES.where(_RELEASE.number == bindparam("release"))
_COUNTS = select(_RELEASE.counts).where(_RELEASE.number == bindparam("release"))


def read_snapshot(session: Session, release: int | None = None, parameter: str = "release") -> Snapshot:
    """The release with this number, or the current one. Raises ReleaseMissing."""
    current = ask(session, _CURRENT).first()
    if release is None or (current is not None and release == current.number):
        return Snapshot(current.number, True, current.at, current.suppressions) if current else Snapshot(0, True)
    if not 0 < release <= MAX_RELEASE:
        raise ReleaseMissing(str(release), parameter)
    row = ask(session, _NUMBERED, release=release).first()
    if row is None:
        raise ReleaseMissing(str(release), parameter)
    return Snapshot(row.number, False, row.at, row.suppressions)


def at_release(edition: type[Edition], snapshot: Snapshot) -> ColumnElement[bool]:
    """The editions that are public at ``snapshot``. Today's are those that no release has closed."""
    if snapshot.is_current:
        return edition.end_release.is_(None)
    return and_(
        edition.first_release <= snapshot.release,
        or_(edition.end_release.is_(None), edition.end_release > snapshot.release),
    )


def public_at(edition: Columns, *, is_current: bool) -> ColumnElement[bool]:
    """``at_release`` for a statement that is built once: the release is its parameter ``release``."""
    release: Any = bindparam("release")
    if is_current:
        still: ColumnElement[bool] = edition.end_release.is_(None)
        return still
    return and_(edition.first_release <= release, or_(edition.end_release.is_(None), edition.end_release > release))


def next_number(session: Session) -> int:
    """The number of the release being made. The caller holds the lock on releases to its commit."""
    highest: Any = session.scalar(select(func.max(Release.number)))
    return (highest or 0) + 1


def read_counts(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    """What was counted when the release was made; empty counts before the first."""
    counts: dict[str, Any] | None = ask(session, _COUNTS, release=snapshot.release).scalar()
    return counts or {"resources": [], "texts": []}
