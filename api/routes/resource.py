"""The routes of resources as editors see them: the working copy of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.roles import ANY_ROLE, MAY_EDIT_RESOURCES, Person
from api.http.auth import require_roles, start_audit
from api.http.context import get_context
from api.http.idempotent_creation import create_once
from api.http.private_responses import list_fingerprint, list_response, no_content_response, private_response
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.authoring import WorkingResourceListSchema, WorkingResourceSchema
from api.schemas.authoring_query import ResourceListQuery
from api.schemas.body import ChangeResourceBody, NewResourceBody
from api.services.access.audit_log import AuditContext
from api.services.authoring.create_resource import NewResource, create_resource
from api.services.authoring.edit_resource import ResourceChange, change_resource, delete_resource, open_resource
from api.services.authoring.resource_view import get_resource_view, list_resource_views

resources = ServiceBlueprint("resources", __name__, description="The working copy of resources. Requires a token.")

Arguments = Mapping[str, Any]


@resources.route("/resources")
@require_roles(*ANY_ROLE, has_query=True)
@resources.arguments(ResourceListQuery, location="query")
@document_operation(
    summary="List the resources of the working copy",
    description="Every resource, released or not, by kind and position.",
    operation="list_resources",
    schema=WorkingResourceListSchema,
    is_guarded=True,
    headers=("Link",),
)
def get_resources(person: Person, arguments: Arguments) -> Response:
    limit, list_id = arguments.get("limit", DEFAULT_LIMIT), list_fingerprint("resources", arguments)
    with get_context().database.reading() as session:
        items, cursors = list_resource_views(session, arguments.get("kind"), limit, arguments.get("after"), list_id)
    return list_response("/resources", {"items": items}, arguments, cursors)


@resources.route("/resources", methods=("POST",), endpoint="create_resource")
@require_roles(*MAY_EDIT_RESOURCES)
@resources.arguments(NewResourceBody)
@document_operation(
    summary="Create a resource, in one language or in both",
    description="The resource becomes public with a release. Its id is made from its title, or from `key`, and never "
    "changes.",
    operation="create_resource",
    schema=WorkingResourceSchema,
    problems=(413, 415),
    is_guarded=True,
    is_idempotent=True,
    headers=(),
    success=201,
)
def post_resource(person: Person, body: Arguments) -> Response:
    new = NewResource(
        kind=body["kind"],
        source_language=Language(body["source_language"]),
        texts=body["texts"],
        key=body.get("key"),
        collection=body.get("collection"),
        category=body.get("category"),
        number=body.get("number"),
        facet=body.get("stage") or body.get("part"),
        slugs=body.get("slugs", {}),
    )

    def create(session: Session, audit: AuditContext) -> tuple[dict[str, Any], str]:
        return get_resource_view(session, create_resource(session, audit, new))

    return create_once(start_audit(person), create)


@resources.route("/resources/<resource>")
@require_roles(*ANY_ROLE)
@document_operation(
    summary="Get a resource of the working copy",
    description="The facts, the slugs and the ids of the units. The `ETag` is needed to change the resource.",
    operation="get_resource",
    schema=WorkingResourceSchema,
    problems=(404,),
    is_guarded=True,
    headers=(),
)
def get_resource(person: Person, resource: str) -> Response:
    with get_context().database.reading() as session:
        body, etag = get_resource_view(session, resource)
    return private_response(body, etag=etag)


@resources.route("/resources/<resource>", methods=("PATCH",), endpoint="change_resource")
@require_roles(*MAY_EDIT_RESOURCES)
@resources.arguments(ChangeResourceBody)
@document_operation(
    summary="Change, move or withdraw a resource",
    description="Changes only the members that are sent. The change becomes public with the next release.",
    operation="change_resource",
    schema=WorkingResourceSchema,
    problems=(404, 409, 413, 415),
    is_guarded=True,
    if_match="required",
    headers=(),
)
def patch_resource(person: Person, body: Arguments, resource: str) -> Response:
    if "after" in body and "before" in body:
        raise InvalidRequestError([Issue(IssueCode.EITHER_OR, pointer="/before")])
    change = ResourceChange(
        members=frozenset(body),
        category=body.get("category"),
        number=body.get("number"),
        slugs=body.get("slugs", {}),
        after=body.get("after"),
        before=body.get("before"),
        is_withdrawn=body.get("withdrawn"),
        texts=body.get("texts", {}),
    )
    audit = start_audit(person)
    with get_context().database.writing() as session:
        row_id = open_resource(session, resource, request.headers.get("If-Match"))
        change_resource(session, audit, resource, row_id, change)
        view, etag = get_resource_view(session, resource)
    return private_response(view, etag=etag)


@resources.route("/resources/<resource>", methods=("DELETE",), endpoint="delete_resource")
@require_roles(*MAY_EDIT_RESOURCES)
@document_operation(
    summary="Delete a resource that was never released",
    description="A resource that was released cannot be deleted; it can be withdrawn.",
    operation="delete_resource",
    problems=(404, 409),
    is_guarded=True,
    if_match="required",
    headers=(),
    success=204,
)
def remove_resource(person: Person, resource: str) -> Response:
    audit = start_audit(person)
    with get_context().database.writing() as session:
        row_id = open_resource(session, resource, request.headers.get("If-Match"))
        delete_resource(session, audit, resource, row_id)
    return no_content_response()
