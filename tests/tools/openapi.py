"""A test client that compares every response with openapi.yaml.

The client treats the schemas as closed: a field that is not in the document is an error in tests. Real clients must
accept unknown fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import yaml
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from api.settings import ROOT

PROBLEM = "application/problem+json"
# The members that ``fields`` never leaves out.
ALWAYS_RETURNED = ("id", "kind", "slug", "language", "languages")
# These paths are HTML pages and their files, which the document does not describe.
PAGES = ("/docs", "/problems", "/static/", "/embed")


class UndocumentedResponseError(AssertionError):
    """A response that openapi.yaml does not describe."""


@cache
def read_document() -> dict[str, Any]:
    """Return the committed API document."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), loader)
    return document


def list_operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Return the path, the method and the Operation Object of every operation."""
    return [
        (path, method, item[method])
        for path, item in read_document()["paths"].items()
        for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace")
        if method in item
    ]


def resolve(item: Any) -> Any:
    """Return ``item`` or, if ``item`` is a reference, the component that it points to."""
    while isinstance(item, Mapping) and "$ref" in item:
        target: Any = read_document()
        for step in item["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        item = target
    return item


def list_parameters(path: str, method: str) -> list[dict[str, Any]]:
    """Return the parameters of an operation: first the parameters of the path, then those of the method."""
    item = read_document()["paths"][path]
    return [resolve(parameter) for parameter in (*item.get("parameters", ()), *item[method].get("parameters", ()))]


@cache
def find_path(path: str) -> str | None:
    """Return the path template that matches ``path``; if several match, return the one with the fewest parameters."""
    for template in sorted(read_document()["paths"], key=lambda template: template.count("{")):
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
        return [_close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name in {"example", "enum", "const"} else _close(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


def make_validator(schema: Mapping[str, Any], fields: Iterable[str] | None = None) -> Draft202012Validator:
    """Return a validator for a schema of the document, treated as closed.

    If the request names ``fields``, the resource, or each item of the list, must have these members and those that are
    never left out, and no others.
    """
    schemas = _closed_schemas()
    if fields is not None:
        name = _name_of_narrowed(schema)
        schemas = schemas | {name: _narrow(schemas[name], {*fields, *ALWAYS_RETURNED})}
    whole = {"components": {"schemas": schemas}, "allOf": [_close(dict(schema))]}
    return Draft202012Validator(whole, validate_formats=True)


def read_fields(values: Iterable[str]) -> frozenset[str] | None:
    """Return the names in the values of the parameter ``fields``; None if there are none."""
    names = frozenset(name.strip() for value in values for name in value.split(",")) - {""}
    return names or None


def _name_of_narrowed(schema: Mapping[str, Any]) -> str:
    """Return the name of the schema that ``fields`` narrows: of the items of a list, or of the resource itself."""
    items = resolve(schema)["properties"].get("items", {}).get("items", schema)
    return str(items["$ref"]).rpartition("/")[2]


def _narrow(schema: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    properties = {name: value for name, value in schema["properties"].items() if name in names}
    return {**schema, "properties": properties, "required": list(properties)}


@cache
def _response_validator(
    path: str, method: str, status: str, media_type: str, fields: frozenset[str] | None
) -> Draft202012Validator:
    content = resolve(read_document()["paths"][path][method]["responses"][status])["content"]
    return make_validator(content[media_type]["schema"], fields)


@cache
def _problem_validator() -> Draft202012Validator:
    return make_validator({"$ref": "#/components/schemas/Problem"})


def check_response(response: TestResponse) -> None:
    """Compare a response with the document. Raises UndocumentedResponseError with the differences."""
    request = response.request
    errors = _find_errors(request.method, request.path, response)
    if errors:
        details = "\n  ".join(errors[:5])
        raise UndocumentedResponseError(
            f"{request.method} {request.path}?{request.query_string.decode(errors='replace')} returned "
            f"{response.status_code}, which differs from openapi.yaml:\n  {details}"
        )


def _find_errors(method: str, path: str, response: TestResponse) -> list[str]:
    template = find_path(path)
    if response.mimetype == PROBLEM and (template is None or response.status_code == 405):
        return [] if method == "HEAD" else _find_body_errors(_problem_validator(), response)
    if template is None:
        # The document does not repeat the redirect that every path with a trailing slash returns.
        is_redirect = path.endswith("/") and response.status_code == 308
        is_page = path == "/" or path.startswith(PAGES) or is_redirect
        return [] if is_page or method == "OPTIONS" else ["the path is not documented, and this is not a problem"]
    if method == "OPTIONS":
        return [] if response.status_code == 204 and "Allow" in response.headers else ["OPTIONS is 204 with Allow"]
    verb = "get" if method == "HEAD" else method.lower()
    operation = read_document()["paths"][template].get(verb)
    if operation is None:
        return ["the method is not documented, and this is not a 405"]
    documented = resolve(operation["responses"].get(str(response.status_code)))
    if documented is None:
        return ["the status is not documented"]
    missing = [
        f"the header {name} is missing"
        for name, header in documented.get("headers", {}).items()
        if resolve(header).get("required") and name not in response.headers
    ]
    return missing + _find_content_errors(template, documented, method, response)


def _find_content_errors(
    template: str, documented: Mapping[str, Any], method: str, response: TestResponse
) -> list[str]:
    content = documented.get("content")
    if content is None:
        return ["no content is documented"] if response.data else []
    if response.mimetype not in content:
        return [f"the content type {response.mimetype} is not documented, only {', '.join(content)}"]
    if method == "HEAD":
        return ["HEAD has no body"] if response.data else []
    if not response.mimetype.endswith("json"):
        return []
    fields = read_fields(response.request.args.getlist("fields")) if response.mimetype != PROBLEM else None
    validator = _response_validator(template, method.lower(), str(response.status_code), response.mimetype, fields)
    return _find_body_errors(validator, response)


def _find_body_errors(validator: Draft202012Validator, response: TestResponse) -> list[str]:
    errors = validator.iter_errors(json.loads(response.data))
    return [f"/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors]


class CheckedClient(FlaskClient):
    """A client that compares every response with openapi.yaml."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and check its response and every redirect before it."""
        response = super().open(*args, **kwargs)
        for checked in (*response.history, response):
            check_response(checked)
        return response
