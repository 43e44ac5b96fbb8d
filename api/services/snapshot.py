"""One release, as everything in one answer reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from api.domain.errors import ReleaseMissing
from api.models import Edition, Release, Suppression

# Release numbers fit a 32-bit column; anything longer names no release and must not reach the database.
MAX_RELEASE = 2**31 - 1


class Epoch(NamedTuple):
    """All that public answers depend on: the newest release, and how many resources are emptied at every release.

    Two answers to one question, made in the same epoch by the same code and settings, are the same.
    """

    release: int = 0
    at: datetime | None = None
    suppressions: int = 0


_NOTHING = Epoch()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The release that a request reads, found once and used in every query. 0 is: nothing is public yet.

    ``epoch`` is what the transaction that reads it sees as the newest.
    """

    release: int
    is_current: bool
    at: datetime | None = None
    epoch: Epoch = _NOTHING


_SUPPRESSIONS = select(func.count()).select_from(Suppression).scalar_subquery()
_EPOCH = select(Release.number, Release.at, _SUPPRESSIONS).order_by(Release.number.desc()).limit(1)


def read_epoch(session: Session) -> Epoch:
    """What the answers of this transaction depend on."""
    row = session.execute(_EPOCH).first()
    return _NOTHING if row is None else Epoch(*row)


def read_snapshot(session: Session, release: int | None = None, parameter: str = "release") -> Snapshot:
    """The release with this number, or the current one. Raises ReleaseMissing."""
    epoch = read_epoch(session)
    if release is None or (release == epoch.release and release > 0):
        return Snapshot(epoch.release, True, epoch.at, epoch)
    if not 0 < release <= MAX_RELEASE:
        raise ReleaseMissing(str(release), parameter)
    row = session.execute(select(Release.number, Release.at).where(Release.number == release)).first()
    if row is None:
        raise ReleaseMissing(str(release), parameter)
    return Snapshot(row.number, False, row.at, epoch)


def at_release(edition: type[Edition], snapshot: Snapshot) -> ColumnElement[bool]:
    """The editions that are public at ``snapshot``. Today's are those that no release has closed."""
    if snapshot.is_current:
        return edition.end_release.is_(None)
    return and_(
        edition.first_release <= snapshot.release,
        or_(edition.end_release.is_(None), edition.end_release > snapshot.release),
    )


def next_number(session: Session) -> int:
    """The number of the release being made. The caller holds the lock on releases to its commit."""
    highest: Any = session.scalar(select(func.max(Release.number)))
    return (highest or 0) + 1


def read_counts(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    """What was counted when the release was made; empty counts before the first."""
    counts: dict[str, Any] | None = session.scalar(select(Release.counts).where(Release.number == snapshot.release))
    return counts or {"resources": [], "texts": []}
