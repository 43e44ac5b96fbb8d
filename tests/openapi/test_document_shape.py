"""Tests of the shape of openapi.yaml that client generators depend on: names, components, required members, size."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from api.domain.kind import KINDS, Kind
from api.domain.language import Fallback, Language
from api.domain.state import MinState, Origin, State
from api.openapi.enumerations import UnnamedEnumerationError, share_enumerations
from api.openapi.shared_parameters import ParameterNameError, share_parameters
from api.settings import ROOT
from tests.tools.openapi import list_operations, list_parameters, read_document, resolve

OPERATIONS = list_operations()
every_operation = pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS]
)
SCHEMAS: dict[str, dict[str, Any]] = read_document()["components"]["schemas"]
VERBS = {
    "get": {"get", "list", "search"},
    "post": {"confirm", "create", "mark", "revert", "review"},
    "put": {"write"},
    "patch": {"change"},
    "delete": {"delete", "revoke"},
}
# Plural nouns, of which the name of a list has one at its end.
PLURALS = (
    "audit_entries", "categories", "changes", "collections", "ground_rules", "guide_entries", "moments", "prompts",
    "releases", "resources", "sections", "tokens", "units",
)  # fmt: skip


def _success(operation: dict[str, Any]) -> dict[str, Any]:
    status = next(status for status in operation["responses"] if status.startswith("2"))
    response: dict[str, Any] = operation["responses"][status]
    return response


def _walk(item: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every object in ``item`` with its place, but not those in examples."""
    if isinstance(item, dict):
        yield place, item
        for name, member in item.items():
            if name not in {"example", "examples"}:
                yield from _walk(member, f"{place}/{name}")
    elif isinstance(item, list):
        for index, member in enumerate(item):
            yield from _walk(member, f"{place}/{index}")


@every_operation
def test_operation_ids_begin_with_a_verb_and_lists_are_plural(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    name = operation["operationId"]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
    verb, _, noun = name.partition("_")
    assert verb in VERBS[method]
    schema = _success(operation).get("content", {}).get("application/json", {}).get("schema", {})
    is_list = "items" in resolve(schema).get("properties", {})
    assert is_list == (verb in {"list", "search"})
    assert noun.endswith(PLURALS) == (verb == "list")


@every_operation
def test_every_operation_has_a_description_and_declares_its_security(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert len(operation["description"]) > 30
    assert operation["description"].endswith(".")
    assert operation["description"] != operation["summary"]
    is_public = method == "get" and "403" not in operation["responses"]
    assert operation["security"] == ([] if is_public else [{"token": []}])


@every_operation
def test_parameters_headers_and_problems_are_components(path: str, method: str, operation: dict[str, Any]) -> None:
    item = read_document()["paths"][path]
    for parameter in (*item.get("parameters", ()), *operation.get("parameters", ())):
        assert set(parameter) == {"$ref"}
    for status, response in operation["responses"].items():
        is_own = status.startswith("2") or (path, status) == ("/readyz", "503")
        assert is_own == ("$ref" not in response), status
        for header in resolve(response).get("headers", {}).values():
            assert set(header) == {"$ref"}


def test_no_two_components_of_a_group_are_equal() -> None:
    for group, components in read_document()["components"].items():
        # Two schemas may have the same members today and grow apart later.
        if group not in {"examples", "schemas"}:
            counts = Counter(json.dumps(component, sort_keys=True) for component in components.values())
            assert [component for component, count in counts.items() if count > 1] == [], group


def test_the_enumerations_of_the_domain_are_schemas() -> None:
    expected = {"Language": Language, "Kind": KINDS, "Origin": Origin, "MinState": MinState, "Fallback": Fallback}
    for name, words in expected.items():
        assert SCHEMAS[name]["enum"] == [str(word) for word in words]
    assert SCHEMAS["State"]["enum"] == [State.TRANSLATED.value, State.REVIEWED.value, State.SOURCE.value]
    assert SCHEMAS["FallbackReason"]["enum"] == ["missing", "below_min_state"]
    reason = SCHEMAS["ServedLanguage"]["properties"]["reason"]
    assert reason["anyOf"] == [{"$ref": "#/components/schemas/FallbackReason"}, {"type": "null"}]


def test_every_enumeration_is_defined_once_as_a_component() -> None:
    places = [place for place, item in _walk(read_document()) if isinstance(item.get("enum"), list)]
    assert {place.rpartition("/")[0] for place in places} == {"/components/schemas"}
    words = Counter(frozenset(schema["enum"]) for schema in SCHEMAS.values() if "enum" in schema)
    assert max(words.values()) == 1


def test_no_schema_has_a_property_with_the_name_of_the_schema() -> None:
    # Generators name the class of an object without a schema after the schema and the property that contain it.
    names = {name.lower() for name in SCHEMAS}
    for name, schema in SCHEMAS.items():
        for member, value in schema.get("properties", {}).items():
            bare = member.replace("_", "").lower()
            assert bare != name.lower(), name
            is_inline = value.get("type") == "object"
            assert not (is_inline and f"{name.lower()}{bare}" in names), f"{name}.{member}"


def test_no_property_has_the_name_of_the_object_that_it_refers_to() -> None:
    for name, schema in SCHEMAS.items():
        for member, value in schema.get("properties", {}).items():
            for _, item in _walk(value):
                target = item.get("$ref", "").rpartition("/")[2]
                if target and "enum" not in SCHEMAS[target]:
                    assert target.lower() != member.replace("_", ""), f"{name}.{member}"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("prefix", ["", "Bilingual"])
def test_each_kind_has_a_schema_that_requires_every_member_and_has_a_constant_kind(kind: Kind, prefix: str) -> None:
    name = prefix + "".join(part.capitalize() for part in kind.name.split("-"))
    schema = SCHEMAS[name]
    assert set(schema["required"]) == set(schema["properties"])
    assert schema["properties"]["kind"]["const"] == kind.name
    page = SCHEMAS[f"{name}List"]
    assert page["properties"]["items"]["items"] == {"$ref": f"#/components/schemas/{name}"}
    stem = f"/v1/{'bilingual/' if prefix else ''}{kind.plural}"
    for path, expected in ((f"{stem}/{{slug}}", name), (stem, f"{name}List")):
        media = read_document()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        assert media["schema"] == {"$ref": f"#/components/schemas/{expected}"}


def test_the_description_of_fields_states_that_other_members_are_left_out() -> None:
    described = [
        p["description"] for p in read_document()["components"]["parameters"].values() if p["name"] == "fields"
    ]
    # One for each kind, and one for search results.
    assert len(described) == len(KINDS) + 1
    assert all("left out" in text and "repeated, or separated by commas" in text for text in described)


def test_every_schema_is_described() -> None:
    assert [name for name, schema in SCHEMAS.items() if len(schema.get("description", "")) < 10] == []


def test_the_content_of_a_change_has_one_schema_for_each_kind() -> None:
    content = SCHEMAS["FeedChange"]["properties"]["content"]
    assert content["anyOf"] == [{"$ref": "#/components/schemas/FeedContent"}, {"type": "null"}]
    union = SCHEMAS["FeedContent"]
    mapping = union["discriminator"]["mapping"]
    assert set(mapping) == set(KINDS)
    assert union["oneOf"] == [{"$ref": reference} for reference in mapping.values()]
    for kind, reference in mapping.items():
        schema = resolve({"$ref": reference})
        assert schema["properties"]["kind"]["const"] == kind
        assert set(schema["required"]) == set(schema["properties"])
        assert {"order", "languages", "translations"} <= set(schema["properties"])


def test_the_document_is_small() -> None:
    compact = json.dumps(read_document(), ensure_ascii=False, separators=(",", ":")).encode()
    assert len(compact) <= 450_000
    assert len((ROOT / "openapi.yaml").read_bytes()) <= 480_000


def test_an_enumeration_without_a_name_is_refused() -> None:
    document = {"paths": {}, "components": {"schemas": {"New": {"type": "string", "enum": ["one", "two"]}}}}
    with pytest.raises(UnnamedEnumerationError, match="one, two"):
        share_enumerations(document)


def test_two_parameters_with_one_name_are_refused() -> None:
    def limit(most: int) -> dict[str, Any]:
        return {"in": "query", "name": "limit", "required": False, "schema": {"type": "integer", "maximum": most}}

    document = {
        "paths": {"/a": {"get": {"parameters": [limit(1)]}}, "/b": {"get": {"parameters": [limit(2)]}}},
        "components": {},
    }
    with pytest.raises(ParameterNameError, match="Limit"):
        share_parameters(document)


def test_no_operation_lists_a_parameter_twice() -> None:
    for path, method, _ in OPERATIONS:
        names = [(parameter["in"], parameter["name"]) for parameter in list_parameters(path, method)]
        assert len(names) == len(set(names)), path
