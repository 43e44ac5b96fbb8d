"""What the next release would be: as a list of changes and blockers, and, for reading, as if it were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.document import to_json
from api.domain.errors import Blocker
from api.domain.language import Language
from api.domain.parity import WAIVABLE
from api.domain.state import MinState
from api.domain.text import content_hash
from api.models import Edition, EditionUnit, Revision
from api.services.access.actors import AuditContext
from api.services.publishing.consistency import find_consistency_blockers
from api.services.publishing.pending_changes import list_changed_row_ids
from api.services.publishing.releases import Candidate, list_candidates, publish_candidates
from api.services.publishing.waivers import WaiverRequest


def read_next_release(session: Session, required: MinState) -> tuple[dict[str, Any], str]:
    """What would go out now and what blocks it, and its ETag: the same while nothing of it changes."""
    candidates = list_candidates(session, list_changed_row_ids(session), required=required)
    blockers = blockers_of(session, candidates)
    resources = [_describe(session, candidate, blockers) for candidate in candidates]
    body = {
        "resources": resources,
        "blockers": [describe_blocker(blocker) for blocker in blockers],
        "required_state": required.value,
    }
    # What is told, and the revisions that it was told of: what went back and forth is not what was seen.
    seen = [to_json(body), *(f"{c.working.row_id}:{c.working.version}:{_text_mark(c)}" for c in candidates)]
    return body, f'"next-{content_hash(",".join(seen))[:16]}"'


def _text_mark(candidate: Candidate) -> str:
    return ".".join(
        f"{text.revision_id}-{text.review_id or 0}-{int(text.is_outdated)}"
        for unit in candidate.working.subject.units
        for text in unit.texts.values()
    )


def blockers_of(session: Session, candidates: Sequence[Candidate]) -> list[Blocker]:
    """Everything that keeps these from going out together."""
    own = [blocker for candidate in candidates for blocker in candidate.blockers]
    return own + find_consistency_blockers(session, [candidate.working for candidate in candidates])


def describe_blocker(blocker: Blocker) -> dict[str, Any]:
    return {
        "resource": blocker.resource,
        "gap": blocker.gap,
        "language": blocker.language,
        "units": list(blocker.units),
        "waivable": blocker.gap in WAIVABLE,
    }


def _describe(session: Session, candidate: Candidate, blockers: Sequence[Blocker]) -> dict[str, Any]:
    working = candidate.working
    return {
        "id": working.subject.id,
        "change": "withdrawn" if working.is_withdrawn else ("changed" if candidate.is_public else "new"),
        "blocked": any(blocker.resource == working.subject.id for blocker in blockers),
        "units": [] if working.is_withdrawn else _describe_units(session, candidate),
    }


def _describe_units(session: Session, candidate: Candidate) -> list[dict[str, Any]]:
    """The units whose text differs from the public one, with the old and the new text in each language."""
    public = _public_texts(session, candidate.working.row_id)
    found = []
    for unit in candidate.working.subject.units:
        texts: dict[str, Mapping[str, str | None]] = {}
        for language in Language:
            old = public.get((unit.unit_id, language.value))
            new = unit.texts.get(language)
            if old != (new.text if new else None):
                texts[language.value] = {"old": old, "new": new.text if new else None}
        if texts:
            found.append({"id": f"{candidate.working.subject.id}.{unit.field}", "texts": texts})
    return found


def _public_texts(session: Session, row_id: int) -> dict[tuple[int, str], str]:
    query = (
        select(EditionUnit.unit_id, Edition.language, Revision.text)
        .join(Edition, Edition.id == EditionUnit.edition_id)
        .join(Revision, Revision.id == EditionUnit.revision_id)
        .where(Edition.resource_id == row_id, Edition.end_release.is_(None))
    )
    return {(row.unit_id, row.language): row.text for row in session.execute(query)}


UNSAID = "… … … … … … … … … … …"


@contextmanager
def previewed_release(session: Session, audit: AuditContext, required: MinState) -> Iterator[None]:
    """Inside, ``session`` sees the working copy as the current release; at the end nothing of it was.

    The release is really made, with every gap let pass, and rolled back: a preview is what a release would be,
    because it is one.
    """
    lock_exclusive(session)
    with session.begin_nested() as savepoint:
        row_ids = list_changed_row_ids(session)
        gaps = {
            (blocker.resource, blocker.gap)
            for candidate in list_candidates(session, row_ids, required=required)
            for blocker in candidate.blockers
            if blocker.gap in WAIVABLE
        }
        reason = {language.value: UNSAID for language in Language}
        waivers = [WaiverRequest(resource, gap, reason) for resource, gap in sorted(gaps)]
        candidates = list_candidates(session, row_ids, required=required, waivers=waivers)
        whole = [candidate for candidate in candidates if not candidate.blockers]
        if whole:
            publish_candidates(session, audit, whole, note="preview", is_lasting=False)
        try:
            yield
        finally:
            savepoint.rollback()
