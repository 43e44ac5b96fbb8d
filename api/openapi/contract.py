"""The decorator that documents a view: its summary, its success response and its problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema

from api.openapi.shared_responses import COMMON_HEADERS, refer_to_headers, refer_to_response
from api.schemas.parser import ArgumentsParser

View = Callable[..., Response]

# Every operation can answer with these problems.
_COMMON_PROBLEMS = (400, 406, 503)
# A temporary member of an operation: ``generate.py`` reads the names of shared parameters here, then removes the
# member.
SHARED_PARAMETERS = "x-shared-parameters"


class ServiceBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint with the service's own parser of arguments."""

    ARGUMENTS_PARSER = ArgumentsParser()


@dataclass(frozen=True, slots=True)
class _Semantics:
    """How an operation treats tokens, conditions and repeated requests."""

    is_guarded: bool
    is_previewable: bool
    is_conditional: bool
    is_idempotent: bool
    if_match: Literal["required", "optional"] | None

    def list_problems(self) -> set[int]:
        statuses = set(_COMMON_PROBLEMS)
        if self.is_guarded or self.is_previewable:
            # Attempts with invalid tokens are rate-limited.
            statuses |= {401, 429}
        if self.is_guarded:
            statuses.add(403)
        if self.is_conditional or self.if_match is not None:
            statuses.add(412)
        if self.if_match == "required":
            statuses.add(428)
        if self.is_idempotent:
            statuses.add(422)
        return statuses

    def list_parameters(self) -> list[str]:
        """List the keys of PARAMETERS that the operation reads."""
        names = ["Accept-Language"]
        if self.is_conditional:
            names.append("If-None-Match")
        if self.is_idempotent:
            names.append("Idempotency-Key")
        if self.if_match is not None:
            names.append("If-Match" if self.if_match == "required" else "If-Match-Next")
        if self.is_guarded:
            names.append("lang")
        return names

    def list_security(self) -> list[dict[str, Any]]:
        return [{"token": []}] if self.is_guarded else []


def document_operation(  # noqa: PLR0913  # a contract has this many parts
    *,
    summary: str,
    description: str,
    operation: str,
    schema: type[Schema] | None = None,
    media_type: str = "application/json",
    problems: Iterable[int] = (),
    headers: tuple[str, ...] = ("ETag",),
    not_ready: type[Schema] | None = None,
    success: int = HTTPStatus.OK,
    is_guarded: bool = False,
    is_previewable: bool = False,
    is_idempotent: bool = False,
    if_match: Literal["required", "optional"] | None = None,
) -> Callable[[View], View]:
    """Document a view: its summary, description, success response, headers and problems.

    If ``schema`` is None, a JSON response is described as an object, YAML as any value, and other types as a string.
    ``not_ready`` is the schema of a 503 that is a regular response, not a problem. An operation that sends an ETag
    supports conditional requests (304, 412). In a guarded operation, the ETag is for If-Match only, and the response is
    never stored.

    ``is_guarded`` requires a token with a role, ``is_previewable`` accepts a token for a preview, ``is_idempotent``
    accepts an Idempotency-Key, and ``if_match`` reads If-Match. ``problems`` adds the statuses that these arguments do
    not imply.
    """
    is_conditional = "ETag" in headers and not is_guarded
    semantics = _Semantics(is_guarded, is_previewable, is_conditional, is_idempotent, if_match)
    responses = {int(success): _success(success, schema, media_type, headers, semantics)}
    responses |= _other_responses(semantics, problems)
    if not_ready is not None:
        responses[503] = _response("The service is not ready.", not_ready, media_type, ())
    # One decorator for everything: each decorator of flask-smorest would add a call to every request.
    documentation = {
        "operationId": operation,
        "summary": summary,
        "description": description,
        "security": semantics.list_security(),
        "responses": responses,
        SHARED_PARAMETERS: semantics.list_parameters(),
    }
    return Blueprint.doc(**documentation)  # type: ignore[no-any-return]


def _success(
    status: int, schema: type[Schema] | None, media_type: str, headers: tuple[str, ...], semantics: _Semantics
) -> dict[str, Any]:
    if semantics.is_idempotent:
        headers = (*headers, "Idempotent-Replayed")
    if status == HTTPStatus.NO_CONTENT:
        return {"description": "Done.", "headers": refer_to_headers((*headers, *COMMON_HEADERS))}
    # Generated clients return YAML as a text, while other tools parse it: no type suits both.
    default: dict[str, str] = {
        "application/json": {"type": "object"},
        "application/yaml": {"description": "A YAML document."},
    }.get(media_type, {"type": "string"})
    response = _response("Success.", schema or default, media_type, headers)
    if semantics.is_previewable:
        response["headers"]["ETag"] = {"$ref": "#/components/headers/ETag-Unless-Preview"}
    return response


def _other_responses(semantics: _Semantics, problems: Iterable[int]) -> dict[int, dict[str, Any]]:
    not_modified = {304} if semantics.is_conditional else set()
    return {
        status: refer_to_response(status) for status in sorted({*not_modified, *problems, *semantics.list_problems()})
    }


def _response(description: str, schema: Any, media_type: str, headers: Iterable[str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": refer_to_headers((*headers, *COMMON_HEADERS)),
        "content": {media_type: {"schema": schema}},
    }
