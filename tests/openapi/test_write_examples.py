"""Tests of the operations in openapi.yaml that require a token: their conditions, problems and examples."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from api.settings import ROOT
from tests.tools.openapi import list_operations, list_parameters, make_validator, read_document, resolve

GUARDED = [item for item in list_operations() if item[2].get("security") == [{"token": []}]]
every_guarded_operation = pytest.mark.parametrize(
    ("path", "method", "operation"), GUARDED, ids=[operation["operationId"] for _, _, operation in GUARDED]
)
PROBLEM = "application/problem+json"


def _media(operation: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (status, media_type, media)
        for status, response in operation["responses"].items()
        for media_type, media in resolve(response).get("content", {}).items()
    ]


def test_the_operations_that_require_a_token_include_every_method() -> None:
    assert {method for _, method, _ in GUARDED} == {"get", "put", "post", "patch", "delete"}
    assert len(GUARDED) >= 21


@every_guarded_operation
def test_operations_that_require_a_token_document_the_token(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["security"] == [{"token": []}]
    assert read_document()["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "WWW-Authenticate" in resolve(operation["responses"]["401"])["headers"]
    assert operation["responses"]["403"] == {"$ref": "#/components/responses/Forbidden"}


def test_public_operations_require_no_token_and_say_that_a_preview_does() -> None:
    for path, method, operation in list_operations():
        assert operation["security"] in ([], [{"token": []}]), path
        releases = [item for item in list_parameters(path, method) if item["name"] == "release"]
        previews = [item for item in releases if "anyOf" in item["schema"]]
        # A preview is rate-limited by its token, and an invalid token is a 401.
        assert ("401" in operation["responses"]) == (bool(operation["security"]) or bool(previews)), path
        for parameter in previews:
            assert "requires a token" in parameter["description"]
            assert {"type": "string", "const": "next"} in parameter["schema"]["anyOf"]


@every_guarded_operation
def test_conditional_headers_are_documented_together_with_their_error_statuses(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    headers = {p["name"]: p.get("required", False) for p in list_parameters(path, method) if p["in"] == "header"}
    statuses = set(operation["responses"])
    assert ("If-Match" in headers) == ("412" in statuses)
    assert headers.get("If-Match", False) == ("428" in statuses)
    assert ("Idempotency-Key" in headers) == ("422" in statuses)


@every_guarded_operation
def test_every_parameter_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    for parameter in list_parameters(path, method):
        assert len(parameter["description"]) > 10, parameter["name"]


def test_every_field_that_refers_to_no_schema_has_a_description() -> None:
    undescribed = [
        f"{name}.{field}"
        for name, schema in read_document()["components"]["schemas"].items()
        for field, member in schema.get("properties", {}).items()
        if "description" not in member
        and not ({"$ref", "anyOf", "allOf"} & (set(member) | set(member.get("items", ()))))
    ]
    assert undescribed == []


def _expected(path: str, method: str, operation: dict[str, Any]) -> set[str]:
    is_change = method in {"put", "patch"} or (path.startswith("/v1/units/") and method == "post")
    is_creation = method == "post" and not path.startswith("/v1/units/")
    expected = {
        "400",
        "401",
        "403",
        "406",
        "429",
        "503",
        "201" if is_creation else "204" if method == "delete" else "200",
    }
    expected |= {"413", "415"} if "requestBody" in operation else set()
    expected |= {"404"} if "{" in path or (path, method) == ("/v1/releases", "post") else set()
    if is_change or (path.startswith("/v1/resources/") and method == "delete"):
        expected |= {"409", "412", "428"}
    if is_creation and path != "/v1/tokens":
        expected |= {"422"}
    if is_creation and path.startswith("/v1/releases"):
        expected |= {"409", "412"} if path == "/v1/releases" else {"409"}
    return expected


@every_guarded_operation
def test_every_status_is_documented(path: str, method: str, operation: dict[str, Any]) -> None:
    assert set(operation["responses"]) == _expected(path, method, operation)


def test_every_route_that_requires_a_token_is_documented(shared_app: Flask) -> None:
    views = shared_app.view_functions
    expected = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in shared_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if hasattr(views[rule.endpoint], "roles")
    }
    assert {(path, method) for path, method, _ in GUARDED} == expected


@every_guarded_operation
def test_every_successful_response_has_an_example(path: str, method: str, operation: dict[str, Any]) -> None:
    successes = [media for status, _, media in _media(operation) if status in {"200", "201"}]
    assert len(successes) == (0 if method == "delete" else 1)
    for media in successes:
        assert media["examples"]


@every_guarded_operation
def test_every_problem_has_examples_in_both_languages(path: str, method: str, operation: dict[str, Any]) -> None:
    for status, media_type, media in _media(operation):
        if media_type != PROBLEM or status in {"410", "413", "429", "503"}:
            continue
        assert {"cy", "en"} <= set(media["examples"]), status
        for name in ("cy", "en"):
            problem = resolve(media["examples"][name])["value"]
            assert (problem["language"], str(problem["status"])) == (name, status)


@every_guarded_operation
def test_every_example_is_valid(path: str, method: str, operation: dict[str, Any]) -> None:
    bodies = operation.get("requestBody", {}).get("content", {})
    for location, media in [*((f"{s} {t}", m) for s, t, m in _media(operation)), *bodies.items()]:
        validator = make_validator(media["schema"])
        for name, example in media.get("examples", {}).items():
            value = resolve(example)["value"]
            assert [error.message for error in validator.iter_errors(value)] == [], (location, name)


@every_guarded_operation
def test_every_request_body_has_an_example(path: str, method: str, operation: dict[str, Any]) -> None:
    for media in operation.get("requestBody", {}).get("content", {}).values():
        assert media["examples"]


def test_the_document_contains_no_real_token() -> None:
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert "eih_0000000006_…" in text
    assert re.findall(r"eih_[0-9a-f]{10}_[A-Za-z0-9_-]+", text) == []
    assert set(re.findall(r"eih_[0-9a-f]{10}", text)) <= {*(f"eih_{n:010d}" for n in range(1, 7)), "eih_0123456789"}
