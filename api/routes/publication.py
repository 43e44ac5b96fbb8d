"""Releases, for publishers: the pending release, a new release, and a revert."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from api.domain.errors import ReleaseNotFoundError
from api.domain.roles import ANY_ROLE, MAY_RELEASE, Person
from api.domain.state import MinState
from api.http.auth import require_roles, start_audit
from api.http.context import get_context
from api.http.idempotent_creation import create_once
from api.http.private_responses import private_response
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.authoring import MadeReleaseSchema, NextReleaseSchema
from api.schemas.body import ReleaseBody, RevertReleaseBody
from api.services.access.audit_log import AuditContext
from api.services.authoring.resources import list_row_ids
from api.services.delivery.release_reports import get_release
from api.services.publishing.pending_release import describe_pending, read_pending_release
from api.services.publishing.release_requests import ReleaseRequest, make_release
from api.services.publishing.reverts import revert_release
from api.services.publishing.waivers import WaiverRequest

publication = ServiceBlueprint(
    "publication", __name__, description="The release of both languages at once. Requires a token."
)

Arguments = Mapping[str, Any]
MAKE = (404, 409, 413, 415)


@publication.route("/releases/next")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get the changes of the next release, and their blockers",
    description="The resources that differ from what is public, with the old and the new texts, and the reasons why "
    "some cannot be published yet. The `ETag` makes sure that a release publishes exactly this.",
    operation="get_next_release",
    schema=NextReleaseSchema,
    is_guarded=True,
    headers=(),
)
def get_next(person: Person) -> Response:
    context = get_context()
    with context.database.reading() as session:
        pending = read_pending_release(session, MinState(context.settings.release_state))
        body, etag = describe_pending(session, pending)
    return private_response(body, etag=etag)


@publication.route("/releases", methods=("POST",), endpoint="create_release")
@require_roles(*MAY_RELEASE)
@publication.arguments(ReleaseBody)
@document_operation(
    summary="Publish both languages of the given resources",
    description="Publishes all changed resources, those in `resources`, or with `ready` those without blockers. If "
    "any of them has a blocker that is not waived, nothing is published and the response is 409.",
    operation="create_release",
    schema=MadeReleaseSchema,
    problems=MAKE,
    is_guarded=True,
    is_idempotent=True,
    if_match="optional",
    headers=(),
    success=201,
)
def post_release(person: Person, body: Arguments) -> Response:
    settings = get_context().settings
    release = ReleaseRequest(
        note=body["note"],
        required=MinState(settings.release_state),
        resources=body.get("resources"),
        waivers=_read_waivers(body),
        is_ready=body.get("ready", False),
        if_match=request.headers.get("If-Match"),
    )

    def make(session: Session, audit: AuditContext) -> tuple[dict[str, Any], None]:
        return get_release(session, settings.public_url, make_release(session, audit, release)), None

    return create_once(start_audit(person), make)


def _read_waivers(body: Arguments) -> list[WaiverRequest] | None:
    if "waive" not in body:
        return None
    return [WaiverRequest(waiver["resource"], waiver["gap"], waiver["reason"]) for waiver in body["waive"]]


@publication.route("/releases/<number>/revert", methods=("POST",))
@require_roles(*MAY_RELEASE)
@publication.arguments(RevertReleaseBody)
@document_operation(
    summary="Restore the content of an earlier release as a new release",
    description="Publishes the content of the given release again, under a new number. The working copy does not "
    "change.",
    operation="revert_release",
    schema=MadeReleaseSchema,
    problems=MAKE,
    is_guarded=True,
    is_idempotent=True,
    headers=(),
    success=201,
)
def post_release_revert(person: Person, body: Arguments, number: str) -> Response:
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        raise ReleaseNotFoundError(number)
    public_url = get_context().settings.public_url

    def make(session: Session, audit: AuditContext) -> tuple[dict[str, Any], None]:
        named = body.get("resources")
        row_ids = None if named is None else list_row_ids(session, dict.fromkeys(named))
        new_number = revert_release(session, audit, int(number), note=body["note"], row_ids=row_ids)
        return get_release(session, public_url, new_number), None

    return create_once(start_audit(person), make)
