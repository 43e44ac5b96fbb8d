"""The pending release: all changes that a release could publish now, and what blocks them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.document import to_json
from api.domain.gap import WAIVABLE, Blocker
from api.domain.language import Language
from api.domain.state import MinState
from api.domain.text import content_hash
from api.models import Edition, EditionUnit, Revision
from api.services.publishing.candidates import Candidate, find_blockers, list_candidates
from api.services.publishing.pending_changes import PendingChanges, read_pending_changes
from api.services.publishing.waivers import WaiverRequest

# Public texts by unit (row id) and language.
PublicTexts = Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True)
class PendingRelease:
    """The changes since the newest release.

    ``candidates`` are the resources that a release would publish. ``blockers`` are the reasons why it cannot do so.
    """

    required: MinState
    changes: PendingChanges
    candidates: list[Candidate]
    blockers: Sequence[Blocker]


def read_pending_release(
    session: Session,
    required: MinState,
    row_ids: Iterable[int] | None = None,
    waivers: Sequence[WaiverRequest] = (),
) -> PendingRelease:
    """Return the pending release of these resources, or of all changed resources if ``row_ids`` is None.

    A caller that publishes the pending release must first call ``lock_exclusive``. Raises InvalidWaiverError, and
    WorkingResourceNotFoundError for a waiver of an unknown resource.
    """
    changes = read_pending_changes(session)
    selected = changes.row_ids if row_ids is None else row_ids
    candidates = list_candidates(session, selected, required=required, waivers=waivers)
    return PendingRelease(required, changes, candidates, find_blockers(session, candidates))


def select_pending(
    session: Session, pending: PendingRelease, row_ids: Sequence[int] | None, waivers: Sequence[WaiverRequest]
) -> PendingRelease:
    """Limit a pending release to these resources, and apply these waivers.

    If ``row_ids`` is None, all resources of ``pending`` are included. Only resources that have a waiver, or that
    are not in ``pending``, are compared with their public edition. Raises InvalidWaiverError, and
    WorkingResourceNotFoundError for a waiver of an unknown resource.
    """
    if row_ids is None and not waivers:
        return pending
    waived = {waiver.resource for waiver in waivers}
    compared = {resource.row_id for resource in pending.changes.resources if resource.id not in waived}
    selected = pending.changes.row_ids if row_ids is None else row_ids
    remaining = [row_id for row_id in selected if row_id not in compared]
    by_row_id = {c.working.row_id: c for c in pending.candidates if c.working.row_id in compared}
    for candidate in list_candidates(session, remaining, required=pending.required, waivers=waivers):
        by_row_id[candidate.working.row_id] = candidate
    candidates = [by_row_id[row_id] for row_id in selected if row_id in by_row_id]
    return PendingRelease(pending.required, pending.changes, candidates, find_blockers(session, candidates))


def describe_pending(session: Session, pending: PendingRelease) -> tuple[dict[str, Any], str]:
    """Return the pending release as clients see it, and its ETag.

    The ETag also depends on the revisions, so it changes even if a text is changed and then changed back.
    """
    row_ids = [c.working.row_id for c in pending.candidates if not c.working.is_withdrawn]
    public = _read_public_texts(session, row_ids)
    blocked = {blocker.resource for blocker in pending.blockers}
    body = {
        "resources": [_describe_candidate(candidate, public, blocked) for candidate in pending.candidates],
        "blockers": [describe_blocker(blocker) for blocker in pending.blockers],
        "required_state": pending.required.value,
    }
    versions = [f"{c.working.row_id}:{c.working.version}:{_text_versions(c)}" for c in pending.candidates]
    return body, f'"next-{content_hash(",".join([to_json(body), *versions]))[:16]}"'


def describe_blocker(blocker: Blocker) -> dict[str, Any]:
    """Return a blocker as clients see it."""
    return {
        "resource": blocker.resource,
        "gap": blocker.gap,
        "language": blocker.language,
        "units": list(blocker.units),
        "waivable": blocker.gap in WAIVABLE,
    }


def _text_versions(candidate: Candidate) -> str:
    return ".".join(
        f"{text.revision_id}-{text.review_id or 0}-{int(text.is_outdated)}"
        for unit in candidate.working.subject.units
        for text in unit.texts.values()
    )


def _describe_candidate(candidate: Candidate, public: PublicTexts, blocked: set[str]) -> dict[str, Any]:
    working = candidate.working
    return {
        "id": working.subject.id,
        "change": "withdrawn" if working.is_withdrawn else ("changed" if candidate.is_public else "new"),
        "blocked": working.subject.id in blocked,
        "units": [] if working.is_withdrawn else _describe_units(candidate, public),
    }


def _describe_units(candidate: Candidate, public: PublicTexts) -> list[dict[str, Any]]:
    """Return the units with a changed text.

    For each changed language, a unit has the old (public) text and the new text.
    """
    units = []
    for unit in candidate.working.subject.units:
        texts: dict[str, Mapping[str, str | None]] = {}
        for language in Language:
            old = public.get((unit.unit_id, language.value))
            version = unit.texts.get(language)
            new = version.text if version else None
            if old != new:
                texts[language.value] = {"old": old, "new": new}
        if texts:
            units.append({"id": f"{candidate.working.subject.id}.{unit.field}", "texts": texts})
    return units


def _read_public_texts(session: Session, row_ids: Sequence[int]) -> PublicTexts:
    texts: dict[tuple[int, str], str] = {}
    for batch in in_batches(row_ids):
        query = (
            select(EditionUnit.unit_id, Edition.language, Revision.text)
            .join(Edition, Edition.id == EditionUnit.edition_id)
            .join(Revision, Revision.id == EditionUnit.revision_id)
            .where(Edition.resource_id.in_(batch), Edition.end_release.is_(None))
        )
        texts |= {(row.unit_id, row.language): row.text for row in session.execute(query)}
    return texts
