"""Snapshots: the release from which all content of a response is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from api.db.read_session import LIMIT_ONE, Columns, execute, table_of
from api.domain.errors import ReleaseNotFoundError
from api.models import Edition, Release, Suppression

# Release numbers are 32-bit integers in the database. A query with a larger number would fail.
MAX_RELEASE = 2**31 - 1


class Epoch(NamedTuple):
    """The state that all public responses depend on: the newest release, and the number of suppressed resources.

    In the same epoch, the same code and settings give the same response to the same request.
    """

    release: int = 0
    at: datetime | None = None
    suppressions: int = 0


_NOTHING = Epoch()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The release that a request reads. The release is looked up once, and every query uses it.

    ``release`` is 0 if nothing is public yet. ``epoch`` is the epoch at the time of the look-up.
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
    """Return the epoch of this transaction."""
    row = execute(session, _EPOCH).first()
    return _NOTHING if row is None else Epoch(row.number, row.at, row.suppressions)


def read_snapshot(session: Session, release: int | None = None, parameter: str = "release") -> Snapshot:
    """Return the release with this number, or the current release if ``release`` is None.

    Raises ReleaseNotFoundError, which names ``parameter`` as the cause.
    """
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
    """Return the condition that an edition is public at ``snapshot``."""
    if snapshot.is_current:
        return edition.end_release.is_(None)
    return and_(
        edition.first_release <= snapshot.release,
        or_(edition.end_release.is_(None), edition.end_release > snapshot.release),
    )


def public_at(edition: Columns, *, is_current: bool) -> ColumnElement[bool]:
    """Return the condition of ``at_release`` for a cached statement.

    The statement has the release number as the parameter ``release``.
    """
    release: Any = bindparam("release")
    if is_current:
        still: ColumnElement[bool] = edition.end_release.is_(None)
        return still
    return and_(edition.first_release <= release, or_(edition.end_release.is_(None), edition.end_release > release))


def read_counts(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    """Return the counts that are stored with the release; empty counts before the first release."""
    counts: dict[str, Any] | None = execute(session, _COUNTS, release=snapshot.release).scalar()
    return counts or {"resources": [], "texts": []}
