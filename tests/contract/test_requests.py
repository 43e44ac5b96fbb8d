"""Promises about requests to every endpoint: ignored and unknown parameters, bytes that are not UTF-8, slashes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.settings import ROOT
from tests.conftest import MakeApp
from tests.tools.cache_bypass import RawRequest, get_middleware, send
from tests.tools.endpoints import CACHEABLE, ENDPOINTS, V1, Endpoint, assert_problem, for_endpoints, make_empty_app

WELSH = {"HTTP_ACCEPT_LANGUAGE": "cy"}
# As jQuery, Google and Facebook add them: also repeated, empty, without "=", with an encoded name or with odd bytes.
TRACKERS = "_=1732&utm_source=a&utm_source=b&utm_medium&fbclid=%ff&gclid=\xff&utm%5Fid=&%5F=2"


@for_endpoints([endpoint for endpoint in ENDPOINTS if endpoint.rule != "/embed/handout.pdf"])
def test_the_parameters_of_trackers_do_not_change_a_response(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    app = sqlite_client.application
    plain = send(app, RawRequest(endpoint.path, endpoint.url().partition("?")[2], WELSH))
    assert plain.status == "200 OK"
    for query in (f"{endpoint.query}&{TRACKERS}", f"{TRACKERS}&{endpoint.query}"):
        assert send(app, RawRequest(endpoint.path, query.strip("&"), WELSH)) == plain


def test_tracker_parameters_are_not_part_of_a_cache_key(make_app: MakeApp, loaded_url: str) -> None:
    app: Flask = make_app(loaded_url)
    for endpoint in CACHEABLE:
        if endpoint.rule == "/embed/handout.pdf":
            continue
        for number in range(3):
            query = f"{endpoint.query}&_={number}&utm_source={number}&fbclid={number}&gclid={number}"
            send(app, RawRequest(endpoint.path, query.strip("&"), WELSH))
    store = get_middleware(app).store
    names = {name for entry in store.entries() for name, _ in entry.key.query}
    assert names.isdisjoint({"_", "utm_source", "fbclid", "gclid"})
    assert len({(entry.key.path, entry.key.query) for entry in store.entries()}) == len(list(store.entries()))
    # Each visit has other values, so indexing them by raw request would only fill the memory.
    assert not [raw for raw in store.by_request if "utm_source" in raw[1]]


def test_no_link_or_redirect_repeats_the_parameters_of_trackers(sqlite_client: FlaskClient) -> None:
    queries = ("/v1/moments?lang=CY", "/v1/moments/?lang=CY", "/v1/search?lang=CY&q=gartref", "/embed?lang=CY",
               "/v1/bilingual/moments?limit=2", "/embed/prompts/nothing?lang=CY", "/docs?lang=CY")  # fmt: skip
    for url in queries:
        path, _, query = url.partition("?")
        response = send(sqlite_client.application, RawRequest(path, f"utm_source=a&{query}&_=5"))
        text = f"{response.headers}{response.body.decode()}"
        assert not {part for part in ("utm_source", "_=5", "lang=CY") if part in text}, url


@for_endpoints([endpoint for endpoint in V1 if not endpoint.accepts_unknown_parameters])
def test_unknown_parameters_are_named_in_the_order_in_which_they_came(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    names = ["zeta", "utm", "alffa", "__", "beta", "gclids", "gama"]
    response = sqlite_client.get(
        endpoint.url("&".join(f"{name}=1" for name in names)), headers={"Accept-Language": "cy"}
    )
    errors = assert_problem(response, 400, "cy")["errors"]
    assert [(error["parameter"], error["code"]) for error in errors] == [(name, "unknown-parameter") for name in names]


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_query_and_body_errors_are_in_the_order_of_the_request_in_every_process(seed: str) -> None:
    script = """
import json
from api.domain.errors import InvalidRequestError
from api.schemas.body import NewResourceBody
from api.schemas.parser import ArgumentsParser, parse_query_string
from api.schemas.query import ChangesQuery
from flask import Flask

def report(call):
    try:
        call()
    except InvalidRequestError as error:
        return [issue.parameter or issue.pointer for issue in error.issues]

body = {"zeta": 1, "key": 1, "alffa": 2, "texts": {"title": {"fr": "x", "de": "y", "cy": 3}}, "beta": 3, "gama": 4}
query = b"zeta=1&limit=x&alffa=2&include=x&beta=3&gama=4"
with Flask("test").test_request_context("/", method="POST", data=json.dumps(body), content_type="application/json"):
    from flask import request
    parser = ArgumentsParser()
    print(json.dumps([report(lambda: parse_query_string(ChangesQuery, query)),
                      report(lambda: parser.parse(NewResourceBody, request, location="json"))]))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout == (
        '[["zeta", "limit", "alffa", "include", "beta", "gama", "since"], '
        '["/zeta", "/key", "/alffa", "/texts/title/fr", "/texts/title/de", "/texts/title/cy", "/beta", "/gama", '
        '"/kind", "/source_language"]]\n'
    )


@for_endpoints([endpoint for endpoint in ENDPOINTS if not endpoint.is_embed and endpoint.rule != "/v1/oembed"])
def test_bytes_that_are_not_utf8_are_refused_at_every_endpoint(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for garbled in ("q=%FF", "lang=cy%FF", "%FF", "\xff=1", "lang=\xff", "q=a\xc3&lang=cy"):
        query = "&".join(part for part in (endpoint.query, garbled) if part)
        response = send(sqlite_client.application, RawRequest(endpoint.path, query, WELSH))
        assert response.status == "400 BAD REQUEST", garbled
        assert ("Content-Type", "application/problem+json") in response.headers
        assert b'"code":"invalid-character"' in response.body


@pytest.mark.parametrize("garbled", ["lang=%FF", "lang=\xff", "theme=\xff"])
@for_endpoints([endpoint for endpoint in ENDPOINTS if endpoint.is_embed and not endpoint.is_asset])
def test_embed_pages_refuse_bytes_that_are_not_utf8_only_in_parameters_that_they_know(
    sqlite_client: FlaskClient, endpoint: Endpoint, garbled: str
) -> None:
    if endpoint.rule == "/embed/handout.pdf":
        pytest.skip("the same options as the handout")
    queries = ("&".join(part for part in (endpoint.query, extra) if part) for extra in (garbled, "dnt=\xff", "\xff"))
    refused, *ignored = [send(sqlite_client.application, RawRequest(endpoint.path, query, WELSH)) for query in queries]
    assert refused.status == "400 BAD REQUEST"
    assert {response.status for response in ignored} == {"200 OK"}


def test_unencoded_utf8_in_a_query_string_counts_as_encoded(sqlite_client: FlaskClient) -> None:
    app = sqlite_client.application
    raw, encoded = (
        send(app, RawRequest("/v1/search", f"lang=cy&q={q}")) for q in ("t\u0177".encode().decode("latin-1"), "t%C5%B7")
    )
    assert raw == encoded
    assert raw.status == "200 OK"


def _rules() -> list[str]:
    """List a path for every rule of the URL map, those that need a token included."""
    app = make_empty_app()
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule != "/"]
    return sorted({rule.rule.replace("<path:name>", "docs.js").replace("<", "").replace(">", "") for rule in rules})


@pytest.mark.parametrize("path", _rules())
def test_a_url_with_a_trailing_slash_redirects_to_the_url_without_it(sqlite_client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        redirect = sqlite_client.open(f"{path}/?lang=CY&limit=x&utm_id=1&a=%C5%B5+b", method=method)
        assert redirect.status_code == 308
        assert redirect.headers["Location"] == f"http://127.0.0.1:8000{path}?lang=cy&limit=x&a=%C5%B5+b"
        assert not redirect.data
        assert redirect.headers["Access-Control-Allow-Origin"] == "*"
        assert "max-age" in redirect.headers["Cache-Control"]
        assert sqlite_client.open(f"{path}/", method=method).headers["Location"] == f"http://127.0.0.1:8000{path}"
    # A preflight request must not be redirected (Fetch, 4.8).
    slashed, plain = (sqlite_client.options(f"{path}{end}") for end in ("/", ""))
    assert slashed.status_code == plain.status_code == 204
    assert slashed.headers["Access-Control-Allow-Methods"] == plain.headers["Access-Control-Allow-Methods"]


def test_redirects_from_a_trailing_slash_stay_on_the_public_url(make_app: MakeApp, loaded_url: str) -> None:
    client = make_app(loaded_url, public_url="https://cynnwys.example/eiliadau").test_client()
    redirect = client.get("/v1/moments/?lang=cy", headers={"Host": "evil.example"})
    assert redirect.headers["Location"] == "https://cynnwys.example/eiliadau/v1/moments?lang=cy"
    odd = send(client.application, RawRequest("/v1/moments/\xc5\xb5 \r\nSet-Cookie: a/"))
    assert dict(odd.headers)["Location"] == (
        "https://cynnwys.example/eiliadau/v1/moments/%C5%B5%20%0D%0ASet-Cookie%3A%20a"
    )


@pytest.mark.parametrize("path", ["/nothing/", "/v1/nothing/", "/v1/moments//", "//v1/moments/", "//evil.example/"])
def test_a_trailing_slash_after_an_unknown_path_is_not_found(sqlite_client: FlaskClient, path: str) -> None:
    assert send(sqlite_client.application, RawRequest(path)).status == "404 NOT FOUND"
