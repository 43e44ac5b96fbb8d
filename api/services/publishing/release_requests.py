"""Release requests: which resources and waivers go into a release, for the API and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.errors import (
    InvalidRequestError,
    Issue,
    NothingToReleaseError,
    PreconditionFailedError,
    ReleaseBlockedError,
)
from api.domain.etag import etag_matches
from api.domain.gap import Blocker
from api.domain.issue_code import IssueCode
from api.domain.state import MinState
from api.services.access.audit_log import AuditContext
from api.services.authoring.resources import list_row_ids
from api.services.publishing.candidates import Candidate
from api.services.publishing.consistency import find_consistency_blockers
from api.services.publishing.pending_release import (
    PendingRelease,
    describe_pending,
    read_pending_release,
    select_pending,
)
from api.services.publishing.releases import clean_note, free_candidates, publish_candidates
from api.services.publishing.waivers import WaiverRequest


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A request to publish resources.

    ``resources`` are ids; None means all changed resources. If ``is_ready`` is true, only resources without blockers
    are published; if all have blockers, the release is blocked. If ``if_match`` (an ``If-Match`` header) is set, the
    release is made only if the pending release has this ETag. Raises InvalidRequestError for ``is_ready`` with
    resources or waivers.
    """

    note: str
    required: MinState
    resources: Sequence[str] | None = None
    waivers: Sequence[WaiverRequest] | None = None
    is_ready: bool = False
    if_match: str | None = None

    def __post_init__(self) -> None:
        if self.is_ready and (self.resources is not None or self.waivers is not None):
            raise InvalidRequestError([Issue(IssueCode.EITHER_OR, pointer="/ready")])


@young_gc_only()
def make_release(session: Session, audit: AuditContext, request: ReleaseRequest) -> int:
    """Make the release and return its number.

    Raises PreconditionFailedError, WorkingResourceNotFoundError, InvalidWaiverError, InvalidRequestError for an invalid
    note, ReleaseBlockedError with every blocker, or NothingToReleaseError. If an error is raised, nothing is written.
    """
    note = clean_note(request.note)
    # No one else may write between the checks and the release.
    lock_exclusive(session)
    checked = _check_precondition(session, request) if request.if_match is not None else None
    row_ids = None if request.resources is None else list_row_ids(session, dict.fromkeys(request.resources))
    waivers = request.waivers or ()
    if checked is None:
        pending = read_pending_release(session, request.required, row_ids, waivers)
    else:
        pending = select_pending(session, checked, row_ids, waivers)
    candidates, blockers = pending.candidates, pending.blockers
    if request.is_ready:
        candidates, blockers = _split_ready(session, pending)
    # If nothing is ready, report the blockers as the reason.
    if blockers and not (request.is_ready and candidates):
        raise ReleaseBlockedError(blockers)
    if not candidates:
        raise NothingToReleaseError
    number = publish_candidates(session, audit, pending.changes, candidates, note=note)
    free_candidates(candidates, pending.candidates, checked.candidates if checked else [])
    return number


def _check_precondition(session: Session, request: ReleaseRequest) -> PendingRelease:
    """Return the pending release that the publisher has seen. Raises PreconditionFailedError if it has changed."""
    pending = read_pending_release(session, request.required)
    body, etag = describe_pending(session, pending)
    if not etag_matches(request.if_match or "", etag):
        raise PreconditionFailedError(body, etag)
    return pending


def _split_ready(session: Session, pending: PendingRelease) -> tuple[list[Candidate], Sequence[Blocker]]:
    """Return the candidates that can be released without the blocked candidates, and all blockers."""
    if not pending.blockers:
        return pending.candidates, ()
    found = dict.fromkeys(pending.blockers)
    ready = [candidate for candidate in pending.candidates if not candidate.blockers]
    # Leaving out a resource can block another one: a moment cannot be published without its category.
    while blockers := find_consistency_blockers(session, [candidate.working for candidate in ready]):
        found |= dict.fromkeys(blockers)
        blocked = {blocker.resource for blocker in blockers}
        ready = [candidate for candidate in ready if candidate.working.subject.id not in blocked]
    return ready, tuple(found)
