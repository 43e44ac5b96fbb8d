"""The notation of types on the reference page."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.type_notation import TypePart, list_constraints, write_type

MOMENT = {"$ref": "#/components/schemas/Moment"}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"type": "string", "const": "moment"}, '"moment"'),
        ({"enum": ["cy", "en"], "type": "string"}, '"cy" | "en"'),
        (MOMENT, "Moment"),
        ({"anyOf": [MOMENT, {"type": "null"}]}, "Moment | null"),
        ({"type": "array", "items": MOMENT}, "Moment[]"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "{[name]: string}"),
        ({"type": "object"}, "object"),
        ({}, "any"),
    ],
)
def test_types_are_written_as_in_typescript(schema: dict[str, Any], text: str) -> None:
    assert "".join(part.text for part in write_type(schema)) == text


def test_the_name_of_a_schema_is_a_separate_part() -> None:
    assert write_type({"type": "array", "items": MOMENT}) == (TypePart("Moment", is_schema=True), TypePart("[]"))


def test_constraints_are_named_by_their_keywords() -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert list_constraints(schema) == ("default: 20", "minimum: 1", "maximum: 100")
