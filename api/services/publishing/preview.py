"""Previews: the working copy, read as if it were the current release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.gap import WAIVABLE
from api.domain.language import Language
from api.domain.state import MinState
from api.services.access.audit_log import AuditContext
from api.services.publishing.candidates import list_candidates
from api.services.publishing.pending_changes import read_pending_changes
from api.services.publishing.releases import publish_candidates
from api.services.publishing.waivers import WaiverRequest

# Long enough for a reason. Readers never see it.
_PLACEHOLDER_REASON = "… … … … … … … … … … …"


@contextmanager
def previewed_release(session: Session, audit: AuditContext, required: MinState) -> Iterator[None]:
    """Let ``session`` see the working copy as the current release inside the block, and change nothing.

    The release is really made, with every gap waived, and rolled back: a preview shows exactly what a release would.
    """
    lock_exclusive(session)
    with session.begin_nested() as savepoint:
        changes = read_pending_changes(session)
        gaps = {
            (blocker.resource, blocker.gap)
            for candidate in list_candidates(session, changes.row_ids, required=required)
            for blocker in candidate.blockers
            if blocker.gap in WAIVABLE
        }
        reason = {language.value: _PLACEHOLDER_REASON for language in Language}
        waivers = [WaiverRequest(resource, gap, reason) for resource, gap in sorted(gaps)]
        candidates = list_candidates(session, changes.row_ids, required=required, waivers=waivers)
        unblocked = [candidate for candidate in candidates if not candidate.blockers]
        if unblocked:
            publish_candidates(session, audit, changes, unblocked, note="preview", is_lasting=False)
        try:
            yield
        finally:
            savepoint.rollback()
