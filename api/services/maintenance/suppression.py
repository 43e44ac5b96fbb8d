"""Suppression: delete the texts of a resource from every release. Nothing else changes a release."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.actions import AuditAction
from api.domain.errors import NothingToReleaseError
from api.domain.state import MinState
from api.models import Edition, Release, Resource, Review, Revision, Suggestion, Suppression, Unit, Waiver
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.resources import get_row_id
from api.services.publishing.release_counts import store_counts
from api.services.publishing.releases import publish
from api.services.publishing.snapshot import Snapshot, read_snapshot
from api.services.search.text_index import optimize


def suppress(session: Session, audit: AuditContext, resource: str, reason: str) -> int | None:
    """Delete the texts of a resource. Return the number of the release that withdraws it; None if it was not public.

    The texts are deleted from every edition, revision, waiver and suggestion. The URLs of the resource return 410 at
    every release. Raises WorkingResourceNotFoundError, and ReleaseBlockedError if the resource is a collection or
    category that contains public resources.
    """
    lock_exclusive(session)
    row_id = get_row_id(session, resource)
    # Suppressing a resource again deletes its newer texts. The row keeps the first reason; the audit log has every
    # reason.
    if session.get(Suppression, row_id) is None:
        session.execute(
            insert(Suppression).values(resource_id=row_id, reason=reason, actor_id=audit.actor_id, at=audit.at)
        )
    session.execute(update(Resource).where(Resource.id == row_id).values(withdrawn=True, version=Resource.version + 1))
    release = _withdraw(session, audit, row_id, resource)
    _delete_texts(session, row_id)
    _recount(session, row_id)
    optimize(session)
    record_audit(session, audit, AuditAction.SUPPRESS, resource, detail={"reason": reason, "release": release})
    return release


def _withdraw(session: Session, audit: AuditContext, row_id: int, resource: str) -> int | None:
    try:
        return publish(session, audit, [row_id], note=f"suppressed: {resource}", required=MinState.TRANSLATED)
    except NothingToReleaseError:
        return None


def _delete_texts(session: Session, row_id: int) -> None:
    emptied = {
        "document": None, "state": None, "origin": None, "sort_key": None, "outdated": False, "units": 0, "words": 0,
        "withdrawn": True,
    }  # fmt: skip
    session.execute(update(Edition).where(Edition.resource_id == row_id).values(**emptied))
    units = select(Unit.id).where(Unit.resource_id == row_id)
    without_sync = {"synchronize_session": False}
    session.execute(
        update(Revision).where(Revision.unit_id.in_(units)).values(text="", folded="", comment=None),
        execution_options=without_sync,
    )
    revisions = select(Revision.id).where(Revision.unit_id.in_(units))
    session.execute(
        update(Review).where(Review.revision_id.in_(revisions)).values(comment=None), execution_options=without_sync
    )
    session.execute(delete(Suggestion).where(Suggestion.unit_id.in_(units)), execution_options=without_sync)
    session.execute(delete(Waiver).where(Waiver.resource_id == row_id))
    session.execute(update(Unit).where(Unit.resource_id == row_id).values(note=None), execution_options=without_sync)


def _recount(session: Session, row_id: int) -> None:
    """Recompute the counts of each release since the resource was first public."""
    since = session.scalar(select(func.min(Edition.first_release)).where(Edition.resource_id == row_id))
    if since is None:
        return
    for number in session.scalars(select(Release.number).where(Release.number >= since)).all():
        snapshot = read_snapshot(session, number)
        store_counts(session, Snapshot(number, snapshot.is_current, snapshot.at))
