"""Units: the queue, one of them, and every act on a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.roles import ANY_ROLE, MAY_REVIEW, MAY_WRITE_SOURCE, MAY_WRITE_TARGET, Person, Role
from api.domain.state import Origin, State
from api.http.auth import require_roles, start_audit
from api.http.authoring import get_if_match, list_fingerprint, page_url, private_response
from api.http.context import get_context
from api.http.rate_limits import limit_as_search
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.authoring import HistorySchema, UnitListSchema, UnitSchema
from api.schemas.body import CommentBody, MinorBody, RevertBody, ReviewBody, SourceBody, TargetBody
from api.schemas.query import QueueQuery
from api.services.access.audit_log import AuditContext
from api.services.authoring.unit_actions import (
    confirm,
    deliver_source,
    deliver_target,
    mark_minor,
    open_unit,
    revert_text,
    review,
)
from api.services.authoring.unit_history import read_unit_history
from api.services.authoring.unit_queue import QueueFilters, count_units, list_units
from api.services.authoring.unit_view import get_unit_view
from api.services.authoring.units import NewText, UnitRecord

units = ServiceBlueprint("units", __name__, description="Texts, and the work on them. A token is needed.")

Arguments = Mapping[str, Any]
WRITE = (401, 403, 404, 409, 412, 413, 415, 428)


@units.route("/units")
@limit_as_search
@require_roles(*ANY_ROLE, has_query=True)
@units.arguments(QueueQuery, location="query")
@document_operation(
    summary="List units, those that need somebody most first",
    operation="list_units",
    schema=UnitListSchema,
    problems=(401, 403),
    headers=(),
)
def get_units(person: Person, arguments: Arguments) -> Response:
    filters = _to_filters(person, arguments)
    fingerprint = list_fingerprint("units", arguments)
    limit = arguments.get("limit", DEFAULT_LIMIT)
    with get_context().database.reading() as session:
        items, more = list_units(session, filters, limit, arguments.get("after"), fingerprint)
        counts = {"counts": count_units(session, filters)} if arguments.get("counts") else {}
    own = page_url("/units", arguments, arguments.get("after"))
    following = page_url("/units", arguments, more) if more else None
    return private_response({"items": items, **counts, "links": {"self": own, "next": following}})


def _to_filters(person: Person, arguments: Arguments) -> QueueFilters:
    by = arguments.get("by")
    return QueueFilters(
        state=arguments.get("state"),
        is_outdated=arguments.get("outdated"),
        is_returned=arguments.get("returned"),
        kind=arguments.get("kind"),
        collection=arguments.get("collection"),
        category=arguments.get("category"),
        target=arguments.get("target"),
        by=person.name if by == "me" else by.casefold() if by else None,
        q=arguments.get("q"),
    )


@units.route("/units/<unit>")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get a unit: both texts, and what changed in the source",
    operation="get_unit",
    schema=UnitSchema,
    problems=(401, 403, 404),
    headers=(),
)
def get_unit(person: Person, unit: str) -> Response:
    with get_context().database.reading() as session:
        body, etag = get_unit_view(session, unit)
    return private_response(body, etag=etag)


@units.route("/units/<unit>/history")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get every revision of a unit",
    operation="get_unit_history",
    schema=HistorySchema,
    problems=(401, 403, 404),
    headers=(),
)
def get_history(person: Person, unit: str) -> Response:
    with get_context().database.reading() as session:
        body = read_unit_history(session, unit)
    return private_response(body)


def _act(person: Person, name: str, do: Callable[[Session, AuditContext, UnitRecord], object]) -> Response:
    """Do one act on a unit that nobody has changed since the caller read it; answer with the unit as it is now."""
    audit = start_audit(person)
    with get_context().database.writing() as session:
        unit = open_unit(session, name, get_if_match())
        do(session, audit, unit)
        body, etag = get_unit_view(session, name)
    return private_response(body, etag=etag)


def _promise(summary: str, operation: str) -> Any:
    return document_operation(
        summary=summary, operation=operation, schema=UnitSchema, problems=WRITE, headers=("ETag",)
    )


@units.route("/units/<unit>/target", methods=("PUT",))
@require_roles(*MAY_WRITE_TARGET)
@units.arguments(TargetBody)
@_promise("Deliver a translation, or save a draft of one", "put_target")
def put_target(person: Person, body: Arguments, unit: str) -> Response:
    origin = Origin(body.get("origin", Origin.HUMAN))
    if origin is Origin.MACHINE and "tool" not in body:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/tool")])
    state = State(body.get("state", State.TRANSLATED))
    new = NewText(body["text"], origin, state, body.get("tool"), body.get("comment"))
    is_given = "origin" in body
    return _act(
        person,
        unit,
        lambda session, audit, row: deliver_target(session, audit, person, row, new, is_origin_given=is_given),
    )


@units.route("/units/<unit>/source", methods=("PUT",))
@require_roles(*MAY_WRITE_SOURCE)
@units.arguments(SourceBody)
@_promise("Change the source; a minor change leaves the translation current", "put_source")
def put_source(person: Person, body: Arguments, unit: str) -> Response:
    text, is_minor, comment = body["text"], body.get("minor", False), body.get("comment")
    return _act(
        person,
        unit,
        lambda session, audit, row: deliver_source(
            session, audit, person, row, text, is_minor=is_minor, comment=comment
        ),
    )


@units.route("/units/<unit>/minor", methods=("POST",))
@require_roles(*MAY_WRITE_SOURCE)
@units.arguments(MinorBody)
@_promise("Say of an earlier change of the source that it was minor, or was not", "post_minor")
def post_minor(person: Person, body: Arguments, unit: str) -> Response:
    if not body["comment"]:
        raise InvalidRequestError([Issue(IssueCode.EMPTY, pointer="/comment")])
    return _act(
        person,
        unit,
        lambda session, audit, row: mark_minor(
            session, audit, person, row, body["revision"], is_minor=body["minor"], comment=body["comment"]
        ),
    )


@units.route("/units/<unit>/confirm", methods=("POST",))
@require_roles(*MAY_WRITE_TARGET)
@units.arguments(CommentBody, required=False)
@_promise("Confirm that the translation is still right", "post_confirm")
def post_confirm(person: Person, body: Arguments, unit: str) -> Response:
    comment = body.get("comment")
    return _act(person, unit, lambda session, audit, row: confirm(session, audit, person, row, comment))


@units.route("/units/<unit>/review", methods=("POST",))
@require_roles(*MAY_REVIEW)
@units.arguments(ReviewBody)
@_promise("Approve a translation that somebody else wrote, or send it back", "post_review")
def post_review(person: Person, body: Arguments, unit: str) -> Response:
    if body["decision"] == "return" and not body.get("comment"):
        raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/comment")])
    return _act(
        person,
        unit,
        lambda session, audit, row: review(session, audit, person, row, body["decision"], body.get("comment")),
    )


def _roles_for_side(body: Arguments) -> frozenset[Role] | None:
    return {"source": MAY_WRITE_SOURCE, "target": MAY_WRITE_TARGET}.get(str(body.get("side")))


@units.route("/units/<unit>/revert", methods=("POST",))
@require_roles(*MAY_WRITE_TARGET, *MAY_WRITE_SOURCE, narrow=_roles_for_side)
@units.arguments(RevertBody)
@_promise("Go back to an earlier revision, as a new one", "post_revert")
def post_revert(person: Person, body: Arguments, unit: str) -> Response:
    return _act(
        person,
        unit,
        lambda session, audit, row: revert_text(session, audit, person, row, body["side"], body["revision"]),
    )
