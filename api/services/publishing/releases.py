"""Making releases: both languages of what is named go live in one transaction, or nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, insert, update
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.db.database import analyze_if_stale, lock_exclusive
from api.db.gc_tuning import young_gc_only
from api.domain.document import LanguageDocument, build_documents
from api.domain.errors import (
    Blocker,
    InvalidRequestError,
    InvalidTextError,
    Issue,
    NothingToReleaseError,
    ReleaseBlockedError,
)
from api.domain.language import Language
from api.domain.parity import OMITTING_GAPS, find_gaps, public_languages
from api.domain.state import MinState
from api.domain.text import clean_name
from api.models import Release, ResourceSlug, Slug
from api.services.access.actors import AuditContext, record_audit
from api.services.authoring.working_copy import WorkingResource, read_working
from api.services.publishing import editions
from api.services.publishing.consistency import find_consistency_blockers
from api.services.publishing.editions import OpenPair
from api.services.publishing.pending_changes import set_audit_watermark
from api.services.publishing.release_counts import update_counts
from api.services.publishing.snapshot import next_number
from api.services.publishing.waivers import (
    WaiverRequest,
    check_waivers,
    copy_waivers,
    describe_waiver,
    read_waivers_in_force,
    write_waivers,
)
from api.services.search.index import update_index


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that a release would change: its new documents, and what blocks it."""

    working: WorkingResource
    documents: Mapping[Language, LanguageDocument]
    waived: tuple[tuple[Blocker, WaiverRequest], ...]
    blockers: tuple[Blocker, ...]
    is_public: bool


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
    """The number of the new release with both languages of these resources.

    Raises ReleaseBlocked with every blocker, WaiverRefused, UnknownResource (in a waiver), RequestRefused (the note),
    or NothingToRelease where nothing differs from what is public; nothing is written then.
    """
    note = _tidy_note(note)
    lock_exclusive(session)
    candidates = list_candidates(session, row_ids, required=required, waivers=waivers)
    if not candidates:
        raise NothingToReleaseError
    blockers = [blocker for candidate in candidates for blocker in candidate.blockers]
    blockers += find_consistency_blockers(session, [candidate.working for candidate in candidates])
    if blockers:
        raise ReleaseBlockedError(blockers)
    number = publish_candidates(session, audit, candidates, note=note)
    _let_go(candidates)
    return number


@young_gc_only()
def publish_ready(
    session: Session, audit: AuditContext, row_ids: Iterable[int], *, note: str, required: MinState
) -> int:
    """The number of the new release with all of these that nothing blocks. Raises NothingToRelease, RequestRefused."""
    note = _tidy_note(note)
    lock_exclusive(session)
    ready = [c for c in list_candidates(session, row_ids, required=required) if not c.blockers]
    while ready:
        # What is left out may be what another needs: a moment waits for its category.
        blocked = {blocker.resource for blocker in find_consistency_blockers(session, [c.working for c in ready])}
        if not blocked:
            number = publish_candidates(session, audit, ready, note=note)
            _let_go(ready)
            return number
        ready = [c for c in ready if c.working.subject.id not in blocked]
    raise NothingToReleaseError


def _let_go(candidates: list[Candidate]) -> None:
    """Forget them one by one. All at once, thousands would keep every other thread waiting for a tenth of a second."""
    while candidates:
        candidates.pop()


def _tidy_note(note: str) -> str:
    try:
        return clean_name(note)
    except InvalidTextError as error:
        raise InvalidRequestError([Issue(error.code, pointer="/note", data=error.data)]) from error


def publish_candidates(
    session: Session, audit: AuditContext, candidates: Sequence[Candidate], *, note: str, is_lasting: bool = True
) -> int:
    """The number of the new release with these. The caller holds the lock, and has found nothing that blocks them.

    ``is_lasting``: the index of search goes with it, and where to look for changes from then on. A preview has neither.
    """
    row_ids = [candidate.working.row_id for candidate in candidates]
    number = _open_release(session, audit, note, settled=set_audit_watermark(session, row_ids) if is_lasting else None)
    _write_candidates(session, number, candidates)
    given = [(c.working.row_id, gap, waiver) for c in candidates for gap, waiver in c.waived]
    write_waivers(session, audit, number, given)
    _make_slugs_public(session, number, row_ids)
    analyze_if_stale(session, len(candidates) * len(Language))
    update_counts(session, number)
    if is_lasting:
        update_index(session, row_ids)
    ids = [candidate.working.subject.id for candidate in candidates]
    record_audit(session, audit, "release", f"release.{number}", detail={"resources": ids, "note": note})
    return number


def list_candidates(
    session: Session, row_ids: Iterable[int], *, required: MinState, waivers: Sequence[WaiverRequest] = ()
) -> list[Candidate]:
    """What a release of these resources would change, each with its blockers; what is as it is public is left out."""
    asked = check_waivers(session, waivers)
    found: list[Candidate] = []
    for batch in in_batches(row_ids):
        public = editions.read_open_pairs(session, batch)
        standing = read_waivers_in_force(session, batch)
        for working in read_working(session, batch):
            there = public.get(working.row_id)
            candidate = _consider(working, there, required, asked)
            if candidate.blockers and there is not None:
                # What goes on being public under its waivers changes nothing, and blocks nothing.
                candidate = _as_waived(candidate, there, required, standing.get(working.row_id, ()))
            if candidate.blockers or _differs(candidate, there):
                found.append(candidate)
    return found


def _as_waived(
    candidate: Candidate, public: OpenPair, required: MinState, standing: Sequence[WaiverRequest]
) -> Candidate:
    """The candidate as its standing waivers would have it, if that is just what is public; else as it is."""
    asked = {(waiver.resource, waiver.gap): waiver for waiver in standing}
    again = _consider(candidate.working, public, required, asked)
    return candidate if again.blockers or _differs(again, public) else again


def _consider(
    working: WorkingResource,
    public: OpenPair | None,
    required: MinState,
    asked: Mapping[tuple[str, str], WaiverRequest],
) -> Candidate:
    if working.is_withdrawn:
        return Candidate(working, {}, (), (), is_public=public is not None and not public.is_withdrawn)
    subject = working.subject
    gaps = find_gaps(subject.id, subject.units, subject.source_language, required)
    waived, blockers = [], []
    for gap in gaps:
        waiver = asked.get((subject.id, gap.gap))
        # A resource without its source has nothing to be translated from, or to be read.
        if waiver is None or gap.language == subject.source_language:
            blockers.append(gap)
        else:
            waived.append((gap, waiver))
    documents: Mapping[Language, LanguageDocument] = {}
    if not blockers:
        told = tuple(describe_waiver(gap, waiver) for gap, waiver in waived)
        languages = public_languages(gaps, {gap.gap for gap, _ in waived if gap.gap in OMITTING_GAPS})
        documents = build_documents(replace(subject, waivers=told), languages)
    return Candidate(working, documents, tuple(waived), tuple(blockers), is_public=public is not None)


def _differs(candidate: Candidate, public: OpenPair | None) -> bool:
    working = candidate.working
    if working.is_withdrawn:
        return candidate.is_public
    return public is None or editions.fingerprint(working, candidate.documents) != public.fingerprint


def _open_release(
    session: Session, audit: AuditContext, note: str, *, reverts: int | None = None, settled: int | None = None
) -> int:
    number = next_number(session)
    values = {"at": audit.at, "actor_id": audit.actor_id, "note": note, "reverts": reverts, "audit_watermark": settled}
    session.execute(insert(Release).values(number=number, counts={}, **values))
    return number


def _write_candidates(session: Session, number: int, candidates: Sequence[Candidate]) -> None:
    editions.close_pairs(session, number, [candidate.working.row_id for candidate in candidates])
    editions.open_pairs(session, number, [(c.working, c.documents) for c in candidates])


def _make_slugs_public(session: Session, number: int, row_ids: Sequence[int]) -> None:
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


@young_gc_only()
def revert_release(
    session: Session, audit: AuditContext, to: int, *, note: str, row_ids: Sequence[int] | None = None
) -> int:
    """The number of a new release that restores what was public at release ``to``, its waivers too.

    The working copy stays as it is. ``row_ids`` restores these resources only. Raises ReleaseMissing,
    ReleaseBlocked where the restored could not stand beside the rest, NothingToRelease, RequestRefused (the note).
    """
    note = _tidy_note(note)
    lock_exclusive(session)
    changes = editions.list_reverts(session, to, row_ids)
    if not changes:
        raise NothingToReleaseError
    blockers = find_consistency_blockers(session, [change.working for change in changes])
    if blockers:
        raise ReleaseBlockedError(blockers)
    number = _open_release(session, audit, note, reverts=to, settled=set_audit_watermark(session, ()))
    editions.close_pairs(session, number, [change.working.row_id for change in changes])
    editions.reopen_pairs(session, number, changes)
    was_public = [(c.working.row_id, c.first_release) for c in changes if c.first_release is not None]
    copy_waivers(session, number, was_public)
    update_counts(session, number)
    update_index(session, [change.working.row_id for change in changes])
    ids = [change.working.subject.id for change in changes]
    record_audit(session, audit, "revert", f"release.{number}", detail={"to": to, "resources": ids, "note": note})
    return number
