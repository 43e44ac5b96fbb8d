"""Holds answers against openapi.yaml: every answer that a test's client gets, in the whole suite.

The committed description is closed for this: a field that it does not name is a fault here, though a reader of the
service must expect one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from api.settings import ROOT

PROBLEM = "application/problem+json"
# Pages for people and the files that they need are no part of the description.
PAGES = ("/docs", "/problems", "/static/", "/embed")


class NotAsDescribedError(AssertionError):
    """An answer that openapi.yaml does not describe."""


@cache
def read_document() -> dict[str, Any]:
    """The description as it is committed."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), loader)
    return document


def list_operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation as its path, its method, and itself."""
    return [
        (path, method, item[method])
        for path, item in read_document()["paths"].items()
        for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace")
        if method in item
    ]


def resolve(item: Any) -> Any:
    """``item``, or what it refers to."""
    while isinstance(item, Mapping) and "$ref" in item:
        found: Any = read_document()
        for step in item["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        item = found
    return item


def list_parameters(path: str, method: str) -> list[dict[str, Any]]:
    """The parameters of an operation, those of its path first."""
    item = read_document()["paths"][path]
    return [resolve(each) for each in (*item.get("parameters", ()), *item[method].get("parameters", ()))]


@cache
def find_path(path: str) -> str | None:
    """The path of the description that ``path`` is an address of; one with fewer places to fill goes first."""
    for template in sorted(read_document()["paths"], key=lambda each: each.count("{")):
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            return str(template)
    return None


@cache
def _closed_schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = _close(read_document()["components"]["schemas"])
    return schemas


def _close(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_close(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name in {"example", "enum"} else _close(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


def make_validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """What holds a value against a schema of the description, closed."""
    whole = {"components": {"schemas": _closed_schemas()}, "allOf": [_close(dict(schema))]}
    return Draft202012Validator(whole, validate_formats=True)


@cache
def _validator_of(path: str, method: str, status: str, media_type: str) -> Draft202012Validator:
    content = read_document()["paths"][path][method]["responses"][status]["content"]
    return make_validator(content[media_type]["schema"])


@cache
def _problem_validator() -> Draft202012Validator:
    return make_validator({"$ref": "#/components/schemas/Problem"})


def hold(response: TestResponse) -> None:
    """Hold an answer against the description. Raises NotAsDescribedError with what does not fit."""
    request = response.request
    found = list(_find_faults(request.method, request.path, response))
    if found:
        said = "\n  ".join(found[:5])
        raise NotAsDescribedError(
            f"{request.method} {request.path}?{request.query_string.decode(errors='replace')} answered "
            f"{response.status_code}, not as openapi.yaml describes it:\n  {said}"
        )


def _find_faults(method: str, path: str, response: TestResponse) -> list[str]:
    template = find_path(path)
    if response.mimetype == PROBLEM and (template is None or response.status_code == 405):
        return [] if method == "HEAD" else _find_body_faults(_problem_validator(), response)
    if template is None:
        is_page = path.startswith(PAGES)
        return [] if is_page or method == "OPTIONS" else ["there is no such path, and this is no problem document"]
    if method == "OPTIONS":
        return [] if response.status_code == 204 and "Allow" in response.headers else ["OPTIONS is 204 with Allow"]
    operation = read_document()["paths"][template].get("get" if method == "HEAD" else method.lower())
    if operation is None:
        return ["this method is not described here, and this is no 405"]
    described = operation["responses"].get(str(response.status_code))
    if described is None:
        return ["this status is not described"]
    return _find_answer_faults(template, described, method, response)


def _find_answer_faults(template: str, described: Mapping[str, Any], method: str, response: TestResponse) -> list[str]:
    faults = [
        f"the header {name} is missing"
        for name, header in described.get("headers", {}).items()
        if resolve(header).get("required") and name not in response.headers
    ]
    content = described.get("content")
    if content is None:
        return faults + (["no content is described here"] if response.data else [])
    if response.mimetype not in content:
        return [*faults, f"content of the type {response.mimetype} is not described, only {', '.join(content)}"]
    if method == "HEAD":
        return faults + (["HEAD has no body"] if response.data else [])
    if response.mimetype.endswith("json"):
        verb = "get" if method == "HEAD" else method.lower()
        faults += _find_body_faults(
            _validator_of(template, verb, str(response.status_code), response.mimetype), response
        )
    return faults


def _find_body_faults(validator: Draft202012Validator, response: TestResponse) -> list[str]:
    found = validator.iter_errors(json.loads(response.data))
    return [f"/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in found]


class HeldClient(FlaskClient):
    """A client whose every answer is held against openapi.yaml."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        for each in (*response.history, response):
            hold(each)
        return response
