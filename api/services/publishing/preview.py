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

# A reason that is long enough for a waiver. Readers never see this text.
_PLACEHOLDER_REASON = "… … … … … … … … … … …"


@contextmanager
def previewed_release(session: Session, audit: AuditContext, required: MinState) -> Iterator[None]:
    """Make ``session`` read the working copy as the current release inside the ``with`` block.

    A real release is made, with every waivable gap waived, and rolled back at the end of the block. A preview therefore
    shows exactly what readers would see after such a release.
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
