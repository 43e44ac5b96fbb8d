"""Resources as editors see them: the working copy of any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT, RANK, ROW, decode_cursor, encode_cursor
from api.domain.errors import Fault, RequestRefused
from api.domain.language import Language
from api.domain.roles import ANY_ROLE, MAY_EDIT_RESOURCES, Person
from api.http.auth import begin, guard
from api.http.authoring import answer, create_once, get_if_match, list_fingerprint, page_address
from api.http.context import get_service
from api.openapi.contract import ServiceBlueprint, promise
from api.schemas.authoring import WorkingResourceListSchema, WorkingResourceSchema
from api.schemas.body import ChangeResourceBody, NewResourceBody
from api.schemas.query import ResourceListQuery
from api.services.access.actors import Act
from api.services.authoring.create_resource import NewResource, create_resource
from api.services.authoring.edit_resource import ResourceChange, change_resource, delete_resource, open_resource
from api.services.authoring.resource_view import get_resource_view, list_resource_views

resources = ServiceBlueprint("resources", __name__, description="The working copy of resources. A token is needed.")

Arguments = Mapping[str, Any]


@resources.route("/resources")
@guard(*ANY_ROLE, has_query=True)
@resources.arguments(ResourceListQuery, location="query")
@promise(
    summary="List the working copies of resources",
    operation="list_resources",
    schema=WorkingResourceListSchema,
    problems=(401, 403),
    headers=(),
)
def get_resources(person: Person, arguments: Arguments) -> Response:
    fingerprint = list_fingerprint("resources", arguments)
    after = arguments.get("after")
    key = decode_cursor(after, fingerprint, (str, RANK, ROW)) if after else None
    limit = arguments.get("limit", DEFAULT_LIMIT)
    with get_service().database.reading() as session:
        items, last = list_resource_views(session, arguments.get("kind"), key, limit)
    more = encode_cursor(last, fingerprint) if last else None
    own = page_address("/resources", arguments, after)
    return answer(
        {"items": items, "links": {"self": own, "next": page_address("/resources", arguments, more) if more else None}}
    )


@resources.route("/resources", methods=("POST",), endpoint="create_resource")
@guard(*MAY_EDIT_RESOURCES)
@resources.arguments(NewResourceBody)
@promise(
    summary="Create a resource, in both languages or in one",
    operation="create_resource",
    schema=WorkingResourceSchema,
    problems=(401, 403, 413, 415, 422),
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

    def make(session: Session, act: Act) -> tuple[dict[str, Any], str]:
        return get_resource_view(session, create_resource(session, act, person, new))

    return create_once(person, begin(person), make)


@resources.route("/resources/<resource>")
@guard(*ANY_ROLE)
@promise(
    summary="Get the working copy of a resource",
    operation="get_resource",
    schema=WorkingResourceSchema,
    problems=(401, 403, 404),
    headers=(),
)
def get_resource(person: Person, resource: str) -> Response:
    with get_service().database.reading() as session:
        body, etag = get_resource_view(session, resource)
    return answer(body, etag=etag)


@resources.route("/resources/<resource>", methods=("PATCH",), endpoint="change_resource")
@guard(*MAY_EDIT_RESOURCES)
@resources.arguments(ChangeResourceBody)
@promise(
    summary="Move, number, name, complete or withdraw a resource",
    operation="change_resource",
    schema=WorkingResourceSchema,
    problems=(401, 403, 404, 409, 412, 413, 415, 428),
    headers=(),
)
def patch_resource(person: Person, body: Arguments, resource: str) -> Response:
    if "after" in body and "before" in body:
        raise RequestRefused([Fault("either-or", pointer="/before")])
    change = ResourceChange(
        frozenset(body),
        body.get("category"),
        body.get("number"),
        body.get("slugs", {}),
        body.get("after"),
        body.get("before"),
        body.get("withdrawn"),
        body.get("texts", {}),
    )
    act = begin(person)
    with get_service().database.writing() as session:
        row_id = open_resource(session, resource, get_if_match())
        change_resource(session, act, person, resource, row_id, change)
        view, etag = get_resource_view(session, resource)
    return answer(view, etag=etag)


@resources.route("/resources/<resource>", methods=("DELETE",), endpoint="delete_resource")
@guard(*MAY_EDIT_RESOURCES)
@promise(
    summary="Delete a resource that was never released",
    operation="delete_resource",
    problems=(401, 403, 404, 409, 412, 428),
    headers=(),
    success=204,
)
def remove_resource(person: Person, resource: str) -> Response:
    act = begin(person)
    with get_service().database.writing() as session:
        row_id = open_resource(session, resource, get_if_match())
        delete_resource(session, act, resource, row_id)
    return Response(status=204, headers={"Cache-Control": "no-store"})
