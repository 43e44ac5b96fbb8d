"""Tokens and the trail, for those who administer the service and do nothing else by that right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import DEFAULT_LIMIT, ROW, CursorFormat
from api.domain.errors import InvalidRequestError, InvalidTokenRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.roles import MAY_ADMINISTER, Person, Role
from api.http.auth import require_roles, start_audit
from api.http.authoring import list_fingerprint, page_url, private_response
from api.http.context import get_context
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.administration import AuditListSchema, NewTokenSchema, TokenListSchema
from api.schemas.body import NewTokenBody
from api.schemas.query import AuditQuery
from api.services.access.audit_log import list_audit
from api.services.access.tokens import create_token, get_token, list_tokens, parse_lifetime, revoke_token

administration = ServiceBlueprint("administration", __name__, description="Tokens and the trail. A token is needed.")

Arguments = Mapping[str, Any]


@administration.route("/tokens")
@require_roles(*MAY_ADMINISTER)
@document_operation(
    summary="List tokens, never their secrets",
    operation="list_tokens",
    schema=TokenListSchema,
    problems=(401, 403),
    headers=(),
)
def get_tokens(person: Person) -> Response:
    with get_context().database.reading() as session:
        items = list_tokens(session)
    return private_response({"items": items})


@administration.route("/tokens", methods=("POST",), endpoint="create_token")
@require_roles(*MAY_ADMINISTER)
@administration.arguments(NewTokenBody)
@document_operation(
    summary="Create a token: it is shown once",
    operation="create_token",
    schema=NewTokenSchema,
    problems=(401, 403, 413, 415),
    headers=(),
    success=201,
)
def post_token(person: Person, body: Arguments) -> Response:
    audit = start_audit(person)
    try:
        expires_at = parse_lifetime(body["expires"], audit.at) if "expires" in body else None
    except InvalidTokenRequestError as error:
        raise InvalidRequestError([Issue(error.code, pointer="/expires")]) from error
    if not body["roles"]:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/roles")])
    language = Language(body["language"]) if "language" in body else None
    roles = [Role(role) for role in body["roles"]]
    with get_context().database.writing() as session:
        made = create_token(session, audit, body["name"], roles, language=language, expires_at=expires_at)
        view = get_token(session, made.prefix)
    # No Idempotency-Key here: keeping the answer would keep the secret.
    return private_response(view | {"token": made.secret}, status=201)


@administration.route("/tokens/<prefix>", methods=("DELETE",))
@require_roles(*MAY_ADMINISTER)
@document_operation(
    summary="Revoke a token",
    operation="revoke_token",
    problems=(401, 403, 404),
    headers=(),
    success=204,
)
def delete_token(person: Person, prefix: str) -> Response:
    with get_context().database.writing() as session:
        revoke_token(session, start_audit(person), prefix)
    return Response(status=204, headers={"Cache-Control": "no-store"})


@administration.route("/audit")
@require_roles(*MAY_ADMINISTER, has_query=True)
@administration.arguments(AuditQuery, location="query")
@document_operation(
    summary="Read the trail, newest first",
    operation="list_audit",
    schema=AuditListSchema,
    problems=(401, 403),
    headers=(),
)
def get_audit(person: Person, arguments: Arguments) -> Response:
    cursors = CursorFormat(list_fingerprint("audit", arguments), (ROW,))
    after = arguments.get("after")
    before = cursors.decode(after)[0] if after else None
    with get_context().database.reading() as session:
        items, last = list_audit(
            session,
            subject=arguments.get("subject"),
            by=arguments["by"].casefold() if "by" in arguments else None,
            before=before,
            limit=arguments.get("limit", DEFAULT_LIMIT),
        )
    more = cursors.encode((last,)) if last is not None else None
    links = {
        "self": page_url("/audit", arguments, after),
        "next": page_url("/audit", arguments, more) if more else None,
    }
    return private_response({"items": items, "links": links})
