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


class ServiceBlueprint(Blueprint):
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

    def mark(view: View) -> View:
        view = blueprint.alt_response(
            200, schema=schema, description="The answer.", content_type=media_type, success=True
        )(view)
        if is_conditional:
            view = blueprint.alt_response(304, description=MEANINGS[304])(view)
        for status in sorted({*problems, *EVERYWHERE}):
            view = _problem(blueprint, status)(view)
        return blueprint.doc(summary=summary, operationId=operation)(view)  # type: ignore[no-any-return]

    return mark


def _problem(blueprint: Blueprint, status: int) -> Any:
    if status == HTTPStatus.PERMANENT_REDIRECT:
        return blueprint.alt_response(status, description=MEANINGS[status])
    return blueprint.alt_response(
        status, schema=ProblemSchema, description=MEANINGS[status], content_type="application/problem+json"
    )
