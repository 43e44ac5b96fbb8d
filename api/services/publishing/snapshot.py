"""One release, as everything in one answer reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from api.db.statements import LIMIT_ONE, Columns, execute, table_of
from api.domain.errors import ReleaseNotFoundError
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


_RELEASE = table_of(Release).c
_SUPPRESSIONS = select(func.count()).select_from(table_of(Suppression)).scalar_subquery().label("suppressions")
_EPOCH = select(_RELEASE.number, _RELEASE.at, _SUPPRESSIONS).order_by(_RELEASE.number.desc()).limit(LIMIT_ONE)
_NUMBERED = select(_RELEASE.number, _RELEASE.at).where(_RELEASE.number == bindparam("release"))
_COUNTS = select(_RELEASE.counts).where(_RELEASE.number == bindparam("release"))


def read_epoch(session: Session) -> Epoch:
    """What the answers of this transaction depend on."""
    row = execute(session, _EPOCH).first()
    return _NOTHING if row is None else Epoch(row.number, row.at, row.suppressions)


def read_snapshot(session: Session, release: int | None = None, parameter: str = "release") -> Snapshot:
    """The release with this number, or the current one. Raises ReleaseMissing."""
    epoch = read_epoch(session)
    if release is None or (release == epoch.release and release > 0):
        return Snapshot(epoch.release, True, epoch.at, epoch)
    if not 0 < release <= MAX_RELEASE:
        raise ReleaseNotFoundError(str(release), parameter)
    row = execute(session, _NUMBERED, release=release).first()
    if row is None:
        raise ReleaseNotFoundError(str(release), parameter)
    return Snapshot(row.number, False, row.at, epoch)


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
    counts: dict[str, Any] | None = execute(session, _COUNTS, release=snapshot.release).scalar()
    return counts or {"resources": [], "texts": []}
