"""Waivers: leave to publish a resource in spite of a gap, asked for, kept, told, and carried on by a revert."""

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
    """Leave asked for one gap of one resource; ``reason`` by language, at least 20 characters in each."""

    resource: str
    gap: str
    reason: Mapping[str, str]


def read_waivers_in_force(session: Session, row_ids: Sequence[int]) -> dict[int, list[WaiverRequest]]:
    """The waivers under which these resources are public now."""
    query = (
        select(Waiver, Resource.kind, Resource.key)
        .join(Edition, (Edition.resource_id == Waiver.resource_id) & (Edition.first_release == Waiver.release))
        .join(Resource, Resource.id == Waiver.resource_id)
        .where(Waiver.resource_id.in_(row_ids), Edition.end_release.is_(None), Edition.language == Waiver.language)
    )
    found: dict[int, list[WaiverRequest]] = {}
    for waiver, kind, key in session.execute(query):
        found.setdefault(waiver.resource_id, []).append(WaiverRequest(f"{kind}.{key}", waiver.gap, waiver.reason))
    return found


def check_waivers(session: Session, waivers: Sequence[WaiverRequest]) -> dict[tuple[str, str], WaiverRequest]:
    """The waivers by what they are for, their reasons tidied. Raises WaiverRefused, UnknownResource."""
    for place, waiver in enumerate(waivers):
        get_row_id(session, waiver.resource)  # a waiver of what is a typing error must not pass for one
        if waiver.gap not in WAIVABLE:
            raise InvalidWaiverError(waiver.resource, IssueCode.GAP_NOT_WAIVABLE, index=place)
    tidied = [replace(waiver, reason=_tidy_reasons(waiver, place)) for place, waiver in enumerate(waivers)]
    return {(waiver.resource, waiver.gap): waiver for waiver in tidied}


def _tidy_reasons(waiver: WaiverRequest, place: int) -> dict[str, str]:
    reasons = {}
    for language in Language:
        try:
            reasons[language.value] = clean_reason(waiver.reason.get(language.value, ""))
        except InvalidTextError as error:
            raise InvalidWaiverError(
                waiver.resource, error.code, language.value, index=place, data=error.data
            ) from error
    return reasons


def describe_waiver(gap: Blocker, waiver: WaiverRequest) -> dict[str, Any]:
    """A waiver as a document tells it."""
    return {"gap": gap.gap, "language": gap.language, "reason": dict(waiver.reason)}


def write_waivers(
    session: Session, audit: AuditContext, number: int, given: Iterable[tuple[int, Blocker, WaiverRequest]]
) -> None:
    """Keep the waivers that release ``number`` was made with; each is of a resource, by row id."""
    rows = [
        {
            "release": number,
            "resource_id": row_id,
            "gap": gap.gap,
            "language": gap.language,
            "reason": dict(waiver.reason),
            "actor_id": audit.actor_id,
        }
        for row_id, gap, waiver in given
    ]
    if rows:
        session.execute(insert(Waiver), rows)


def copy_waivers(session: Session, number: int, restored: Iterable[tuple[int, int]]) -> None:
    """Make the waivers under which these resources, by row id, went out at a release those of ``number`` too."""
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
