"""The routes of units: the queue, one unit, its history, and every action on its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from api.domain.actions import Decision, Side
from api.domain.cursor import DEFAULT_LIMIT
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.roles import ANY_ROLE, MAY_REVIEW, MAY_WRITE_SOURCE, MAY_WRITE_TARGET, Person, Role
from api.domain.state import Origin, State
from api.http.auth import require_roles, start_audit
from api.http.context import get_context
from api.http.private_responses import list_fingerprint, list_response, private_response
from api.http.rate_limits import limit_as_search
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.authoring import HistorySchema, UnitListSchema, UnitSchema
from api.schemas.authoring_query import QueueQuery
from api.schemas.body import CommentBody, MinorBody, RevertBody, ReviewBody, SourceBody, TargetBody
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
from api.services.authoring.unit_view import get_unit_view, read_unit
from api.services.authoring.units import NewText, UnitRecord

unit_routes = ServiceBlueprint(
    "units", __name__, description="The texts of resources and the work on them. Requires a token."
)

Arguments = Mapping[str, Any]
WRITE_PROBLEMS = (404, 409, 413, 415)


@unit_routes.route("/units")
@limit_as_search
@require_roles(*ANY_ROLE, has_query=True)
@unit_routes.arguments(QueueQuery, location="query")
@document_operation(
    summary="List units by urgency",
    description="The translators’ queue: the units that need attention most come first. Filters narrow it; "
    "`counts=true` adds the number of units in each state.",
    operation="list_units",
    schema=UnitListSchema,
    is_guarded=True,
    headers=("Link",),
)
def get_units(person: Person, arguments: Arguments) -> Response:
    filters = _to_filters(person, arguments)
    list_id = list_fingerprint("units", arguments)
    limit = arguments.get("limit", DEFAULT_LIMIT)
    with get_context().database.reading() as session:
        items, cursors = list_units(session, filters, limit, arguments.get("after"), list_id)
        counts = {"counts": count_units(session, filters)} if arguments.get("counts") else {}
    return list_response("/units", {"items": items, **counts}, arguments, cursors)


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
        by=person.name if by == "me" else by,
        q=arguments.get("q"),
    )


@unit_routes.route("/units/<unit>")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get a unit with both texts and the changes to its source",
    description="Both texts of a unit, the state of the translation, and the changes to the source since the "
    "translation was made, word by word. The `ETag` is needed to change the unit.",
    operation="get_unit",
    schema=UnitSchema,
    problems=(404,),
    is_guarded=True,
    headers=(),
)
def get_one_unit(person: Person, unit: str) -> Response:
    with get_context().database.reading() as session:
        body, etag = read_unit(session, unit)
    return private_response(body, etag=etag)


@unit_routes.route("/units/<unit>/history")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get the history of a unit",
    description="Every revision of both texts, oldest first, with its author, the reviews and the comments.",
    operation="get_unit_history",
    schema=HistorySchema,
    problems=(404,),
    is_guarded=True,
    headers=(),
)
def get_history(person: Person, unit: str) -> Response:
    with get_context().database.reading() as session:
        body = read_unit_history(session, unit)
    return private_response(body)


def _write(person: Person, name: str, action: Callable[[Session, AuditContext, UnitRecord], object]) -> Response:
    """Run an action on the named unit if ``If-Match`` allows the action, and return the changed unit."""
    audit = start_audit(person)
    with get_context().database.writing() as session:
        unit = open_unit(session, name, request.headers.get("If-Match"))
        action(session, audit, unit)
        body, etag = get_unit_view(session, unit.id)
    return private_response(body, etag=etag)


def _document_write(summary: str, operation: str, description: str) -> Any:
    return document_operation(
        summary=summary,
        description=description,
        operation=operation,
        schema=UnitSchema,
        problems=WRITE_PROBLEMS,
        is_guarded=True,
        if_match="required",
    )


@unit_routes.route("/units/<unit>/target", methods=("PUT",))
@require_roles(*MAY_WRITE_TARGET)
@unit_routes.arguments(TargetBody)
@_document_write(
    "Deliver a translation, or save a draft",
    "write_target",
    "Stores a new revision of the translation, based on the current source. With `state: initial` it is a "
    "draft, which is never released.",
)
def put_target(person: Person, body: Arguments, unit: str) -> Response:
    new = NewText(
        text=body["text"],
        origin=Origin(body.get("origin", Origin.HUMAN)),
        state=State(body.get("state", State.TRANSLATED)),
        tool=body.get("tool"),
        comment=body.get("comment"),
    )
    return _write(person, unit, partial(deliver_target, new=new, is_origin_given="origin" in body))


@unit_routes.route("/units/<unit>/source", methods=("PUT",))
@require_roles(*MAY_WRITE_SOURCE)
@unit_routes.arguments(SourceBody)
@_document_write(
    "Change the source; a minor change does not outdate the translation",
    "write_source",
    "Stores a new revision of the source. The translation becomes outdated, unless the change is `minor`.",
)
def put_source(person: Person, body: Arguments, unit: str) -> Response:
    is_minor, comment = body.get("minor", False), body.get("comment")
    return _write(person, unit, partial(deliver_source, text=body["text"], is_minor=is_minor, comment=comment))


@unit_routes.route("/units/<unit>/minor", methods=("POST",))
@require_roles(*MAY_WRITE_SOURCE)
@unit_routes.arguments(MinorBody)
@_document_write(
    "Mark an earlier change of the source as minor, or as not minor",
    "mark_source_revision",
    "Decides whether an earlier revision of the source changed the meaning. The translation is outdated or "
    "current accordingly.",
)
def post_minor(person: Person, body: Arguments, unit: str) -> Response:
    if not body["comment"]:
        raise InvalidRequestError([Issue(IssueCode.EMPTY, pointer="/comment")])
    correction = partial(mark_minor, number=body["revision"], is_minor=body["minor"], comment=body["comment"])
    return _write(person, unit, correction)


@unit_routes.route("/units/<unit>/confirm", methods=("POST",))
@require_roles(*MAY_WRITE_TARGET)
@unit_routes.arguments(CommentBody, required=False)
@_document_write(
    "Confirm that the translation is still right",
    "confirm_target",
    "Bases the translation on the source as it is now, without changing the text.",
)
def post_confirm(person: Person, body: Arguments, unit: str) -> Response:
    return _write(person, unit, partial(confirm, comment=body.get("comment")))


@unit_routes.route("/units/<unit>/review", methods=("POST",))
@require_roles(*MAY_REVIEW)
@unit_routes.arguments(ReviewBody)
@_document_write(
    "Approve a translation that another person wrote, or return it",
    "review_target",
    "`approve` makes the translation `reviewed`. `return` keeps the text and blocks its release until there is"
    " a new revision. Nobody may approve words that they wrote.",
)
def post_review(person: Person, body: Arguments, unit: str) -> Response:
    decision, comment = Decision(body["decision"]), body.get("comment")
    if decision is Decision.RETURN and not comment:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/comment")])
    return _write(person, unit, partial(review, decision=decision, comment=comment))


def _roles_for_side(body: Arguments) -> frozenset[Role] | None:
    roles = {Side.SOURCE.value: MAY_WRITE_SOURCE, Side.TARGET.value: MAY_WRITE_TARGET}
    return roles.get(str(body.get("side")))


@unit_routes.route("/units/<unit>/revert", methods=("POST",))
@require_roles(*MAY_WRITE_TARGET, *MAY_WRITE_SOURCE, roles_for_body=_roles_for_side)
@unit_routes.arguments(RevertBody)
@_document_write(
    "Revert to an earlier revision, as a new one",
    "revert_text",
    "Stores an earlier revision of the source or the target again, as a new revision.",
)
def post_text_revert(person: Person, body: Arguments, unit: str) -> Response:
    return _write(person, unit, partial(revert_text, side=Side(body["side"]), number=body["revision"]))
