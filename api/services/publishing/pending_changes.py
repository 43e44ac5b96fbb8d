"""What of the working copy is not public, or not as it stands: where a release would have something to do.

Comparing everything takes as long as there is much. Every act on a resource leaves a line in the trail, and each
release keeps up to which line all is public, so that only what has a later line need be compared. The line of a revert,
which brings back what is not the working copy, names its resources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.db.batching import in_batches
from api.domain.kind import KINDS
from api.domain.language import Language
from api.models import Audit, Edition, EditionUnit, Release, Resource, Review, Revision, Unit

# With more lines than this since then, everything is compared: reading the trail would take as long.
LINES = 20_000
# What the trail calls the act that names its resources itself.
REVERT = "revert"
# Of so many resources that stay behind it is worked out since when.
BEHIND = 50


def list_changed_row_ids(session: Session) -> list[int]:
    """The resources whose working copy may differ from what is public, by kind and place."""
    return [row.id for row in _find_changed(session, _read_settled(session))]


def compare_all(session: Session) -> list[int]:
    """The same, with no regard to the trail."""
    return [row.id for row in _find_changed(session, None)]


def set_audit_watermark(session: Session, row_ids: Iterable[int]) -> int | None:
    """Up to which line of the trail all would be public, if these were as they stand; None where nobody knows.

    The caller holds the lock on releases, so that no line is on its way.
    """
    settled = _read_settled(session)
    left = _find_changed(session, settled, without=frozenset(row_ids))
    if not left:
        newest: int | None = session.scalar(select(func.max(Audit.id)))
        return newest or 0
    if len(left) > BEHIND:
        return settled
    return min(_first_line(session, row) for row in left) - 1


def _first_line(session: Session, row: Row[Any]) -> int:
    """The first line that made a resource differ from what is public of it."""
    line = select(Audit.id, Audit.act).where(Audit.subject == f"release.{row.first_release}")
    released = session.execute(line).first()
    if released is not None and released.act == REVERT:
        return int(released.id)
    name = f"{row.kind}.{row.key}"
    # Its units' names begin with its own and a full stop; what comes after a full stop is a slash.
    about = or_(Audit.subject == name, and_(Audit.subject > f"{name}.", Audit.subject < f"{name}/"))
    since = released.id if released else 0
    first: int | None = session.scalar(select(func.min(Audit.id)).where(about, Audit.id > since))
    return first or 0


def _read_settled(session: Session) -> int | None:
    """Up to which line of the trail all is public; None where nobody knows."""
    newest = session.execute(select(Release.audit_watermark).order_by(Release.number.desc()).limit(1)).first()
    return 0 if newest is None else newest.audit_watermark


def _find_changed(session: Session, settled: int | None, without: Collection[int] = frozenset()) -> Sequence[Row[Any]]:
    """What may differ from what is public, but for those that nobody asks about."""
    touched = None if settled is None else _find_touched(session, settled)
    if touched is None:
        rows: Sequence[Row[Any]] = session.execute(_changed().order_by(*_PLACE)).all()
        return [row for row in rows if row.id not in without]
    found: list[Row[Any]] = []
    for batch in in_batches(row_id for row_id in touched if row_id not in without):
        found += session.execute(_changed(batch))
    return sorted(found, key=lambda row: (row.kind, row.rank, row.id))


def _find_touched(session: Session, settled: int) -> list[int] | None:
    """The resources that have a line after this one; None where there are too many lines."""
    query = select(Audit.subject).where(Audit.id > settled).limit(LINES + 1)
    subjects = session.scalars(query).all()
    if len(subjects) > LINES:
        return None
    of_release = Audit.subject.startswith("release.")
    reverts = select(Audit.detail).where(Audit.id > settled, Audit.act == REVERT, of_release)
    brought_back = [resource for detail in session.scalars(reverts) for resource in detail["resources"]]
    keys: dict[str, set[str]] = {}
    for subject in (*subjects, *brought_back):
        kind, _, rest = subject.partition(".")
        if kind in KINDS:
            keys.setdefault(kind, set()).add(rest.partition(".")[0])
    found: list[int] = []
    for kind, mine in keys.items():
        for batch in in_batches(sorted(mine)):
            found += session.scalars(select(Resource.id).where(Resource.kind == kind, Resource.key.in_(batch)))
    return found


_PLACE = (Resource.kind, Resource.rank, Resource.id)


def _changed(row_ids: Sequence[int] | None = None) -> Select[Any]:
    """Of all resources, or of these, those that may differ from what is public, and since when they are."""
    edition = aliased(Edition)
    public = and_(
        edition.resource_id == Resource.id, edition.end_release.is_(None), edition.language == Language.EN.value
    )
    query = (
        select(*_PLACE, Resource.key, edition.first_release)
        .outerjoin(edition, public)
        .where(
            ~Resource.deleted,
            or_(
                and_(edition.id.is_(None), ~Resource.withdrawn),
                edition.resource_version != Resource.version,
                # Of what is withdrawn, to the public too, no text is public.
                and_(
                    ~and_(Resource.withdrawn, func.coalesce(edition.withdrawn, false())),
                    Resource.id.in_(_with_changed_texts(row_ids)),
                ),
            ),
        )
    )
    return cast(Select[Any], query if row_ids is None else query.where(Resource.id.in_(row_ids)))


def _with_changed_texts(row_ids: Sequence[int] | None) -> Select[Any]:
    """Resources with a text that stands and is not the public one, or that was reviewed since."""
    standing = or_(Revision.id == Unit.source_id, Revision.id == Unit.target_id)
    last_review = (
        select(func.max(Review.id)).where(Review.revision_id == Revision.id).correlate(Revision).scalar_subquery()
    )
    here: Sequence[ColumnElement[bool]] = () if row_ids is None else (Unit.resource_id.in_(row_ids),)
    return (
        select(Unit.resource_id)
        .join(Revision, standing)
        .outerjoin(
            Edition,
            and_(
                Edition.resource_id == Unit.resource_id,
                Edition.end_release.is_(None),
                Edition.language == Revision.language,
            ),
        )
        .outerjoin(EditionUnit, and_(EditionUnit.edition_id == Edition.id, EditionUnit.unit_id == Unit.id))
        .where(
            *here,
            or_(
                EditionUnit.revision_id.is_(None),
                EditionUnit.revision_id != Revision.id,
                func.coalesce(EditionUnit.review_id, 0) != func.coalesce(last_review, 0),
            ),
        )
    )
