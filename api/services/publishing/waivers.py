"""Waivers: permission to publish a resource in spite of a gap, with a public reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api.domain.errors import InvalidTextError, InvalidWaiverError
from api.domain.gap import WAIVABLE, Blocker
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.text import clean_reason
from api.models import Edition, Resource, Waiver
from api.services.access.audit_log import AuditContext
from api.services.authoring.resources import get_row_id


@dataclass(frozen=True, slots=True)
class WaiverRequest:
    """A request to waive one gap of one resource.

    ``reason`` contains a text of at least 20 characters for each language.
    """

    resource: str
    gap: str
    reason: Mapping[str, str]


def read_waivers_in_force(session: Session, row_ids: Sequence[int]) -> dict[int, list[WaiverRequest]]:
    """Return the waivers of the current editions of these resources, by row id."""
    query = (
        select(Waiver, Resource.kind, Resource.key)
        .join(Edition, (Edition.resource_id == Waiver.resource_id) & (Edition.first_release == Waiver.release))
        .join(Resource, Resource.id == Waiver.resource_id)
        .where(Waiver.resource_id.in_(row_ids), Edition.end_release.is_(None), Edition.language == Waiver.language)
    )
    waivers: dict[int, list[WaiverRequest]] = {}
    for waiver, kind, key in session.execute(query):
        waivers.setdefault(waiver.resource_id, []).append(WaiverRequest(f"{kind}.{key}", waiver.gap, waiver.reason))
    return waivers


def check_waivers(session: Session, waivers: Sequence[WaiverRequest]) -> dict[tuple[str, str], WaiverRequest]:
    """Check the waivers, and return them by resource and gap, with cleaned reasons.

    Raises InvalidWaiverError, WorkingResourceNotFoundError.
    """
    for index, waiver in enumerate(waivers):
        get_row_id(session, waiver.resource)  # raises an error for a misspelt id
        if waiver.gap not in WAIVABLE:
            raise InvalidWaiverError(waiver.resource, IssueCode.GAP_NOT_WAIVABLE, index=index)
    cleaned = [replace(waiver, reason=_clean_reasons(waiver, index)) for index, waiver in enumerate(waivers)]
    return {(waiver.resource, waiver.gap): waiver for waiver in cleaned}


def _clean_reasons(waiver: WaiverRequest, index: int) -> dict[str, str]:
    reasons = {}
    for language in Language:
        try:
            reasons[language.value] = clean_reason(waiver.reason.get(language.value, ""))
        except InvalidTextError as error:
            raise InvalidWaiverError(
                waiver.resource, error.code, language.value, index=index, data=error.data
            ) from error
    return reasons


def describe_waiver(gap: Blocker, waiver: WaiverRequest) -> dict[str, Any]:
    """Return a waiver as it appears in a document."""
    return {"gap": gap.gap, "language": gap.language, "reason": dict(waiver.reason)}


def write_waivers(
    session: Session, audit: AuditContext, number: int, waived: Iterable[tuple[int, Blocker, WaiverRequest]]
) -> None:
    """Store the waivers of release ``number``.

    Each item of ``waived`` has the row id of a resource, a gap, and the waiver for this gap.
    """
    rows = [
        {
            "release": number,
            "resource_id": row_id,
            "gap": gap.gap,
            "language": gap.language,
            "reason": dict(waiver.reason),
            "actor_id": audit.actor_id,
        }
        for row_id, gap, waiver in waived
    ]
    if rows:
        session.execute(insert(Waiver), rows)


def copy_waivers(session: Session, number: int, restored: Iterable[tuple[int, int]]) -> None:
    """Copy the waivers of restored resources to release ``number``.

    Each item of ``restored`` has the row id of a resource and the number of the release from which its waivers are
    copied.
    """
    for row_id, first_release in restored:
        old = select(Waiver).where(Waiver.release == first_release, Waiver.resource_id == row_id)
        for waiver in session.scalars(old).all():
            session.execute(
                insert(Waiver).values(
                    release=number,
                    resource_id=waiver.resource_id,
                    gap=waiver.gap,
                    language=waiver.language,
                    reason=waiver.reason,
                    actor_id=waiver.actor_id,
                )
            )
