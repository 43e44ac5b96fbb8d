"""Descriptions that many operations share: headers, parameters and the security scheme."""

from __future__ import annotations

from typing import Any

from api.domain.language import Language
from api.services.publishing.snapshot import MAX_RELEASE


def _header(description: str, *, is_required: bool = False) -> dict[str, Any]:
    required = {"required": True} if is_required else {}
    return {"description": description, **required, "schema": {"type": "string"}}


# Response headers. An operation that lists a required header always sends it.
HEADERS: dict[str, dict[str, Any]] = {
    "Cache-Control": _header("How long, and by which caches, the response may be stored.", is_required=True),
    "Content-Language": _header("The language or languages of the body.", is_required=True),
    "Content-Location": _header("The URL that returns this body whatever the request headers are."),
    "ETag": _header("A hash of the body, to send back as `If-None-Match`.", is_required=True),
    "ETag-Unless-Preview": _header("A hash of the body, to send back as `If-None-Match`. A preview has none."),
    "Idempotent-Replayed": _header("`true` if this is the stored response to an earlier, identical request."),
    "Link": _header("The links of the body, and the other language as `rel=alternate` (RFC 8288)."),
    "Location": _header("The resource’s current URL.", is_required=True),
    "Retry-After": _header("The number of seconds to wait before the next attempt."),
    "Vary": _header("`Accept-Language`, `Accept-Encoding` or `Authorization`, if the response depends on them."),
    "WWW-Authenticate": _header("`Bearer`, and the error if a token was sent (RFC 6750).", is_required=True),
    "X-Request-Id": _header("The request’s id, to quote in a question about this response.", is_required=True),
}
# Query parameters and request headers. `Accept-Language` and `If-None-Match` are ignored if they cannot be parsed.
PARAMETERS: dict[str, dict[str, Any]] = {
    "lang": {
        "in": "query",
        "name": "lang",
        "description": "The language of notices and problems.",
        "schema": {"type": "string", "enum": list(Language), "x-component": "NoticeLang"},
    },
    "Accept-Language": {
        "in": "header",
        "name": "Accept-Language",
        "description": "The reader’s preferred languages (RFC 9110, 12.5.4), used if the URL does not name one.",
        "schema": {"type": "string"},
        "example": "cy, en;q=0.5",
    },
    "If-None-Match": {
        "in": "header",
        "name": "If-None-Match",
        "description": "ETags of stored responses. If one of them is current, the response is 304 (RFC 9110, 13.1.2).",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "in": "header",
        "name": "If-Match",
        "required": True,
        "description": "The ETag that the client read. If it is no longer current, nothing is changed and the response "
        "is 412.",
        "schema": {"type": "string"},
        "example": '"unit-27-3"',
    },
    "If-Match-Next": {
        "in": "header",
        "name": "If-Match",
        "description": "The ETag of `releases/next` that the publisher read. If it is no longer current, nothing is "
        "published and the response is 412.",
        "schema": {"type": "string", "x-component": "IfMatchNext"},
        "example": '"next-0123456789abcdef"',
    },
    "Idempotency-Key": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "The client’s own key for this request. Within 24 hours, the same request with the same key "
        "is not executed again: it returns the first response.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[ -~]+$"},
        "example": "release-2026-01-01",
    },
}
# Path parameters that routes do not describe themselves.
PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "number": {
        "description": "The release’s number.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_RELEASE, "x-component": "ReleaseNumber"},
        "example": 1,
    },
    "prefix": {"description": "The token’s prefix.", "example": "eih_0123456789"},
    "resource": {"description": "The resource’s id.", "example": "moment.chain-reaction"},
    "unit": {"description": "The unit’s id.", "example": "moment.chain-reaction.body"},
}
SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal token, created with `.venv/bin/flask tokens create` or by an administrator. Its "
        "roles decide what it may do.",
    }
}
