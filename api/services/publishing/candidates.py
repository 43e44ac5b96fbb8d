"""Candidates: the resources that a release would change, each with the gaps that block it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.document import LanguageDocument, build_documents
from api.domain.gap import OMITTING_GAPS, Blocker
from api.domain.language import Language
from api.domain.parity import find_gaps, public_languages
from api.domain.state import MinState
from api.services.authoring.working_copy import WorkingResource, read_working
from api.services.publishing.consistency import find_consistency_blockers
from api.services.publishing.editions import OpenPair, fingerprint, read_open_pairs
from api.services.publishing.waivers import (
    WaiverRequest,
    check_waivers,
    describe_waiver,
    read_waivers_in_force,
)

# Waivers by resource and gap.
Waivers = Mapping[tuple[str, str], WaiverRequest]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that a release would change: its new documents, and the gaps that block it."""

    working: WorkingResource
    documents: Mapping[Language, LanguageDocument]
    waived: tuple[tuple[Blocker, WaiverRequest], ...]
    blockers: tuple[Blocker, ...]
    is_public: bool


def list_candidates(
    session: Session, row_ids: Iterable[int], *, required: MinState, waivers: Sequence[WaiverRequest] = ()
) -> list[Candidate]:
    """Return the resources that a release would change, with their blockers. Unchanged resources are left out.

    Raises InvalidWaiverError, and WorkingResourceNotFoundError for a waiver of an unknown resource.
    """
    requested = check_waivers(session, waivers)
    candidates: list[Candidate] = []
    for batch in in_batches(row_ids):
        public = read_open_pairs(session, batch)
        compared = [_compare(w, public.get(w.row_id), required, requested) for w in read_working(session, batch)]
        compared = _apply_waivers_in_force(session, compared, public, required)
        candidates += [c for c in compared if c.blockers or _differs(c, public.get(c.working.row_id))]
    return candidates


def find_blockers(session: Session, candidates: Sequence[Candidate]) -> list[Blocker]:
    """Return everything that blocks a release of all these candidates together."""
    own = [blocker for candidate in candidates for blocker in candidate.blockers]
    return own + find_consistency_blockers(session, [candidate.working for candidate in candidates])


def _apply_waivers_in_force(
    session: Session, candidates: Sequence[Candidate], public: Mapping[int, OpenPair], required: MinState
) -> list[Candidate]:
    """Apply the waivers of the current editions to the resources that have not changed since they were published.

    Return all candidates. A resource that has changed stays blocked.
    """
    blocked = [c.working.row_id for c in candidates if c.blockers and c.working.row_id in public]
    in_force = read_waivers_in_force(session, blocked) if blocked else {}

    def apply(candidate: Candidate) -> Candidate:
        pair, waivers = public[candidate.working.row_id], in_force[candidate.working.row_id]
        by_gap = {(waiver.resource, waiver.gap): waiver for waiver in waivers}
        waived = _compare(candidate.working, pair, required, by_gap)
        return candidate if waived.blockers or _differs(waived, pair) else waived

    return [apply(candidate) if candidate.working.row_id in in_force else candidate for candidate in candidates]


def _compare(working: WorkingResource, public: OpenPair | None, required: MinState, waivers: Waivers) -> Candidate:
    """Return the resource as a candidate. A withdrawn or blocked resource has no documents."""
    if working.is_withdrawn:
        return Candidate(working, {}, (), (), is_public=public is not None and not public.is_withdrawn)
    subject = working.subject
    gaps = find_gaps(subject.id, subject.units, subject.source_language, required)
    waived, blockers = [], []
    for gap in gaps:
        waiver = waivers.get((subject.id, gap.gap))
        # A gap in the source cannot be waived. Without a source text, the resource could be neither read nor
        # translated.
        if waiver is None or gap.language == subject.source_language:
            blockers.append(gap)
        else:
            waived.append((gap, waiver))
    documents: Mapping[Language, LanguageDocument] = {}
    if not blockers:
        described = tuple(describe_waiver(gap, waiver) for gap, waiver in waived)
        languages = public_languages(gaps, {gap.gap for gap, _ in waived if gap.gap in OMITTING_GAPS})
        documents = build_documents(replace(subject, waivers=described), languages)
    return Candidate(working, documents, tuple(waived), tuple(blockers), is_public=public is not None)


def _differs(candidate: Candidate, public: OpenPair | None) -> bool:
    working = candidate.working
    if working.is_withdrawn:
        return candidate.is_public
    return public is None or fingerprint(working, candidate.documents) != public.fingerprint
