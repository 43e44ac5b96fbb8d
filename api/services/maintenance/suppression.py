"""Emptying a resource at every release: the one exception to "what was public stays as it was"."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update
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
    """The number of the release that tells followers of it, if the resource was public.

    Its texts are emptied in every edition and revision, waiver and suggestion; its addresses answer 410 at every
    release. Raises UnknownResource; ReleaseBlocked where something public is in it (a category of moments).
    """
    lock_exclusive(session)
    row_id = get_row_id(session, resource)
    # Said twice it is done again: the first reason stands, and both are in the trail.
    if session.get(Suppression, row_id) is None:
        session.execute(
            insert(Suppression).values(resource_id=row_id, reason=reason, actor_id=audit.actor_id, at=audit.at)
        )
    session.execute(update(Resource).where(Resource.id == row_id).values(withdrawn=True, version=Resource.version + 1))
    release = _tell(session, audit, row_id, resource)
    _empty(session, row_id)
    _count_again(session, row_id)
    optimize(session)
    record_audit(session, audit, AuditAction.SUPPRESS, resource, detail={"reason": reason, "release": release})
    return release


def _tell(session: Session, audit: AuditContext, row_id: int, resource: str) -> int | None:
    try:
        return publish(session, audit, [row_id], note=f"suppressed: {resource}", required=MinState.TRANSLATED)
    except NothingToReleaseError:
        return None


def _empty(session: Session, row_id: int) -> None:
    emptied = {
        "document": None, "state": None, "origin": None, "sort_key": None, "outdated": False, "units": 0, "words": 0,
        "withdrawn": True,
    }  # fmt: skip
    session.execute(update(Edition).where(Edition.resource_id == row_id).values(**emptied))
    units = select(Unit.id).where(Unit.resource_id == row_id)
    quietly = {"synchronize_session": False}
    session.execute(
        update(Revision).where(Revision.unit_id.in_(units)).values(text="", comment=None), execution_options=quietly
    )
    revisions = select(Revision.id).where(Revision.unit_id.in_(units))
    session.execute(
        update(Review).where(Review.revision_id.in_(revisions)).values(comment=None), execution_options=quietly
    )
    session.execute(delete(Suggestion).where(Suggestion.unit_id.in_(units)), execution_options=quietly)
    session.execute(delete(Waiver).where(Waiver.resource_id == row_id))
    session.execute(update(Unit).where(Unit.resource_id == row_id).values(note=None), execution_options=quietly)


def _count_again(session: Session, row_id: int) -> None:
    """What was counted with it in older releases, without it."""
    first = select(Edition.first_release).where(Edition.resource_id == row_id)
    since = min(session.scalars(first), default=None)
    if since is None:
        return
    for number in session.scalars(select(Release.number).where(Release.number >= since)).all():
        snapshot = read_snapshot(session, number)
        store_counts(session, Snapshot(number, snapshot.is_current, snapshot.at))
