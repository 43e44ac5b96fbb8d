"""Descriptions that many operations share: statuses, headers, parameters and the security scheme."""

from __future__ import annotations

from typing import Any

from api.domain.language import Language


def _header(description: str, *, is_required: bool = False) -> dict[str, Any]:
    required = {"required": True} if is_required else {}
    return {"description": description, **required, "schema": {"type": "string"}}


# The descriptions of statuses, the same for every operation.
STATUS_DESCRIPTIONS = {
    304: "Not modified: the client has the current body already.",
    308: "The slug is retired; `Location` is the resource’s current URL.",
    400: "A parameter, or a member of the body, is unknown, repeated or invalid.",
    404: "There is nothing at this URL, in this release, or in this language.",
    406: "The `Accept` header does not allow any format that this URL offers.",
    401: "The token is missing or not valid.",
    403: "The token’s roles, or its language, do not allow this.",
    409: "The action does not fit the current state; `errors` or `blockers` give the reasons.",
    410: "The resource was withdrawn or suppressed, or the page belongs to a search of an older release.",
    412: "The current ETag is not the one in `If-Match`.",
    413: "The body is over the limit.",
    415: "The body is not JSON.",
    422: "The `Idempotency-Key` has been used for a different request.",
    429: "Too many requests; `Retry-After` gives the number of seconds to wait.",
    428: "A change to something that exists requires `If-Match`.",
    501: "This format is not available.",
    503: "The database is busy or unreachable.",
}
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
    "Vary": _header("`Accept-Language` or `Authorization`, if the response depends on that header."),
    "WWW-Authenticate": _header("`Bearer`, and the error if a token was sent (RFC 6750).", is_required=True),
    "X-Request-Id": _header("The request’s id, to quote in a question about this response.", is_required=True),
}
# Query parameters and request headers. `Accept-Language` and `If-None-Match` are ignored if they cannot be parsed.
PARAMETERS: dict[str, dict[str, Any]] = {
    "lang": {
        "in": "query",
        "name": "lang",
        "description": "The language of notices and problems.",
        "schema": {"type": "string", "enum": list(Language)},
        "example": "cy",
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
        "schema": {"type": "string"},
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
    "number": {"description": "The release’s number.", "example": 1},
    "prefix": {"description": "The token’s prefix.", "example": "eih_0123456789"},
    "resource": {"description": "The resource’s id.", "example": "moment.chain-reaction"},
    "unit": {"description": "The unit’s id.", "example": "moment.chain-reaction.body"},
}
SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal token, created with `flask --app wsgi tokens create` or by an administrator. Its "
        "roles decide what it may do.",
    }
}
