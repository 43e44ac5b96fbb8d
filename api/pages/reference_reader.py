"""The reader of the API document: makes the content of the reference page from it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from api.domain.language import Language
from api.pages.reference import (
    Body,
    DocumentedResponse,
    DocumentedSchema,
    Example,
    Member,
    Operation,
)
from api.pages.type_notation import list_constraints, write_type

JsonObject = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
# The summary of an example is its request: an optional method, the URL, and sometimes a remark.
_EXAMPLE_REQUEST = re.compile(r"(?:[A-Z]+ )?(?P<path>/\S*)")


class ReferenceReader:
    """The operations, headers and schemas of the API document, with examples in ``language`` where they differ.

    They are made one at a time, because together they take several megabytes.
    """

    def __init__(self, document: JsonObject, language: Language, public_url: str) -> None:
        self._document = document
        self._language = language
        self._public_url = public_url
        self._paths: dict[str, list[tuple[str, str]]] = {}
        for path, item in document["paths"].items():
            for method in (method for method in METHODS if method in item):
                self._paths.setdefault(item[method]["tags"][0], []).append((path, method))

    @property
    def groups(self) -> list[str]:
        """The names of the groups, in the document's order."""
        return [tag["name"] for tag in self._document["tags"] if tag["name"] in self._paths]

    def operations(self, group: str) -> Iterator[Operation]:
        """Yield the operations of a group."""
        for path, method in self._paths[group]:
            item = self._document["paths"][path]
            operation = {"parameters": [], **item[method]}
            parameters = [*item.get("parameters", ()), *operation["parameters"]]
            yield self._operation(method, path, operation, parameters)

    def headers(self) -> Iterator[Member]:
        """Yield the response headers that operations share."""
        for name, header in _items(self._document["components"], "headers"):
            yield self._header(name, header)

    def schemas(self) -> Iterator[DocumentedSchema]:
        """Yield the schemas, by name."""
        for name, schema in sorted(_items(self._document["components"], "schemas")):
            yield self._schema(name, schema)

    def _resolve(self, value: JsonObject) -> JsonObject:
        """Return the component that ``value`` refers to, or else ``value``."""
        while "$ref" in value:
            target: Any = self._document
            for key in value["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def _operation(self, method: str, path: str, operation: JsonObject, parameters: list[JsonObject]) -> Operation:
        members = tuple(self._parameter(self._resolve(parameter)) for parameter in parameters)
        request_body = self._resolve(operation.get("requestBody", {}))
        body = next(self._bodies(request_body), None)
        responses = tuple(
            self._response(status, self._resolve(response))
            for status, response in sorted(operation["responses"].items())
        )
        bodies = [*([body] if body else []), *(each for response in responses[:1] for each in response.bodies)]
        paths = [each.example.path for each in bodies if each.example]
        example_path = paths[0] if paths else _fill(path, members)
        needs_token = bool(operation.get("security"))
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            description=operation.get("description", ""),
            needs_token=needs_token,
            parameters=members,
            body=body,
            responses=responses,
            example_path=example_path,
            command=self._command(method, example_path, members, body, needs_token),
        )

    def _command(
        self, method: str, path: str, members: tuple[Member, ...], body: Body | None, needs_token: bool
    ) -> str:
        """Return the example request as a command line for curl."""
        words = ["curl"] + (["-X", method.upper()] if method != "get" else [])
        if needs_token:
            words += ["-H", "Authorization: Bearer TOKEN"]
        for member in members:
            if member.place == "header" and member.is_required:
                words += ["-H", f"{member.name}: {member.example}"]
        if body and body.example:
            words += ["-H", f"Content-Type: {body.media_type}", "-d", body.example.text]
        return shlex.join([*words, self._public_url + path])

    def _parameter(self, parameter: JsonObject) -> Member:
        schema = parameter["schema"]
        example = parameter.get("example", schema.get("example", ""))
        return self._member(
            parameter["name"],
            schema,
            place=parameter["in"],
            is_required=parameter.get("required", False),
            description=parameter.get("description", ""),
            example=",".join(map(str, example)) if isinstance(example, list) else example,
        )

    def _header(self, name: str, header: JsonObject) -> Member:
        schema, description = header["schema"], header["description"]
        return self._member(
            name, schema, place="header", is_required=header.get("required", False), description=description
        )

    def _member(
        self,
        name: str,
        schema: JsonObject,
        *,
        place: str,
        is_required: bool,
        description: str,
        example: Any = "",
    ) -> Member:
        return Member(
            name=name,
            place=place,
            is_required=is_required,
            type=write_type(schema),
            description=description,
            constraints=list_constraints(schema),
            choices=self._choices(schema),
            example=example if isinstance(example, str) else json.dumps(example, ensure_ascii=False),
        )

    def _choices(self, schema: JsonObject) -> tuple[str, ...]:
        schema = self._resolve(schema)
        if schema.get("type") == "boolean":
            return ("true", "false")
        return tuple(str(value) for value in schema.get("enum", ()) if value is not None)

    def _response(self, status: str, response: JsonObject) -> DocumentedResponse:
        headers = tuple((name, header["$ref"].rpartition("/")[2]) for name, header in _items(response, "headers"))
        return DocumentedResponse(status, response.get("description", ""), headers, tuple(self._bodies(response)))

    def _bodies(self, message: JsonObject) -> Iterator[Body]:
        """Yield the bodies of a request or response, one per media type."""
        for media_type, content in _items(message, "content"):
            examples = {name: self._resolve(example) for name, example in _items(content, "examples")}
            example = examples.get(self._language.value) or next(iter(examples.values()), None)
            yield Body(media_type, write_type(content["schema"]), self._example(example) if example else None)

    def _example(self, example: JsonObject) -> Example:
        value = example["value"]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        request = _EXAMPLE_REQUEST.match(example.get("summary", ""))
        return Example(request["path"] if request else "", text)

    def _schema(self, name: str, schema: JsonObject) -> DocumentedSchema:
        required = schema.get("required", ())
        members = tuple(
            self._member(
                property_name,
                value,
                place="property",
                is_required=property_name in required,
                description=value.get("description", ""),
                example=value.get("example", ""),
            )
            for property_name, value in _items(schema, "properties")
        )
        return DocumentedSchema(name, members, () if members else write_type(schema))


def _items(value: JsonObject, name: str) -> Iterator[tuple[str, JsonObject]]:
    yield from value.get(name, {}).items()


def _fill(path: str, members: tuple[Member, ...]) -> str:
    """Return ``path`` with each of its parameters replaced by an example."""
    for member in members:
        if member.place == "path":
            path = path.replace(f"{{{member.name}}}", quote(member.example))
    return path
