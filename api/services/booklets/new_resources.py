"""Bulk insertion of the resources that are new in a content folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.actions import AuditAction
from api.domain.kind import COLLECTION
from api.domain.language import Language
from api.domain.rank import ranks_between
from api.models import Audit, Resource
from api.services.access.audit_log import AuditContext, audit_row
from api.services.authoring.ranks import choose_ranks
from api.services.authoring.resources import insert_resources
from api.services.authoring.units import insert_revisions, insert_units, set_current_revisions
from api.services.booklets.facts import get_folder_facts
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.revisions import build_loaded_revision, record_folder_review
from api.services.booklets.text_record import get_folder_text

# A function that is called with the number of resources written since the last call.
ProgressCallback = Callable[[int], None]
_BATCH = 1_000


class _NewUnit(NamedTuple):
    row_id: int
    resource: FolderResource
    unit: FolderUnit


def write_new_resources(
    session: Session,
    audit: AuditContext,
    folder: Folder,
    resources: Sequence[FolderResource],
    on_progress: ProgressCallback,
) -> set[int]:
    """Insert resources with their units, texts and reviews. Return the row ids of the resources."""
    written: set[int] = set()
    for run in _split_into_runs(folder, resources):
        ranked = zip(run, _rank_run(session, folder, run), strict=True)
        for batch in in_batches(ranked, _BATCH):
            written |= set(_insert_batch(session, audit, folder, batch))
            on_progress(len(batch))
    return written


def _split_into_runs(folder: Folder, resources: Sequence[FolderResource]) -> Iterator[list[FolderResource]]:
    """Split new resources into runs.

    The resources of a run are of one kind, and follow each other in the folder.
    """
    previous_ids = {following.id: previous.id for previous, following in pairwise(folder.resources)}
    run: list[FolderResource] = []
    for resource in resources:
        if run and (run[-1].id.kind != resource.id.kind or previous_ids.get(resource.id) != run[-1].id):
            yield run
            run = []
        run.append(resource)
    if run:
        yield run


def _rank_run(session: Session, folder: Folder, run: Sequence[FolderResource]) -> list[int]:
    """Return a rank for each resource of a run.

    The run is placed after the stored resource that precedes it in the folder. If there is none, the run comes last.
    """
    kind = run[0].id.kind
    query = select(Resource.key, Resource.rank).where(Resource.kind == kind)
    ranks: dict[str, int] = {row.key: row.rank for row in session.execute(query)}
    if not ranks:
        return list(ranks_between(None, None, len(run)))
    new_keys = {resource.id.key for resource in run}
    keys = [resource.id.key for resource in folder.resources if resource.id.kind == kind]
    preceding = [key for key in keys[: keys.index(run[0].id.key)] if key not in new_keys]
    lower = ranks[preceding[-1]] if preceding else max(ranks.values())
    higher = [rank for rank in ranks.values() if rank > lower]
    return choose_ranks(session, kind, lower, min(higher, default=None), len(run))


def _insert_batch(
    session: Session, audit: AuditContext, folder: Folder, ranked: Sequence[tuple[FolderResource, int]]
) -> list[int]:
    resources = [resource for resource, _ in ranked]
    collection_id = _find_row_id(session, COLLECTION.name, folder.key)
    keys = {resource.category for resource in resources if resource.category is not None}
    category_ids = {key: _find_row_id(session, "category", key) for key in keys}
    rows = [_resource_row(resource, rank, collection_id, category_ids) for resource, rank in ranked]
    row_ids = insert_resources(session, rows, [resource.slugs for resource in resources])
    units = [
        (row_id, resource, unit) for row_id, resource in zip(row_ids, resources, strict=True) for unit in resource.units
    ]
    unit_ids = insert_units(session, [unit_row(row_id, unit) for row_id, _, unit in units])
    _insert_texts(
        session,
        audit,
        [_NewUnit(unit_id, resource, unit) for unit_id, (_, resource, unit) in zip(unit_ids, units, strict=True)],
    )
    entries = [audit_row(audit, AuditAction.LOAD, str(resource.id), to_revision=1) for resource in resources]
    session.execute(insert(Audit), entries)
    return row_ids


def _find_row_id(session: Session, kind: str, key: str) -> int | None:
    return session.scalar(select(Resource.id).where(Resource.kind == kind, Resource.key == key))


def _resource_row(
    resource: FolderResource, rank: int, collection_id: int | None, category_ids: dict[str, int | None]
) -> dict[str, Any]:
    return {
        "kind": resource.id.kind,
        "key": resource.id.key,
        "collection_id": None if resource.id.kind == COLLECTION.name else collection_id,
        "category_id": category_ids.get(resource.category) if resource.category else None,
        "source_language": resource.source_language.value,
        "rank": rank,
        "number": resource.number,
        "facet": resource.facet,
        "facts": dict(resource.facts),
        "withdrawn": False,
        "version": 1,
        "loaded": get_folder_facts(resource),
    }


def unit_row(resource_row_id: int, unit: FolderUnit) -> dict[str, Any]:
    """Return the columns of a new unit."""
    return {
        "resource_id": resource_row_id,
        "field": unit.field,
        "version": 1,
        "note": unit.note,
        "printed": unit.printed,
        "stands_in": unit.stands_in,
    }


def _insert_texts(session: Session, audit: AuditContext, units: Sequence[_NewUnit]) -> None:
    """Insert the first revisions of new units: sources, then the targets based on them, then their reviews."""
    sources = [_build_revision(audit, unit, unit.resource.source_language) for unit in units]
    source_ids = insert_revisions(session, [row for row in sources if row is not None])
    pairs = list(zip(units, source_ids, strict=True))
    set_current_revisions(session, "source_id", [(unit.row_id, source_id) for unit, source_id in pairs])
    rows, translated = [], []
    for unit, source_id in pairs:
        row = _build_revision(audit, unit, unit.resource.source_language.other)
        if row is not None:
            rows.append(row | {"based_on_id": source_id})
            translated.append(unit)
    if not rows:
        return
    targets = list(zip(translated, insert_revisions(session, rows), strict=True))
    set_current_revisions(session, "target_id", [(unit.row_id, target_id) for unit, target_id in targets])
    for unit, target_id in targets:
        record_folder_review(session, audit, unit.unit, target_id)


def _build_revision(audit: AuditContext, unit: _NewUnit, language: Language) -> dict[str, Any] | None:
    record = get_folder_text(unit.resource, unit.unit, language)
    return None if record is None else build_loaded_revision(audit, unit.row_id, language, record)
