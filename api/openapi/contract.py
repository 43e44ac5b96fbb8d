"""What a view promises, said once: its answer and every problem that it can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema

from api.domain.language import Language
from api.schemas.common import ProblemSchema
from api.schemas.parser import ArgumentsParser

View = Callable[..., Response]


def _header(description: str, *, is_required: bool = False) -> dict[str, Any]:
    required = {"required": True} if is_required else {}
    return {"description": description, **required, "schema": {"type": "string"}}


# What each status means here; the document names for each operation those that it can answer.
MEANINGS = {
    304: "Not modified: the caller has these bytes already.",
    308: "The slug is retired; the resource is at the address in `Location`.",
    400: "A parameter, or a member of the body, is unknown, repeated, or has a value that cannot be used.",
    404: "There is nothing at this address, in this release, or in this language.",
    406: "The Accept header takes nothing that this address gives.",
    401: "There is no token, or none that is valid.",
    403: "The token’s roles, or its language, do not allow this.",
    409: "This does not fit how things stand; ‘errors’ or ‘blockers’ say why.",
    410: "The resource was withdrawn, or taken out of every release; or the page is of a search in an older release.",
    412: "What is here has another ETag than `If-Match` names.",
    413: "The body is over the limit.",
    415: "The body is not JSON.",
    422: "The `Idempotency-Key` stands for another request already.",
    429: "There were too many requests; `Retry-After` says when to ask again.",
    428: "A change of what exists takes `If-Match`.",
    501: "The answer is not to be had in this format.",
    503: "The database is busy or out of reach.",
}
# Any address can answer these.
EVERYWHERE = (400, 406, 503)
# What a response tells beside its body. ``required`` is: wherever an operation names it.
HEADERS: dict[str, dict[str, Any]] = {
    "Cache-Control": _header("How long the answer may be kept, and by whom.", is_required=True),
    "Content-Language": _header("The language, or languages, really in the body.", is_required=True),
    "Content-Location": _header("The address that gives these bytes whatever the headers say."),
    "ETag": _header("A hash of the body, to send back as `If-None-Match`.", is_required=True),
    "ETag-Unless-Preview": _header("A hash of the body, to send back as `If-None-Match`. A preview has none."),
    "Idempotent-Replayed": _header("`true` where this is the answer that the same request got before."),
    "Link": _header("The links of the body, and the other language as `rel=alternate` (RFC 8288)."),
    "Location": _header("Where the resource is now.", is_required=True),
    "Retry-After": _header("After how many seconds to try again."),
    "Vary": _header("`Accept-Language` or `Authorization`, where that header could have decided something."),
    "WWW-Authenticate": _header("`Bearer`, and what is wrong with the token that came (RFC 6750).", is_required=True),
    "X-Request-Id": _header("What to quote when asking about the answer.", is_required=True),
}
# Request headers. The first two can never be wrong: what cannot be read is passed over.
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
        "description": "The languages that the reader prefers (RFC 9110, 12.5.4), where the address names none.",
        "schema": {"type": "string"},
        "example": "cy, en;q=0.5",
    },
    "If-None-Match": {
        "in": "header",
        "name": "If-None-Match",
        "description": "ETags that the caller has; one of them still fits: 304 (RFC 9110, 13.1.2).",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "in": "header",
        "name": "If-Match",
        "required": True,
        "description": "The ETag of what the caller read: what has changed since is not overwritten, but told (412).",
        "schema": {"type": "string"},
        "example": '"unit-27-3"',
    },
    "If-Match-Next": {
        "in": "header",
        "name": "If-Match",
        "description": "The ETag of `releases/next` as the publisher saw it: nothing else goes out (412).",
        "schema": {"type": "string"},
        "example": '"next-0123456789abcdef"',
    },
    "Idempotency-Key": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "The caller’s own name for this request: asked again within 24 hours, it is not done again, but "
        "answered as before.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[ -~]+$"},
        "example": "release-2026-01-01",
    },
}
# Places in addresses that no view describes for itself.
PLACES: dict[str, dict[str, Any]] = {
    "number": {"description": "The release’s number.", "example": 1},
    "prefix": {"description": "The beginning of the token.", "example": "eih_0123456789"},
    "resource": {"description": "The resource’s id.", "example": "moment.chain-reaction"},
    "unit": {"description": "The unit’s id.", "example": "moment.chain-reaction.body"},
}
SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of a person, made by `flask --app wsgi tokens create` or by an admin. Its roles say "
        "what it may do.",
    }
}
_ALWAYS = ("X-Request-Id", "Cache-Control")


class ServiceBlueprint(Blueprint):  # type: ignore[misc]  # it ships no types
    """A blueprint whose arguments are read, and whose mistakes are told, in our way."""

    ARGUMENTS_PARSER = ArgumentsParser()


def document_operation(  # noqa: PLR0913  # a contract has this many parts
    *,
    summary: str,
    operation: str,
    schema: type[Schema] | None = None,
    media_type: str = "application/json",
    problems: Iterable[int] = (),
    headers: tuple[str, ...] = ("ETag",),
    not_ready: type[Schema] | None = None,
    success: int = HTTPStatus.OK,
) -> Callable[[View], View]:
    """Document a view: its summary, its answer with its ``headers``, and its problems.

    ``schema`` is an object where none is given for JSON, and a text for any other media type. An answer with an ETag
    is conditional. ``not_ready`` is what a 503 carries where that is an answer and no problem.
    """
    shape: Any = schema or {"type": "object" if media_type == "application/json" else "string"}
    responses: dict[int, Any] = {int(success): _answer("The answer.", shape, media_type, headers)}
    if success == HTTPStatus.NO_CONTENT:
        responses[int(success)] = {"description": "Done.", "headers": _refer((*headers, *_ALWAYS))}
    # An answer from the working copy has an ETag for If-Match, and is never kept: there is nothing to compare.
    is_conditional = "ETag" in headers and 403 not in problems
    if is_conditional:
        kept = [name for name in headers if name != "Content-Language"]
        responses[304] = {"description": MEANINGS[304], "headers": _refer((*kept, *_ALWAYS))}
    # Refused tokens have a limit wherever one is asked for.
    limited = (429,) if HTTPStatus.UNAUTHORIZED in problems else ()
    statuses = {*problems, *EVERYWHERE, *limited, *((412,) if is_conditional else ())}
    responses |= {status: _problem(status) for status in sorted(statuses)}
    if not_ready is not None:
        responses[503] = _answer("It cannot answer.", not_ready, media_type, ())
    # One decorator for all: each of flask-smorest's own would be one more call at every request.
    return Blueprint.doc(summary=summary, operationId=operation, responses=responses)  # type: ignore[no-any-return]


def _answer(description: str, schema: Any, media_type: str, headers: Iterable[str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _refer((*headers, *_ALWAYS)),
        "content": {media_type: {"schema": schema}},
    }


def _problem(status: int) -> dict[str, Any]:
    if status == HTTPStatus.PERMANENT_REDIRECT:
        return {"description": MEANINGS[status], "headers": _refer(("Location", *_ALWAYS))}
    more = {
        HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
        HTTPStatus.TOO_MANY_REQUESTS: "Retry-After",
        HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
    }
    headers = ("Content-Language", "Vary", *([more[HTTPStatus(status)]] if status in more else ()))
    return _answer(MEANINGS[status], ProblemSchema, "application/problem+json", headers)


def _refer(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """References to the shared descriptions of these headers, in alphabetical order."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(set(names))}
