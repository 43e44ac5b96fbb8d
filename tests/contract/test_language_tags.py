"""Every operation that takes a language accepts BCP 47 tags, and responds as to the canonical tag."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.domain.roles import Role
from tests.conftest import MakeApp
from tests.tools.cache_bypass import RawRequest, get_middleware, send
from tests.tools.clients import Clients, create_tokens, json_of
from tests.tools.endpoints import ENDPOINTS, Endpoint, assert_parameter_error, for_endpoints
from tests.tools.openapi import list_operations, list_parameters, resolve

# Other spellings of ``cy``: case, region, script, the separator of POSIX and CLDR, and the codes of ISO 639-2.
TAGS = ("CY", "cy-GB", "cy_GB", "Cy-latn-GB", "cy-x-hawdd", "cym", "wel", "%63y", "cy%2DGB")
LANGUAGES = {"cy", "en"}


def _is_language(schema: Any) -> bool:
    return set(resolve(schema).get("enum", ())) == LANGUAGES


# The query parameters and body members that take a language, as the API document lists them.
PARAMETERS = [
    (path, parameter["name"])
    for path, method, _ in list_operations()
    for parameter in list_parameters(path, method)
    if method == "get" and parameter["in"] == "query" and _is_language(parameter["schema"])
]
MEMBERS = {
    (path, method, name)
    for path, method, operation in list_operations()
    for media_type in resolve(operation.get("requestBody", {})).get("content", {}).values()
    for name, schema in resolve(media_type["schema"]).get("properties", {}).items()
    if _is_language(schema)
}


@pytest.fixture
def clients(make_app: MakeApp, loaded_url: str) -> Clients:
    return Clients.of(make_app(loaded_url))


@for_endpoints([endpoint for endpoint in ENDPOINTS if endpoint.rule != "/embed/handout.pdf"])
def test_every_spelling_of_a_language_gets_the_response_of_its_canonical_tag(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    app = sqlite_client.application

    def read(tag: str) -> Any:
        return send(app, RawRequest(endpoint.path, endpoint.url(f"lang={tag}").partition("?")[2]))

    canonical = read("cy")
    for tag in TAGS:
        assert read(tag) == canonical, tag


def test_every_language_parameter_accepts_every_spelling_of_a_language(clients: Clients) -> None:
    assert {"lang", "target"} == {name for _, name in PARAMETERS}
    examples = {"url": "http://127.0.0.1:8000/v1/moments/chain-reaction", "q": "gartref", "since": "0"}
    database = clients.client.application.extensions["eiliadau_hud"].database
    secret = create_tokens(database, {"elin": tuple(Role)})["elin"]
    headers = {"Authorization": f"Bearer {secret}", "X-Request-Id": "the-same-id"}
    for template, name in PARAMETERS:
        path = template
        values = {"slug": "chain-reaction", "number": "1", "id": "moment.chain-reaction"}
        for placeholder, value in values.items():
            path = path.replace("{" + placeholder + "}", value)
        required = {"/v1/oembed": "url", "/v1/search": "q", "/v1/changes": "since"}.get(path)
        more = {required: examples[required]} if required else {"seed": "1"} if path.endswith("/random") else {}

        def read(tag: str, url: str = path, parameter: str = name, query: Any = more) -> Any:
            response = clients.client.get(url, query_string={**query, parameter: tag}, headers=headers)
            return response.status_code, response.headers.get("Content-Location"), response.data

        canonical = read("cy")
        for tag in ("CY", "cy-GB", "cy_GB", "cym"):
            assert read(tag) == canonical, (path, name, tag)
        assert read("fr")[0] == 400, (path, name)


def test_every_body_member_for_a_language_accepts_every_spelling_of_a_tag(clients: Clients) -> None:
    bodies: dict[tuple[str, str, str], tuple[str, dict[str, Any]]] = {
        ("/v1/tokens", "post", "language"): ("ann", {"name": "Elin", "roles": ["translator"]}),
        ("/v1/resources", "post", "source_language"): (
            "eirlys",
            {
                "kind": "moment",
                "texts": {"title": {"cy": "Paned"}, "body": {"cy": "Te."}},
                "category": "research",
                "collection": "consultant-social-workers",
            },
        ),
    }
    assert bodies.keys() == MEMBERS
    for (path, _, member), (name, body) in bodies.items():
        for number, tag in enumerate(("CY", "cy-GB", "cy_GB", "cym")):
            texts = {"title": {"cy": f"Paned {number}"}, "body": {"cy": "Te."}}
            more = {"texts": texts} if "kind" in body else {}
            created = clients.request(name, "POST", path.removeprefix("/v1"), {**body, **more, member: tag})
            assert json_of(created, 201)[member] == "cy", (path, tag)
        for wrong in ("fr", "cyf", "c", "cy-", "-cy", "cy--GB", "cy-GB!", "x-cy", "cyy"):
            response = clients.request(name, "POST", path.removeprefix("/v1"), {**body, member: wrong})
            errors = json_of(response, 400)["errors"]
            assert [(error["pointer"], error["code"]) for error in errors] == [(f"/{member}", "unknown-choice")]


@pytest.mark.parametrize("tag", ["fr", "cyf", "c", "cy-", "-cy", "cy--GB", "cy-GB!", "x-cy", "cyy", "cy-%C5%B5", "*"])
def test_other_and_malformed_tags_are_refused(sqlite_client: FlaskClient, tag: str) -> None:
    for path in ("/v1/moments", "/v1/moments/chain-reaction", "/v1", "/v1/translation-status/badge.svg"):
        error = assert_parameter_error(sqlite_client.get(f"{path}?lang={tag}"), "lang")
        assert error["code"] == "unknown-language"
        assert "‘cy’ or ‘en’" in error["detail"]


def test_all_spellings_share_one_cache_entry(make_app: MakeApp, loaded_url: str) -> None:
    app: Flask = make_app(loaded_url)
    for tag in ("cy", *TAGS):
        response = send(app, RawRequest("/v1/moments", f"lang={tag}&limit=1"))
        assert b"?lang=cy&" in response.body
    for header in ("CY", "cy-GB", "cy_GB", "cym", "wel-GB;q=0.3"):
        headers = dict(send(app, RawRequest("/v1/moments", "", {"HTTP_ACCEPT_LANGUAGE": header})).headers)
        assert headers["Content-Location"].endswith("/v1/moments?lang=cy&fallback=allow")
    keys = {(entry.key.query, entry.key.language) for entry in get_middleware(app).store.entries()}
    assert keys == {((("lang", "cy"), ("limit", "1")), "en"), ((), "cy")}
