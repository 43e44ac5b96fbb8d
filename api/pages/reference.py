"""The content of the reference page: operations with parameters and bodies, headers and schemas."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.type_notation import TypePart


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a body; ``path`` is the path and query of its request."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, header or property. ``choices`` lists all its values if it is an enumeration."""

    name: str
    place: str
    is_required: bool
    type: tuple[TypePart, ...]
    description: str
    constraints: tuple[str, ...]
    choices: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request or response: its media type, schema and example."""

    media_type: str
    type: tuple[TypePart, ...]
    example: Example | None


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A response of an operation; ``headers`` pairs the name of each header with its component."""

    status: str
    description: str
    headers: tuple[tuple[str, str], ...]
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, with the command that sends its example request."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: tuple[Member, ...]
    body: Body | None
    responses: tuple[DocumentedResponse, ...]
    example_path: str
    command: str


@dataclass(frozen=True, slots=True)
class DocumentedSchema:
    """A schema: the members of an object, or the type of anything else."""

    name: str
    members: tuple[Member, ...]
    type: tuple[TypePart, ...]
