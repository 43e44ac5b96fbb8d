"""Conversion between issues and marshmallow's error messages."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from api.domain.errors import Issue
from api.domain.issue_code import IssueCode


def refuse(code: IssueCode, **data: object) -> ValidationError:
    """Return a validation error with one issue."""
    return ValidationError([{"code": code, "data": data}])


def member_messages(json_type: str) -> dict[str, Any]:
    """Return the error messages for a body member that must have this JSON type."""
    return {"required": IssueCode.REQUIRED, "null": IssueCode.NOT_NULL, "invalid": wrong_type(json_type)}


def wrong_type(json_type: str) -> dict[str, Any]:
    """Return the message for a value that is not of this JSON type."""
    return {"code": IssueCode.WRONG_TYPE, "data": {"wanted": json_type}}


def query_issues(messages: Any) -> list[Issue]:
    """Return marshmallow's messages about a query string as issues, in the order of the parameters."""
    return [
        Issue(code, parameter=parameter, data=data)
        for parameter, inner in messages.items()
        for code, data in map(_read, inner)
    ]


def body_issues(messages: Any, pointer: str = "") -> list[Issue]:
    """Return marshmallow's messages about a body as issues, each with a JSON pointer (RFC 6901)."""
    if isinstance(messages, list):
        return [issue for message in messages for issue in body_issues(message, pointer)]
    if isinstance(messages, dict) and set(messages) != {"code", "data"}:
        return [issue for name, inner in messages.items() for issue in body_issues(inner, _step(pointer, name))]
    code, data = _read(messages)
    return [Issue(code, pointer=pointer, data=data)]


def _read(message: Any) -> tuple[IssueCode, dict[str, object]]:
    if isinstance(message, dict):
        return message["code"], message["data"]
    # marshmallow returns a code that has no data as a plain string.
    return IssueCode(message), {}


def _step(pointer: str, name: object) -> str:
    """Extend a pointer by a member name or an array index. Keys that marshmallow adds are left out."""
    # For an error in a map, marshmallow adds the name of the invalid part: "key" or "value". ``texts`` is the only map.
    is_of_a_map = name in {"key", "value"} and pointer.startswith("/texts/") and pointer.count("/") == 2
    if name == "_schema" or is_of_a_map:
        return pointer
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
