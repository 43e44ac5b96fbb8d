"""The responses of the API document that are the same for every operation, each a component with a name."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

# By status: the name of the component, and its description.
_RESPONSES: dict[int, tuple[str, str]] = {
    304: ("NotModified", "Not modified: the client has the current body already."),
    308: ("PermanentRedirect", "The slug is retired; `Location` is the resource’s current URL."),
    400: ("BadRequest", "A parameter, or a member of the body, is unknown, repeated or invalid."),
    401: ("Unauthorized", "The token is missing or not valid."),
    403: ("Forbidden", "The token’s roles, or its language, do not allow this."),
    404: ("NotFound", "There is nothing at this URL, in this release, or in this language."),
    406: ("NotAcceptable", "The `Accept` header does not allow any format that this URL offers."),
    409: ("Conflict", "The action does not fit the current state; `errors` or `blockers` give the reasons."),
    410: ("Gone", "The resource was withdrawn or suppressed, or the page belongs to a search of an older release."),
    412: ("PreconditionFailed", "The current ETag is not the one in `If-Match`."),
    413: ("ContentTooLarge", "The body is over the limit."),
    415: ("UnsupportedMediaType", "The body is not JSON."),
    422: ("UnprocessableContent", "The `Idempotency-Key` has been used for a different request."),
    428: ("PreconditionRequired", "A change to something that exists requires `If-Match`."),
    429: ("TooManyRequests", "Too many requests; `Retry-After` gives the number of seconds to wait."),
    501: ("NotImplemented", "This format is not available."),
    503: ("ServiceUnavailable", "The database is busy or unreachable."),
}
COMMON_HEADERS = ("X-Request-Id", "Cache-Control")
# The headers that a 304 repeats if the 200 would have sent them (RFC 9110, 15.4.5).
_NOT_MODIFIED_HEADERS = ("ETag", "Content-Location", "Link", "Vary")
_PROBLEM_HEADERS = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
    HTTPStatus.TOO_MANY_REQUESTS: "Retry-After",
    HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
}


def response_name(status: int) -> str:
    """Return the name of the shared response with this status."""
    return _RESPONSES[status][0]


def refer_to_response(status: int) -> dict[str, str]:
    """Return a reference to the shared response with this status."""
    return {"$ref": f"#/components/responses/{response_name(status)}"}


def refer_to_headers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return references to the shared headers with these names, in alphabetical order."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(set(names))}


def list_responses() -> dict[str, dict[str, Any]]:
    """Return the shared responses by the names of their components."""
    return {name: _describe(status, description) for status, (name, description) in _RESPONSES.items()}


def _describe(status: int, description: str) -> dict[str, Any]:
    if status == HTTPStatus.NOT_MODIFIED:
        return {"description": description, "headers": refer_to_headers((*_NOT_MODIFIED_HEADERS, *COMMON_HEADERS))}
    if status == HTTPStatus.PERMANENT_REDIRECT:
        return {"description": description, "headers": refer_to_headers(("Location", *COMMON_HEADERS))}
    own = [_PROBLEM_HEADERS[HTTPStatus(status)]] if status in _PROBLEM_HEADERS else []
    return {
        "description": description,
        "headers": refer_to_headers(("Content-Language", "Vary", *own, *COMMON_HEADERS)),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
