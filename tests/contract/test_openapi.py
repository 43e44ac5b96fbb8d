"""Tests of openapi.yaml: it is generated from the code, valid and complete, and its examples are real."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.cli.load_progress import load_first_booklet
from api.openapi.generate import generate_openapi, to_yaml
from api.settings import ROOT
from api.version import read_version
from tests.conftest import MakeApp
from tests.tools.endpoints import ENDPOINTS
from tests.tools.openapi import (
    UndocumentedResponseError,
    check_response,
    find_path,
    list_operations,
    list_parameters,
    make_validator,
    read_document,
    resolve,
)

OPERATIONS = list_operations()
every_operation = pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=[operation["operationId"] for _, _, operation in OPERATIONS]
)
# tests/openapi/test_write_examples.py covers the operations that require a token.
READING = [item for item in OPERATIONS if item[2].get("security") != [{"token": []}]]
every_reading_operation = pytest.mark.parametrize(
    ("path", "method", "operation"), READING, ids=[operation["operationId"] for _, _, operation in READING]
)
PROBLEM = "application/problem+json"


def _make_app(*arguments: Any, **more: Any) -> Flask:
    app = create_app(*arguments, **more)
    # Use a client without checks, because the document does not yet describe the examples that are collected.
    app.test_client_class = FlaskClient
    return app


@pytest.mark.filterwarnings("ignore")
def test_the_committed_document_is_what_the_code_generates() -> None:
    generated = to_yaml(generate_openapi(_make_app, load_first_booklet))
    committed = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert generated == committed, "the code has changed: run `make openapi`"


def test_the_document_is_valid_openapi_3_1() -> None:
    assert read_document()["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(read_document()).iter_errors()) == []


def test_every_component_is_used() -> None:
    document = read_document()
    text = json.dumps(document)
    unused = {
        f"{group}/{name}"
        for group, components in document["components"].items()
        for name in components
        if group != "securitySchemes" and f'"#/components/{group}/{name}"' not in text
    }
    assert unused == set()


def test_the_yaml_does_not_escape_welsh_letters_or_quotation_marks() -> None:
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert "\\u" not in text
    assert "’" in text
    assert "Gymraeg" in text


def test_the_service_serves_the_committed_document_as_json_and_as_yaml(sqlite_client: FlaskClient) -> None:
    as_json, as_yaml = sqlite_client.get("/openapi.json"), sqlite_client.get("/openapi.yaml")
    assert (as_json.content_type, as_yaml.content_type) == ("application/json", "application/yaml")
    assert as_json.get_json() == json.loads(json.dumps(read_document()))
    assert as_yaml.data == (ROOT / "openapi.yaml").read_bytes()


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_the_document_can_be_cached(sqlite_client: FlaskClient, path: str) -> None:
    response = sqlite_client.get(path)
    assert "max-age=" in response.headers["Cache-Control"]
    assert sqlite_client.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert sqlite_client.get(path, headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("public_url", ["https://straeon.example", "http://cynnwys.example:8080/eiliadau/hud"])
def test_the_served_document_names_the_public_url_in_servers_and_examples(
    empty_url: str, make_app: MakeApp, public_url: str
) -> None:
    client = make_app(empty_url, public_url=public_url).test_client()
    as_json, as_yaml = client.get("/openapi.json"), client.get("/openapi.yaml")
    document = as_json.get_json()
    assert document == yaml.safe_load(as_yaml.data)
    assert [server["url"] for server in document["servers"]] == [public_url]
    assert document["info"]["version"] == read_version()
    for text in (as_json.text, as_yaml.text):
        assert "127.0.0.1" not in text
        assert text.count(public_url) > 100
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_path_is_documented_unless_it_is_the_path_of_a_page() -> None:
    described = {path for path, _, _ in READING}
    addresses = {address.rule.replace("<", "{").replace(">", "}") for address in ENDPOINTS}
    embeds = {address for address in addresses if address.startswith("/embed")}
    assert addresses - described - embeds == {
        "/docs", "/docs/words", "/problems", "/problems/{name}", "/static/{path:name}",
    }  # fmt: skip
    assert described <= addresses


def test_operation_ids_are_unique_and_reading_operations_use_get() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert {method for _, method, _ in READING} == {"get"}


@every_operation
def test_every_operation_has_a_summary_and_a_tag(path: str, method: str, operation: dict[str, Any]) -> None:
    assert len(operation["summary"]) > 8
    assert operation["tags"]


@every_operation
def test_every_parameter_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    parameters = list_parameters(path, method)
    for parameter in parameters:
        assert len(parameter["description"]) > 10, parameter["name"]
        assert parameter["schema"], parameter["name"]
    for name in ("slug", "number"):
        assert (f"{{{name}}}" in path) == any(p["name"] == name and p["in"] == "path" for p in parameters)


@every_reading_operation
def test_every_successful_response_has_a_schema_and_valid_examples(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for status in ("200", "503"):
        for media_type, media in resolve(operation["responses"][status])["content"].items():
            assert media["schema"], (status, media_type)
    if path.startswith("/openapi"):
        return  # an example would contain the whole document
    for media_type, media in operation["responses"]["200"]["content"].items():
        examples = media["examples"]
        assert set(examples) in ({"cy", "en"}, {"both"})
        validator = make_validator(media["schema"])
        for example in map(resolve, examples.values()):
            assert [error.message for error in validator.iter_errors(example["value"])] == [], media_type
            assert example["summary"].startswith("/")
            assert find_path(example["summary"].partition("?")[0].partition(" ")[0]) == path


@every_reading_operation
def test_examples_named_after_a_language_are_in_that_language(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for media in operation["responses"]["200"]["content"].values():
        for language, example in media.get("examples", {}).items():
            value = resolve(example)["value"]
            if isinstance(value, dict):
                items = [value, *value.get("items", ())]
                served = {item["language"]["served"] for item in items if "served" in item.get("language", ())}
                assert served <= {language}
            else:
                assert language == "both" or f'lang="{language}"' in value


@every_reading_operation
def test_every_reading_operation_documents_its_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    names = {parameter["name"] for parameter in list_parameters(path, method)}
    expected = {"200", "400", "406", "503"}
    if path not in {"/healthz", "/readyz"}:
        expected |= {"304", "412"}
    if names & {"slug", "number", "release"} or path in {"/v1/moments/random", "/v1/changes"}:
        expected |= {"404"}
    if "slug" in names:
        expected |= {"308", "410"}
    if path == "/v1/oembed":
        expected |= {"404", "410", "501"}
    if "q" in names:
        expected |= {"410", "429"}
    if "anyOf" in _parameter_schema(path, method, "release"):
        expected |= {"401", "429"}
    assert set(operation["responses"]) == expected


def _parameter_schema(path: str, method: str, name: str) -> dict[str, Any]:
    return next((item["schema"] for item in list_parameters(path, method) if item["name"] == name), {})


@every_reading_operation
def test_every_problem_has_examples_in_both_languages(path: str, method: str, operation: dict[str, Any]) -> None:
    validator = make_validator({"$ref": "#/components/schemas/Problem"})
    for status, reference in operation["responses"].items():
        response = resolve(reference)
        assert response["description"]
        media = response.get("content", {}).get(PROBLEM)
        if media is None:
            continue
        assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
        if status in {"400", "404", "406", "412"}:
            assert {"cy", "en"} <= set(media["examples"])
        for name, example in media.get("examples", {}).items():
            problem = resolve(example)["value"]
            assert validator.is_valid(problem)
            assert str(problem["status"]) == status
            assert name.removeprefix("write-") in {problem["language"], "blocked"}


@every_operation
def test_every_response_documents_its_headers(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = {status: resolve(response) for status, response in operation["responses"].items()}
    for response in responses.values():
        assert {"X-Request-Id", "Cache-Control"} <= set(response["headers"])
        for header in response["headers"].values():
            assert resolve(header)["description"]
    assert "Location" in responses.get("308", {"headers": {"Location"}})["headers"]
    if "304" in responses:
        assert "ETag" in responses["304"]["headers"]


BREAKS = {
    "a field that is not documented": ("/v1", 200, b'"release":', b'"novelty":1,"release":'),
    "a field of another type": ("/healthz", 200, b'"ok"', b"1"),
    "a field that is missing": ("/v1", 200, b'"purpose":', b'"purposes":'),
    "a problem without its status": ("/v1?lang=fr", 400, b'"status":400,', b""),
}


@pytest.mark.parametrize("error", BREAKS)
def test_the_test_client_rejects_undocumented_bodies(
    sqlite_client: FlaskClient, error: str, empty_url: str, make_app: Any
) -> None:
    path, status, original, replacement = BREAKS[error]
    response = make_app(empty_url).test_client().get(path)
    assert response.status_code == status
    assert original in response.data
    response.data = response.data.replace(original, replacement)
    with pytest.raises(UndocumentedResponseError):
        check_response(response)


def test_the_test_client_rejects_undocumented_statuses_headers_types_and_paths(sqlite_client: FlaskClient) -> None:
    def change(name: str, value: Any) -> None:
        response = sqlite_client.get("/healthz")
        if name == "status":
            response.status_code = value
        elif name == "path":
            response.request.environ["PATH_INFO"] = response.request.path = value
        else:
            response.headers[name] = value
            if value is None:
                del response.headers[name]
        with pytest.raises(UndocumentedResponseError):
            check_response(response)

    change("status", 418)
    change("Content-Type", "text/html")
    change("path", "/v1/nothing")
    response = sqlite_client.get("/healthz")
    del response.headers["Cache-Control"]
    with pytest.raises(UndocumentedResponseError):
        check_response(response)
