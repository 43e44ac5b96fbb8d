"""Loading a content folder: compare it with the database, write the changes and release them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.database import lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.actions import RevisionAct
from api.domain.errors import NothingToReleaseError
from api.domain.gap import WAIVABLE
from api.domain.kind import COLLECTION
from api.domain.state import MinState
from api.models import Edition, EditionUnit, Release, Resource, Revision, Unit
from api.services.access.audit_log import AuditContext
from api.services.authoring.working_copy import read_working
from api.services.booklets.folder import Folder
from api.services.booklets.new_resources import ProgressCallback
from api.services.booklets.plan import plan_load
from api.services.booklets.stored import read_stored
from api.services.booklets.write import write_plan
from api.services.publishing.candidates import list_candidates
from api.services.publishing.editions import placement_of, read_open_pairs
from api.services.publishing.releases import publish
from api.services.publishing.waivers import WaiverRequest


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The result of a load. Most attributes hold ids of resources.

    ``conflicts`` are texts and facts that changed both in the database and in the folder; the database keeps its own
    version. The load changed the ``held`` resources but did not release them, because they also have unreleased changes
    from elsewhere.
    ``absent`` resources are no longer in the folder. ``suppressed`` resources are in the folder, but were not loaded.
    """

    created: int
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]
    held: tuple[str, ...]
    absent: tuple[str, ...]
    suppressed: tuple[str, ...]
    release: int | None


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """The options of a load.

    ``waive`` is the reason for waivers, by language. If it is set, every gap that can be waived is waived.
    """

    required: MinState = MinState.TRANSLATED
    waive: Mapping[str, str] = field(default_factory=dict)
    is_released: bool = True
    note: str = "content load"


@young_gc_only()
def load_folder(
    session: Session,
    audit: AuditContext,
    folder: Folder,
    options: LoadOptions,
    on_progress: ProgressCallback = lambda count: None,
) -> LoadReport:
    """Write the changes of a folder, and release them if ``options.is_released`` is true.

    Raises InvalidFolderError for an id or a slug that conflicts with a stored resource; ReleaseBlockedError and
    InvalidWaiverError if the release is refused.
    """
    # Without the lock, two loads at the same time could create the same resources.
    lock_exclusive(session)
    plan = plan_load(session, folder)
    unreleased = _find_unreleased(session, [stored.row_id for stored in plan.stored.values()])
    written = write_plan(session, audit, folder, plan, on_progress)
    ids = _read_ids(session, folder)
    # A reverted resource is released again only if the folder changes this resource.
    excluded = unreleased | (_find_reverted(session, ids) - written)
    to_release = [row_id for row_id in ids if row_id not in excluded]
    release = _release(session, audit, to_release, options) if options.is_released else None
    texts = [f"{c.resource.id}.{c.unit.field} ({c.language})" for c in plan.texts if c.is_conflict]
    facts = [f"{resource.id} ({name})" for resource, name in plan.fact_conflicts]
    created = {str(resource.id) for resource in plan.new}
    return LoadReport(
        created=len(created),
        changed=tuple(sorted({ids[row_id] for row_id in written} - created)),
        conflicts=(*texts, *facts),
        held=tuple(sorted(ids[row_id] for row_id in written & unreleased)),
        absent=tuple(plan.absent),
        suppressed=tuple(plan.suppressed),
        release=release,
    )


def _release(session: Session, audit: AuditContext, row_ids: list[int], options: LoadOptions) -> int | None:
    """Release these resources, and return the number of the release; None if there is nothing to release."""
    waivers: list[WaiverRequest] = []
    if options.waive:
        candidates = list_candidates(session, row_ids, required=options.required)
        gaps = {(blocker.resource, blocker.gap) for candidate in candidates for blocker in candidate.blockers}
        waivers = [WaiverRequest(name, gap, options.waive) for name, gap in sorted(gaps) if gap in WAIVABLE]
    try:
        return publish(session, audit, row_ids, note=options.note, required=options.required, waivers=waivers)
    except NothingToReleaseError:
        return None


def _read_ids(session: Session, folder: Folder) -> dict[int, str]:
    """Return the ids of the folder's stored resources by row id, in the order of the folder."""
    collection = select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key)
    collection_id = collection.scalar_subquery()
    positions = {str(resource.id): position for position, resource in enumerate(folder.resources)}
    query = select(Resource.id, Resource.kind, Resource.key).where(
        (Resource.collection_id == collection_id) | (Resource.id == collection_id)
    )
    ids = {row.id: f"{row.kind}.{row.key}" for row in session.execute(query)}
    in_folder = [row_id for row_id, name in ids.items() if name in positions]
    return {row_id: ids[row_id] for row_id in sorted(in_folder, key=lambda row_id: positions[ids[row_id]])}


def _find_unreleased(session: Session, row_ids: list[int]) -> set[int]:
    """Find resources whose texts or facts have unreleased changes that a load did not make."""
    unreleased: set[int] = set()
    for batch in in_batches(row_ids):
        is_current = (Revision.id == Unit.source_id) | (Revision.id == Unit.target_id)
        public = (
            select(EditionUnit.revision_id)
            .join(Edition, Edition.id == EditionUnit.edition_id)
            .where(EditionUnit.unit_id == Unit.id, Edition.end_release.is_(None))
        )
        query = (
            select(Unit.resource_id)
            .join(Revision, is_current)
            .where(Unit.resource_id.in_(batch), Revision.act != RevisionAct.LOAD.value, Revision.id.not_in(public))
        )
        unreleased |= set(session.scalars(query))
    return unreleased | _find_unreleased_facts(session, row_ids)


def _find_unreleased_facts(session: Session, row_ids: list[int]) -> set[int]:
    """Find resources whose position, category, number or slugs have unreleased changes that a load did not make."""
    unreleased: set[int] = set()
    for batch in in_batches(row_ids):
        public = read_open_pairs(session, batch)
        changed = [
            working
            for working in read_working(session, batch)
            if working.row_id in public and placement_of(working) != public[working.row_id].placement
        ]
        for working in changed:
            kind, _, key = working.subject.id.partition(".")
            stored = read_stored(session, kind, [key])[key]
            if working.is_withdrawn or stored.facts != stored.loaded:
                unreleased.add(working.row_id)
    return unreleased


def _find_reverted(session: Session, row_ids: Iterable[int]) -> set[int]:
    """Find resources whose current edition comes from a revert."""
    reverted: set[int] = set()
    for batch in in_batches(row_ids):
        query = (
            select(Edition.resource_id)
            .join(Release, Release.number == Edition.first_release)
            .where(Edition.resource_id.in_(batch), Edition.end_release.is_(None), Release.reverts.is_not(None))
        )
        reverted |= set(session.scalars(query))
    return reverted
