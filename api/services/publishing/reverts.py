"""Reverts: releases that restore the public content of an earlier release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.bulk_insert import bulk_insert, bulk_insert_returning_ids
from api.db.database import lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.actions import AuditAction
from api.domain.document import EditionSource
from api.domain.errors import NothingToReleaseError, ReleaseBlockedError
from api.domain.language import Language
from api.models import Edition, EditionUnit, Resource
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.working_copy import WorkingResource
from api.services.publishing.consistency import find_consistency_blockers
from api.services.publishing.editions import EditionRow, close_pairs, fingerprint_rows, open_pairs
from api.services.publishing.pending_changes import next_watermark, read_pending_changes
from api.services.publishing.release_counts import update_counts
from api.services.publishing.releases import clean_note, open_release
from api.services.publishing.snapshot import Snapshot, at_release, read_snapshot
from api.services.publishing.waivers import copy_waivers
from api.services.search.index import update_index


@dataclass(frozen=True, slots=True)
class RestoredResource:
    """A resource to restore.

    ``rows`` are its editions in the earlier release, one for each language; empty if the resource was not public in
    that release.
    """

    working: WorkingResource
    first_release: int | None
    rows: Sequence[EditionRow]


@young_gc_only()
def revert_release(
    session: Session, audit: AuditContext, to: int, *, note: str, row_ids: Sequence[int] | None = None
) -> int:
    """Restore the public content and the waivers of release ``to``. Return the number of the new release.

    The working copy does not change. If ``row_ids`` is given, only these resources are restored. Raises
    ReleaseNotFoundError, ReleaseBlockedError if the result would break a consistency rule, NothingToReleaseError,
    InvalidRequestError for an invalid note.
    """
    note = clean_note(note)
    lock_exclusive(session)
    restored = _list_restored(session, to, row_ids)
    if not restored:
        raise NothingToReleaseError
    blockers = find_consistency_blockers(session, [resource.working for resource in restored])
    if blockers:
        raise ReleaseBlockedError(blockers)
    changes = read_pending_changes(session)
    number = open_release(session, audit, changes, note, watermark=next_watermark(session, changes, ()), reverts=to)
    restored_ids = [resource.working.row_id for resource in restored]
    close_pairs(session, number, restored_ids)
    _reopen_pairs(session, number, restored)
    copy_waivers(
        session, number, [(r.working.row_id, r.first_release) for r in restored if r.first_release is not None]
    )
    update_counts(session, number)
    update_index(session, restored_ids)
    ids = [resource.working.subject.id for resource in restored]
    detail = {"to": to, "resources": ids, "note": note}
    record_audit(session, audit, AuditAction.REVERT, f"release.{number}", detail=detail)
    return number


def _list_restored(session: Session, to: int, row_ids: Sequence[int] | None) -> list[RestoredResource]:
    """Return the resources that differ between release ``to`` and the current release.

    If ``row_ids`` is given, only these resources are compared. Raises ReleaseNotFoundError.
    """
    then = read_snapshot(session, to, parameter="n")
    if then.is_current:
        return []
    current = _read_pairs(session, Snapshot(0, is_current=True), row_ids)
    earlier = _read_pairs(session, then, row_ids)
    changes = []
    for row_id in sorted(current.keys() | earlier.keys()):
        old, new = earlier.get(row_id), current.get(row_id)
        if old and new and fingerprint_rows(old) == fingerprint_rows(new):
            continue
        is_withdrawn_in_both = new and new[0]["withdrawn"] and (not old or old[0]["withdrawn"])
        if not is_withdrawn_in_both:
            changes.append((row_id, old, new))
    names = _read_ids(session, [row_id for row_id, _, _ in changes])
    return [_restore(row_id, names[row_id], old, new) for row_id, old, new in changes]


def _read_pairs(session: Session, snapshot: Snapshot, row_ids: Sequence[int] | None) -> dict[int, list[EditionRow]]:
    """Return the edition rows of each resource at a snapshot, by the row id of the resource."""
    query = select(*Edition.__table__.columns).where(at_release(Edition, snapshot)).order_by(Edition.language)
    batches = [None] if row_ids is None else list(in_batches(row_ids))
    pairs: dict[int, list[EditionRow]] = {}
    for batch in batches:
        narrowed = query if batch is None else query.where(Edition.resource_id.in_(batch))
        for row in session.execute(narrowed).mappings():
            pairs.setdefault(row["resource_id"], []).append(dict(row))
    return pairs


def _read_ids(session: Session, row_ids: Sequence[int]) -> dict[int, str]:
    ids: dict[int, str] = {}
    for batch in in_batches(row_ids):
        query = select(Resource.id, Resource.kind, Resource.key).where(Resource.id.in_(batch))
        ids |= {row.id: f"{row.kind}.{row.key}" for row in session.execute(query)}
    return ids


def _restore(
    row_id: int, name: str, old: Sequence[EditionRow] | None, new: Sequence[EditionRow] | None
) -> RestoredResource:
    row: Mapping[str, Any] = (old or new or [])[0]
    is_withdrawn = old is None or bool(row["withdrawn"])
    subject = EditionSource(
        id=name,
        kind=row["kind"],
        source_language=Language(row["source_language"]),
        slugs=row["slugs"],
        number=row["number"],
        facet=row["facet"],
        facts=row["facts"],
        units=(),
    )
    working = WorkingResource(
        row_id, row["collection_id"], row["category_id"], row["rank"], row["resource_version"], is_withdrawn, subject
    )
    return RestoredResource(working, row["first_release"] if old else None, tuple(old or ()))


def _reopen_pairs(session: Session, number: int, restored: Sequence[RestoredResource]) -> None:
    """Publish the old editions again in release ``number``.

    A resource without old editions is withdrawn.
    """
    open_pairs(session, number, [(resource.working, {}) for resource in restored if not resource.rows])
    old_rows = [row for resource in restored for row in resource.rows]
    if not old_rows:
        return
    new_rows = [
        {name: value for name, value in row.items() if name != "id"} | {"first_release": number, "end_release": None}
        for row in old_rows
    ]
    for old, new_id in zip(old_rows, bulk_insert_returning_ids(session, Edition, new_rows), strict=True):
        query = select(EditionUnit).where(EditionUnit.edition_id == old["id"])
        units = [
            {"edition_id": new_id, "unit_id": u.unit_id, "revision_id": u.revision_id, "review_id": u.review_id}
            for u in session.scalars(query)
        ]
        bulk_insert(session, EditionUnit, units)
