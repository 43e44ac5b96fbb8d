"""A short notation for the types of JSON Schema, which is the same in both languages: ``Moment[] | null``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The keywords whose values are shown as they are.
_CONSTRAINTS = (
    "format", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypePart:
    """A part of a type: a text, or the name of a schema to link to."""

    text: str
    is_schema: bool = False


def write_type(schema: Mapping[str, Any]) -> tuple[TypePart, ...]:
    """Return the notation of a type. The names of schemas are separate parts."""
    if "$ref" in schema:
        return (TypePart(schema["$ref"].rpartition("/")[2], is_schema=True),)
    for keyword, separator in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if keyword in schema:
            return _join([write_type(option) for option in schema[keyword]], separator)
    if "const" in schema:
        return (TypePart(_write_value(schema["const"])),)
    if "enum" in schema:
        return (TypePart(" | ".join(_write_value(value) for value in schema["enum"])),)
    names = schema.get("type", "any")
    parts = [_write_named_type(name, schema) for name in ([names] if isinstance(names, str) else names)]
    return _join(parts, " | ")


def _write_named_type(name: str, schema: Mapping[str, Any]) -> tuple[TypePart, ...]:
    if name == "array":
        items = write_type(schema.get("items", {}))
        is_single = len(items) == 1 and " " not in items[0].text
        return (*items, TypePart("[]")) if is_single else (TypePart("("), *items, TypePart(")[]"))
    values = schema.get("additionalProperties")
    if name == "object" and isinstance(values, Mapping):
        return (TypePart("{[name]: "), *write_type(values), TypePart("}"))
    return (TypePart(name),)


def list_constraints(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the constraints of a type, each as ``keyword: value``."""
    return tuple(f"{keyword}: {_write_plain(schema[keyword])}" for keyword in _CONSTRAINTS if keyword in schema)


def _join(types: list[tuple[TypePart, ...]], separator: str) -> tuple[TypePart, ...]:
    parts: list[TypePart] = []
    for index, each in enumerate(types):
        parts += ([TypePart(separator)] if index else []) + list(each)
    return tuple(parts)


def _write_value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_plain(value: object) -> str:
    return value if isinstance(value, str) else _write_value(value)
