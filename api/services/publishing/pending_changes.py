"""The resources whose working copy may differ from their public edition.

A comparison of all resources would take longer as the content grows. But every action on a resource adds an entry to
the audit log. Each release stores an audit watermark: all changes up to the entry with this id are public. Only
resources with a later entry need to be compared. A revert changes the public content instead of the working copy. Its
entry lists the restored resources, so that they are compared too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.db.batching import in_batches
from api.domain.actions import AuditAction
from api.domain.kind import KINDS
from api.domain.language import Language
from api.models import Audit, Edition, EditionUnit, Release, Resource, Review, Revision, Unit

# If more entries than this follow the watermark, all resources are compared, since reading the entries would take just
# as long.
MAX_ENTRIES = 20_000
# If a release leaves out more changed resources than this, the audit watermark does not move: looking up the first
# audit entry of each of these resources would take too long.
MAX_UNRELEASED = 50


class ChangedResource(NamedTuple):
    """A resource that may differ from its public edition.

    ``first_release`` is the release that published its current edition; None if the resource was never public.
    """

    row_id: int
    kind: str
    key: str
    rank: int
    first_release: int | None

    @property
    def id(self) -> str:
        return f"{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class PendingChanges:
    """The resources that may differ from their public edition, sorted by kind and rank.

    The other attributes are the newest release, the newest audit entry and the watermark at the time of reading.
    """

    newest_release: int
    newest_entry: int
    audit_watermark: int | None
    resources: Sequence[ChangedResource]

    @property
    def row_ids(self) -> list[int]:
        return [resource.row_id for resource in self.resources]


def read_pending_changes(session: Session) -> PendingChanges:
    """Return the resources that may differ from their public edition.

    A caller that publishes these resources must first call ``lock_exclusive``.
    """
    newest = select(Release.audit_watermark).order_by(Release.number.desc()).limit(1).scalar_subquery()
    log = session.execute(
        select(
            select(func.coalesce(func.max(Release.number), 0)).scalar_subquery().label("release"),
            select(func.coalesce(func.max(Audit.id), 0)).scalar_subquery().label("entry"),
            newest.label("watermark"),
        )
    ).one()
    watermark: int | None = log.watermark if log.release else 0
    return PendingChanges(log.release, log.entry, watermark, list_changed(session, watermark))


def next_watermark(session: Session, changes: PendingChanges, released: Iterable[int]) -> int | None:
    """Return the audit watermark for a release, or None if the watermark is unknown.

    ``released`` holds the row ids of the resources in the release. The caller must have held the lock since it read
    ``changes``, so that no new entry is missed.
    """
    published = frozenset(released)
    unreleased = [resource for resource in changes.resources if resource.row_id not in published]
    if not unreleased:
        return changes.newest_entry
    if len(unreleased) > MAX_UNRELEASED:
        return changes.audit_watermark
    return min(_find_first_entry(session, resource) for resource in unreleased) - 1


def _find_first_entry(session: Session, resource: ChangedResource) -> int:
    """Return the id of the first audit entry that made the resource differ from its current edition."""
    query = select(Audit.id, Audit.act).where(Audit.subject == f"release.{resource.first_release}")
    published = session.execute(query).first()
    if published is not None and published.act == AuditAction.REVERT:
        return int(published.id)
    # The id of a unit is the id of its resource, a full stop and a field. In ASCII, "/" follows ".", so this range of
    # strings covers all units of the resource.
    is_of_unit = and_(Audit.subject > f"{resource.id}.", Audit.subject < f"{resource.id}/")
    is_about = or_(Audit.subject == resource.id, is_of_unit)
    since = published.id if published else 0
    first: int | None = session.scalar(select(func.min(Audit.id)).where(is_about, Audit.id > since))
    return first or 0


def list_changed(session: Session, watermark: int | None) -> Sequence[ChangedResource]:
    """Return the resources that may differ from their public edition.

    If ``watermark`` is None, all resources are compared. Otherwise only resources with a later entry are compared.
    """
    row_ids = None if watermark is None else _list_with_entries(session, watermark)
    batches: Iterable[Sequence[int] | None] = [None] if row_ids is None else in_batches(row_ids)
    changed = [ChangedResource(*row) for batch in batches for row in session.execute(_select_changed(batch))]
    return sorted(changed, key=lambda resource: (resource.kind, resource.rank, resource.row_id))


def _list_with_entries(session: Session, watermark: int) -> list[int] | None:
    """Return the row ids of resources with an entry after ``watermark``; None if there are too many entries."""
    reverted = case((Audit.act == AuditAction.REVERT.value, Audit.detail)).label("reverted")
    query = select(Audit.subject, reverted).where(Audit.id > watermark).limit(MAX_ENTRIES + 1)
    entries = session.execute(query).all()
    if len(entries) > MAX_ENTRIES:
        return None
    subjects = {entry.subject for entry in entries}
    subjects.update(resource for entry in entries for resource in (entry.reverted or {}).get("resources", ()))
    keys: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, name = subject.partition(".")
        if kind in KINDS:
            keys.setdefault(kind, set()).add(name.partition(".")[0])
    row_ids: list[int] = []
    for kind, keys_of_kind in keys.items():
        for batch in in_batches(sorted(keys_of_kind)):
            row_ids += session.scalars(select(Resource.id).where(Resource.kind == kind, Resource.key.in_(batch)))
    return row_ids


def _select_changed(row_ids: Sequence[int] | None) -> Select[Any]:
    """Select the changed resources among these, or among all. The columns are the fields of ``ChangedResource``."""
    edition = aliased(Edition)
    is_open = and_(
        edition.resource_id == Resource.id, edition.end_release.is_(None), edition.language == Language.EN.value
    )
    query = (
        select(Resource.id, Resource.kind, Resource.key, Resource.rank, edition.first_release)
        .outerjoin(edition, is_open)
        .where(
            ~Resource.deleted,
            or_(
                and_(edition.id.is_(None), ~Resource.withdrawn),
                edition.resource_version != Resource.version,
                # Changes to texts do not count if both the working copy and the public edition are withdrawn.
                and_(
                    ~and_(Resource.withdrawn, func.coalesce(edition.withdrawn, false())),
                    Resource.id.in_(_select_changed_texts(row_ids)),
                ),
            ),
        )
    )
    return cast(Select[Any], query if row_ids is None else query.where(Resource.id.in_(row_ids)))


def _select_changed_texts(row_ids: Sequence[int] | None) -> Select[Any]:
    """Select the resources with a text that was changed or reviewed after it was published."""
    is_current = or_(Revision.id == Unit.source_id, Revision.id == Unit.target_id)
    last_review = (
        select(func.max(Review.id)).where(Review.revision_id == Revision.id).correlate(Revision).scalar_subquery()
    )
    restriction: Sequence[ColumnElement[bool]] = () if row_ids is None else (Unit.resource_id.in_(row_ids),)
    return (
        select(Unit.resource_id)
        .join(Revision, is_current)
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
            *restriction,
            or_(
                EditionUnit.revision_id.is_(None),
                EditionUnit.revision_id != Revision.id,
                func.coalesce(EditionUnit.review_id, 0) != func.coalesce(last_review, 0),
            ),
        )
    )
