"""Bad slugs, query strings and headers get a problem or a normal response, never a server error."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.domain.kind import KINDS, PLURALS
from tests.tools.endpoints import (
    MONOLINGUAL,
    RESOURCES,
    SLUGS,
    Endpoint,
    assert_parameter_error,
    assert_problem,
    for_endpoints,
)

WELSH = {"Accept-Language": "cy"}
BAD_SLUGS = (
    *("%00", "a%00b", "%ED%A0%80", "%FF", "%E2%80%AE", "%C5%B5", "%20", "a%20b", "%22", "a'b", "%27%20OR%201=1"),
    *(
        "..",
        ".",
        "%2E%2E",
        "-",
        "a--b",
        "a_b",
        "*",
        "null",
        "CHAIN-REACTION",
        "Chain-reaction",
        "1" * 400,
        "x" * 10_000,
    ),
)


@for_endpoints(RESOURCES)
def test_malformed_slugs_are_not_found(client: FlaskClient, endpoint: Endpoint) -> None:
    stem = endpoint.path.rpartition("/")[0]
    for slug in BAD_SLUGS:
        problem = assert_problem(client.get(f"{stem}/{slug}", headers=WELSH), 404, "cy")
        assert len(problem["detail"]) < 300
        assert not any(character < " " or "\ud800" <= character <= "\udfff" for character in problem["detail"])


@for_endpoints(RESOURCES)
def test_urls_with_additional_slashes_are_not_found(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for path in (f"{endpoint.path}//", endpoint.path.replace("/v1/", "/v1//")):
        assert_problem(sqlite_client.get(path, headers=WELSH), 404, "cy")


def test_braces_in_a_slug_are_not_placeholders(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments/{kind}%7Brelease%7D?lang=cy")
    assert response.status_code == 404
    assert "‘{kind}{release}’" in response.get_json()["detail"]


def test_a_slug_of_one_kind_is_not_found_under_another_kind(client: FlaskClient) -> None:
    for plural in PLURALS:
        for other, slug in SLUGS.items():
            if other != plural:
                assert_problem(client.get(f"/v1/{plural}/{slug}?lang=cy"), 404, "cy")
    assert len(SLUGS) == len(KINDS)


UNUSUAL_HEADERS = {
    "10 kB": "cy" * 5_000,
    "thousands of ranges": ",".join(["fr"] * 3_000) + ",cy",
    "garbage q": "cy;q=abc, en;q=--1, cy;q=nan, en;q=inf, cy;q=1e999, en;q=2",
    "commas": "," * 5_000,
    "semicolons": ";" * 5_000,
    "no ASCII": "\u00e9\u00ff\u0080",
    "empty": "",
    "stars": "*;q=0, *, *-*",
    "both refused": "cy;q=0, en;q=0",
    "long q": "cy;q=0." + "1" * 2_000,
    "control": "cy\x01;q=1",
}


@for_endpoints(MONOLINGUAL)
def test_an_accept_language_header_never_causes_an_error(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for name, header in UNUSUAL_HEADERS.items():
        response = sqlite_client.get(endpoint.url(), headers={"Accept-Language": header})
        assert response.status_code == 200, name
        assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    "name",
    ["Accept", "If-None-Match", "If-Match", "X-Request-Id", "Range", "If-Range", "If-Modified-Since", "Authorization",
     "Cookie", "Content-Type"],
)  # fmt: skip
def test_unusual_values_of_other_headers_never_cause_a_server_error(sqlite_client: FlaskClient, name: str) -> None:
    for header in UNUSUAL_HEADERS.values():
        for path in ("/v1/moments?limit=1", "/v1", "/healthz", "/docs"):
            response = sqlite_client.get(path, headers={name: header, "Accept-Language": "cy"})
            assert response.status_code in {200, 304, 406, 412}
            if response.status_code in {406, 412}:
                assert_problem(response, response.status_code, "cy")


@pytest.mark.parametrize("query", ["%FF=1", "collection=%FF", "seed=%C3%28", "%ED%A0%80", "lang=cy&seed=%80%80"])
def test_query_strings_that_are_not_utf8_are_refused(sqlite_client: FlaskClient, query: str) -> None:
    response = sqlite_client.get(f"/v1/moments/random?{query}", headers=WELSH)
    assert_parameter_error(response, query.rpartition("&")[2].partition("=")[0], "cy")


@pytest.mark.parametrize("query", ["=", "&", "&&=", "?", "=x", "lang", "%", "%%", "%zz", "[]=1", "lang[]=cy"])
def test_a_malformed_query_string_never_causes_a_server_error(sqlite_client: FlaskClient, query: str) -> None:
    response = sqlite_client.get(f"/v1/moments?{query}", headers=WELSH)
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert_problem(response, 400, "cy")["errors"][0]["parameter"]
