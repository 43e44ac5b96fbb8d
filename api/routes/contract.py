"""What a view promises, said once: its answer and every problem that it can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema

from api.schemas.common import ProblemSchema
from api.schemas.parser import ArgumentsParser

View = Callable[..., Response]

# What each status means here; the document names for each operation those that it can answer.
MEANINGS = {
    304: "Not modified: the caller has these bytes already.",
    308: "The slug is retired; the resource is at the address in `Location`.",
    400: "A parameter is unknown, repeated, or has a value that cannot be used.",
    404: "There is nothing at this address, in this release, or in this language.",
    406: "The Accept header takes nothing that this address gives.",
    410: "The resource was withdrawn, or taken out of every release.",
    503: "The database is busy or out of reach.",
}
# Any address can answer these.
EVERYWHERE = (400, 406, 503)


class ServiceBlueprint(Blueprint):  # type: ignore[misc]  # it ships no types
    """A blueprint whose arguments are read, and whose mistakes are told, in our way."""

    ARGUMENTS_PARSER = ArgumentsParser()


def promise(
    blueprint: Blueprint,
    *,
    summary: str,
    operation: str,
    schema: type[Schema] | None = None,
    media_type: str = "application/json",
    problems: Iterable[int] = (),
    is_conditional: bool = True,
) -> Callable[[View], View]:
    """Document a view: its summary, its answer, and its problems."""

    responses: dict[int, Any] = {200: _answer(schema, media_type)}
    if is_conditional:
        responses[304] = {"description": MEANINGS[304]}
    responses |= {status: _problem(status) for status in sorted({*problems, *EVERYWHERE})}
    # One decorator for all: each of flask-smorest's own would be one more call at every request.
    return blueprint.doc(summary=summary, operationId=operation, responses=responses)  # type: ignore[no-any-return]


def _answer(schema: type[Schema] | None, media_type: str) -> dict[str, Any]:
    return {"description": "The answer.", "content": {media_type: {"schema": schema} if schema else {}}}


def _problem(status: int) -> dict[str, Any]:
    if status == HTTPStatus.PERMANENT_REDIRECT:
        return {"description": MEANINGS[status]}
    return {
        "description": MEANINGS[status],
        "content": {"application/problem+json": {"schema": ProblemSchema}},
    }
