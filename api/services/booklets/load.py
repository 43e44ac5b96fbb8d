"""Loading a content folder: compared, written and released in one transaction, by the same gate as every release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.database import lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.errors import NothingToReleaseError
from api.domain.kind import COLLECTION
from api.domain.parity import WAIVABLE
from api.domain.state import MinState
from api.models import Edition, EditionUnit, Release, Resource, Revision, Unit
from api.services.access.actors import AuditContext
from api.services.authoring.working_copy import read_working
from api.services.booklets.folder import Folder
from api.services.booklets.plan import plan_load
from api.services.booklets.stored import read_stored
from api.services.booklets.write import Progress, write_plan
from api.services.publishing.editions import placement_of, read_open_pairs
from api.services.publishing.releases import list_candidates, publish
from api.services.publishing.waivers import WaiverRequest


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did. ``conflicts`` stayed as they were here; ``held`` wait for somebody's unreleased work."""

    created: int
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]
    held: tuple[str, ...]
    absent: tuple[str, ...]
    suppressed: tuple[str, ...]
    release: int | None


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load: what may be waived (a reason by language), and whether to release at all."""

    required: MinState = MinState.TRANSLATED
    waive: Mapping[str, str] = field(default_factory=dict)
    is_released: bool = True
    note: str = "content load"


@young_gc_only()
def load_folder(
    session: Session, audit: AuditContext, folder: Folder, options: LoadOptions, progress: Progress = lambda done: None
) -> LoadReport:
    """Bring the folder's changes in and, unless told otherwise, release them.

    Raises FolderRefused for an id or a slug that is another booklet's, ReleaseBlocked where the gate refuses.
    """
    # Two loads at once would each find the same things new.
    lock_exclusive(session)
    plan = plan_load(session, folder)
    foreign = _list_foreign(session, [stored.row_id for stored in plan.stored.values()])
    written = write_plan(session, audit, folder, plan, progress)
    names = _name_rows(session, folder)
    # What was put back to an older release goes out again only when the folder has something new of it.
    left = foreign | (_list_reverted(session, names) - written)
    release = _release(session, audit, [i for i in names if i not in left], options) if options.is_released else None
    texts = tuple(f"{c.resource.id}.{c.unit.field} ({c.language})" for c in plan.texts if c.is_conflict)
    facts = tuple(f"{resource.id} ({name})" for resource, name in plan.fact_conflicts)
    created = {str(resource.id) for resource in plan.new}
    return LoadReport(
        created=len(created),
        changed=tuple(sorted(names[i] for i in written if names[i] not in created)),
        conflicts=texts + facts,
        held=tuple(sorted(names[i] for i in written & foreign)),
        absent=tuple(plan.absent),
        suppressed=tuple(plan.suppressed),
        release=release,
    )


def _release(session: Session, audit: AuditContext, row_ids: list[int], options: LoadOptions) -> int | None:
    waivers: list[WaiverRequest] = []
    if options.waive:
        candidates = list_candidates(session, row_ids, required=options.required)
        gaps = {(b.resource, b.gap) for candidate in candidates for b in candidate.blockers}
        waivers = [WaiverRequest(name, gap, options.waive) for name, gap in sorted(gaps) if gap in WAIVABLE]
    try:
        return publish(session, audit, row_ids, note=options.note, required=options.required, waivers=waivers)
    except NothingToReleaseError:
        return None


def _name_rows(session: Session, folder: Folder) -> dict[int, str]:
    """The folder's resources that are stored now, in the order in which a release lists them."""
    own = select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key).scalar_subquery()
    here = {str(resource.id): place for place, resource in enumerate(folder.resources)}
    query = select(Resource.id, Resource.kind, Resource.key).where(
        (Resource.collection_id == own) | (Resource.id == own)
    )
    found = {row.id: f"{row.kind}.{row.key}" for row in session.execute(query)}
    return {i: found[i] for i in sorted(found, key=lambda i: here.get(found[i], -1)) if found[i] in here}


def _list_foreign(session: Session, row_ids: list[int]) -> set[int]:
    """The resources with a text, or facts, that somebody changed here and has not released: a load leaves them be."""
    found: set[int] = set()
    for batch in in_batches(row_ids):
        standing = (Revision.id == Unit.source_id) | (Revision.id == Unit.target_id)
        public = (
            select(EditionUnit.revision_id)
            .join(Edition, Edition.id == EditionUnit.edition_id)
            .where(EditionUnit.unit_id == Unit.id, Edition.end_release.is_(None))
        )
        query = (
            select(Unit.resource_id)
            .join(Revision, standing)
            .where(Unit.resource_id.in_(batch), Revision.act != "load", Revision.id.not_in(public))
        )
        found |= set(session.scalars(query))
    return found | _list_moved(session, row_ids)


def _list_reverted(session: Session, row_ids: Iterable[int]) -> set[int]:
    """Those that are public as a revert put them back."""
    found: set[int] = set()
    for batch in in_batches(row_ids):
        query = (
            select(Edition.resource_id)
            .join(Release, Release.number == Edition.first_release)
            .where(Edition.resource_id.in_(batch), Edition.end_release.is_(None), Release.reverts.is_not(None))
        )
        found |= set(session.scalars(query))
    return found


def _list_moved(session: Session, row_ids: list[int]) -> set[int]:
    """Those whose place, category, number or addresses stand otherwise than public, and not by a load."""
    found: set[int] = set()
    for batch in in_batches(row_ids):
        public = read_open_pairs(session, batch)
        moved = [
            working
            for working in read_working(session, batch)
            if working.row_id in public and placement_of(working) != public[working.row_id].place
        ]
        for working in moved:
            kind, _, key = working.subject.id.partition(".")
            stored = read_stored(session, kind, [key])[key]
            if working.is_withdrawn or stored.facts != stored.loaded:
                found.add(working.row_id)
    return found
