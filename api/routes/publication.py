"""Releases as publishers see them: what would go out, taking it live, going back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.errors import InvalidRequestError, Issue, PreconditionFailedError, ReleaseNotFoundError
from api.domain.issue_code import IssueCode
from api.domain.roles import ANY_ROLE, MAY_RELEASE, Person
from api.domain.state import MinState
from api.http.auth import require_roles, start_audit
from api.http.authoring import create_once, get_if_match, private_response
from api.http.context import get_context
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.authoring import MadeReleaseSchema, NextReleaseSchema
from api.schemas.body import ReleaseBody, RevertReleaseBody
from api.services.access.audit_log import AuditContext
from api.services.authoring.resources import list_row_ids
from api.services.delivery.release_reports import get_release
from api.services.publishing.pending_changes import list_changed_row_ids
from api.services.publishing.preview import read_next_release
from api.services.publishing.releases import publish, publish_ready, revert_release
from api.services.publishing.waivers import WaiverRequest

publication = ServiceBlueprint("publication", __name__, description="Taking both languages live. A token is needed.")

Arguments = Mapping[str, Any]
MAKE = (401, 403, 404, 409, 413, 415, 422)


@publication.route("/releases/next")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get what would go out now, and what blocks it",
    operation="get_next_release",
    schema=NextReleaseSchema,
    problems=(401, 403),
    headers=(),
)
def get_next(person: Person) -> Response:
    context = get_context()
    with context.database.reading() as session:
        body, etag = read_next_release(session, MinState(context.settings.release_state))
    return private_response(body, etag=etag)


@publication.route("/releases", methods=("POST",), endpoint="create_release")
@require_roles(*MAY_RELEASE)
@publication.arguments(ReleaseBody)
@document_operation(
    summary="Take both languages of what is named live, in one step",
    operation="create_release",
    schema=MadeReleaseSchema,
    problems=(*MAKE, 412),
    headers=(),
    success=201,
)
def post_release(person: Person, body: Arguments) -> Response:
    if body.get("ready") and ("resources" in body or "waive" in body):
        raise InvalidRequestError([Issue(IssueCode.EITHER_OR, pointer="/ready")])
    settings = get_context().settings
    required = MinState(settings.release_state)
    waivers = [WaiverRequest(w["resource"], w["gap"], w["reason"]) for w in body.get("waive", ())]

    def make(session: Session, audit: AuditContext) -> tuple[dict[str, Any], None]:
        # What the publisher saw is compared, chosen and made public while nobody changes it.
        lock_exclusive(session)
        _check_next(session, required)
        note = body["note"]
        if body.get("ready"):
            number = publish_ready(session, audit, list_changed_row_ids(session), note=note, required=required)
        else:
            named = body.get("resources")
            row_ids = list_changed_row_ids(session) if named is None else list_row_ids(session, dict.fromkeys(named))
            number = publish(session, audit, row_ids, note=note, required=required, waivers=waivers)
        return get_release(session, settings.public_url, number), None

    return create_once(person, start_audit(person), make)


def _check_next(session: Session, required: MinState) -> None:
    """With If-Match, only what the publisher saw goes out."""
    if_match = get_if_match()
    if if_match is None:
        return
    body, etag = read_next_release(session, required)
    if if_match.strip() != "*" and etag not in {part.strip() for part in if_match.split(",")}:
        raise PreconditionFailedError(body, etag)


@publication.route("/releases/<number>/revert", methods=("POST",))
@require_roles(*MAY_RELEASE)
@publication.arguments(RevertReleaseBody)
@document_operation(
    summary="Restore what was public at a release, as a new release",
    operation="revert_release",
    schema=MadeReleaseSchema,
    problems=MAKE,
    headers=(),
    success=201,
)
def post_revert(person: Person, body: Arguments, number: str) -> Response:
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise ReleaseNotFoundError(number)
    public_url = get_context().settings.public_url

    def make(session: Session, audit: AuditContext) -> tuple[dict[str, Any], None]:
        named = body.get("resources")
        row_ids = None if named is None else list_row_ids(session, dict.fromkeys(named))
        made = revert_release(session, audit, int(number), note=body["note"], row_ids=row_ids)
        return get_release(session, public_url, made), None

    return create_once(person, start_audit(person), make)
