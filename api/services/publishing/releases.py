"""Releases: publish the texts of both languages together, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, insert, update
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.database import analyze_if_stale, lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.actions import AuditAction
from api.domain.errors import (
    InvalidRequestError,
    InvalidTextError,
    Issue,
    NothingToReleaseError,
    ReleaseBlockedError,
)
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.state import MinState
from api.domain.text import clean_name
from api.models import Release, ResourceSlug, Slug
from api.services.access.audit_log import AuditContext, record_audit
from api.services.publishing.candidates import Candidate, find_blockers, list_candidates
from api.services.publishing.editions import close_pairs, open_pairs
from api.services.publishing.pending_changes import PendingChanges, next_watermark, read_pending_changes
from api.services.publishing.release_counts import update_counts
from api.services.publishing.waivers import WaiverRequest, write_waivers
from api.services.search.index import update_index

# In names, comments and notes, control characters and lone surrogates are reported with the same issue code.
_NOTE_CODES = {
    IssueCode.CONTROL_CHARACTER: IssueCode.INVALID_CHARACTER,
    IssueCode.SURROGATE: IssueCode.INVALID_CHARACTER,
}


@young_gc_only()
def publish(
    session: Session,
    audit: AuditContext,
    row_ids: Iterable[int],
    *,
    note: str,
    required: MinState,
    waivers: Sequence[WaiverRequest] = (),
) -> int:
    """Publish both languages of these resources and return the number of the new release.

    Raises ReleaseBlockedError with every blocker, NothingToReleaseError if nothing has changed, InvalidWaiverError,
    WorkingResourceNotFoundError for a waiver of an unknown resource, and InvalidRequestError for an invalid note. If an
    error is raised, nothing is written.
    """
    note = clean_note(note)
    lock_exclusive(session)
    changes = read_pending_changes(session)
    candidates = list_candidates(session, row_ids, required=required, waivers=waivers)
    if not candidates:
        raise NothingToReleaseError
    blockers = find_blockers(session, candidates)
    if blockers:
        raise ReleaseBlockedError(blockers)
    number = publish_candidates(session, audit, changes, candidates, note=note)
    free_candidates(candidates)
    return number


def free_candidates(*lists: list[Candidate]) -> None:
    """Free the memory of candidates one at a time: freeing thousands at once stalls other threads for about 0.1 s."""
    for candidates in lists:
        while candidates:
            candidates.pop()


def clean_note(note: str) -> str:
    """Return the note of a release as one line of 1 to 200 characters. Raises InvalidRequestError."""
    try:
        return clean_name(note)
    except InvalidTextError as error:
        code = _NOTE_CODES.get(error.code, error.code)
        raise InvalidRequestError([Issue(code, pointer="/note", data=error.data)]) from error


def publish_candidates(
    session: Session,
    audit: AuditContext,
    changes: PendingChanges,
    candidates: Sequence[Candidate],
    *,
    note: str,
    is_lasting: bool = True,
) -> int:
    """Publish these candidates and return the number of the new release.

    The caller must have held the lock since it read ``changes``, and must have checked that nothing blocks the
    candidates. For a preview, ``is_lasting`` is false: the search index and the audit watermark are then not updated.
    """
    row_ids = [candidate.working.row_id for candidate in candidates]
    watermark = next_watermark(session, changes, row_ids) if is_lasting else None
    number = open_release(session, audit, changes, note, watermark=watermark)
    _write_candidates(session, number, candidates)
    waived = [(c.working.row_id, gap, waiver) for c in candidates for gap, waiver in c.waived]
    write_waivers(session, audit, number, waived)
    _publish_slugs(session, number, row_ids)
    analyze_if_stale(session, len(candidates) * len(Language))
    update_counts(session, number)
    if is_lasting:
        update_index(session, row_ids)
    ids = [candidate.working.subject.id for candidate in candidates]
    record_audit(session, audit, AuditAction.RELEASE, f"release.{number}", detail={"resources": ids, "note": note})
    return number


def open_release(
    session: Session,
    audit: AuditContext,
    changes: PendingChanges,
    note: str,
    *,
    watermark: int | None,
    reverts: int | None = None,
) -> int:
    """Insert the row of the next release, with empty counts, and return the number of the release."""
    number = changes.newest_release + 1
    values = {
        "at": audit.at,
        "actor_id": audit.actor_id,
        "note": note,
        "reverts": reverts,
        "audit_watermark": watermark,
    }
    session.execute(insert(Release).values(number=number, counts={}, **values))
    return number


def _write_candidates(session: Session, number: int, candidates: Sequence[Candidate]) -> None:
    close_pairs(session, number, [candidate.working.row_id for candidate in candidates])
    open_pairs(session, number, [(c.working, c.documents) for c in candidates])


def _publish_slugs(session: Session, number: int, row_ids: Sequence[int]) -> None:
    for batch in in_batches(row_ids):
        current = exists().where(
            ResourceSlug.resource_id == Slug.resource_id,
            ResourceSlug.kind == Slug.kind,
            ResourceSlug.slug == Slug.slug,
        )
        session.execute(
            update(Slug)
            .where(Slug.resource_id.in_(batch), Slug.first_release.is_(None), current)
            .values(first_release=number)
            .execution_options(synchronize_session=False)
        )
