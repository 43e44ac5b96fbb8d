"""The routes of administrators: tokens and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.language import Language
from api.domain.roles import MAY_ADMINISTER, Person, Role
from api.http.auth import require_roles, start_audit
from api.http.context import get_context
from api.http.private_responses import list_fingerprint, list_response, no_content_response, private_response
from api.openapi.contract import ServiceBlueprint, document_operation
from api.schemas.administration import AuditListSchema, NewTokenSchema, TokenListSchema
from api.schemas.authoring_query import AuditQuery
from api.schemas.body import NewTokenBody
from api.services.access.audit_log import list_audit
from api.services.access.tokens import create_token, get_token, list_tokens, parse_lifetime, revoke_token

administration = ServiceBlueprint("administration", __name__, description="Tokens and the audit log. Requires a token.")

Arguments = Mapping[str, Any]


@administration.route("/tokens")
@require_roles(*MAY_ADMINISTER)
@document_operation(
    summary="List tokens, without their secrets",
    description="Every token with its roles and its dates, newest first.",
    operation="list_tokens",
    schema=TokenListSchema,
    is_guarded=True,
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
    summary="Create a token, which is shown only once",
    description="The response has the secret, which cannot be read again. Only its hash is stored.",
    operation="create_token",
    schema=NewTokenSchema,
    problems=(413, 415),
    is_guarded=True,
    headers=(),
    success=201,
)
def post_token(person: Person, body: Arguments) -> Response:
    audit = start_audit(person)
    expires_at = parse_lifetime(body["expires"], audit.at) if "expires" in body else None
    language = Language(body["language"]) if "language" in body else None
    roles = [Role(role) for role in body["roles"]]
    with get_context().database.writing() as session:
        token = create_token(session, audit, body["name"], roles, language=language, expires_at=expires_at)
        view = get_token(session, token.prefix)
    # Idempotency-Key is not supported here: storing the response would store the secret.
    return private_response(view | {"token": token.secret}, status=201)


@administration.route("/tokens/<prefix>", methods=("DELETE",))
@require_roles(*MAY_ADMINISTER)
@document_operation(
    summary="Revoke a token",
    description="The token is refused from now on. It stays in the list.",
    operation="revoke_token",
    problems=(404,),
    is_guarded=True,
    headers=(),
    success=204,
)
def delete_token(person: Person, prefix: str) -> Response:
    with get_context().database.writing() as session:
        revoke_token(session, start_audit(person), prefix)
    return no_content_response()


@administration.route("/audit")
@require_roles(*MAY_ADMINISTER, has_query=True)
@administration.arguments(AuditQuery, location="query")
@document_operation(
    summary="Read the audit log, newest entries first",
    description="Who did what, and when. Entries are written in the same transaction as the change, and are never "
    "changed or deleted.",
    operation="list_audit_entries",
    schema=AuditListSchema,
    is_guarded=True,
    headers=("Link",),
)
def get_audit(person: Person, arguments: Arguments) -> Response:
    with get_context().database.reading() as session:
        items, cursors = list_audit(
            session,
            subject=arguments.get("subject"),
            by=arguments.get("by"),
            limit=arguments.get("limit", DEFAULT_LIMIT),
            after=arguments.get("after"),
            list_id=list_fingerprint("audit", arguments),
        )
    return list_response("/audit", {"items": items}, arguments, cursors)
