"""Bad slugs, queries and headers: a problem that says so, or an answer; never a fault."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.domain.kind import KINDS, PLURALS
from tests.tools.endpoints import MONOLINGUAL, RESOURCES, SLUGS, Endpoint, assert_parameter_error, assert_problem, for_endpoints

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
def test_a_slug_that_is_none_leads_nowhere(client: FlaskClient, address: Endpoint) -> None:
    stem = address.path.rpartition("/")[0]
    for slug in BAD_SLUGS:
        problem = assert_problem(client.get(f"{stem}/{slug}", headers=WELSH), 404, "cy")
        assert len(problem["detail"]) < 300
        assert not any(character < " " or "\ud800" <= character <= "\udfff" for character in problem["detail"])


@for_endpoints(RESOURCES)
def test_a_slash_more_leads_nowhere(client: FlaskClient, address: Endpoint) -> None:
    for path in (f"{address.path}/", f"{address.path}//", address.path.replace("/v1/", "/v1//")):
        assert_problem(client.get(path, headers=WELSH), 404, "cy")


def test_a_place_in_a_slug_is_not_filled(client: FlaskClient) -> None:
    response = client.get("/v1/moments/{kind}%7Brelease%7D?lang=cy")
    assert response.status_code == 404
    assert "‘{kind}{release}’" in response.get_json()["detail"]


def test_a_slug_of_one_kind_is_none_of_another(client: FlaskClient) -> None:
    for plural in PLURALS:
        for other, slug in SLUGS.items():
            if other != plural:
                assert_problem(client.get(f"/v1/{plural}/{slug}?lang=cy"), 404, "cy")
    assert len(SLUGS) == len(KINDS)


ABSURD = {
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
def test_an_absurd_accept_language_is_never_an_error(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for name, header in ABSURD.items():
        response = sqlite_client.get(address.url(), headers={"Accept-Language": header})
        assert response.status_code == 200, name
        assert response.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize(
    "name",
    ["Accept", "If-None-Match", "If-Match", "X-Request-Id", "Range", "If-Range", "If-Modified-Since", "Authorization",
     "Cookie", "Content-Type"],
)  # fmt: skip
def test_another_absurd_header_is_never_a_fault(sqlite_client: FlaskClient, name: str) -> None:
    for header in ABSURD.values():
        for path in ("/v1/moments?limit=1", "/v1", "/healthz", "/docs"):
            response = sqlite_client.get(path, headers={name: header, "Accept-Language": "cy"})
            assert response.status_code in {200, 304, 406, 412}
            if response.status_code in {406, 412}:
                assert_problem(response, response.status_code, "cy")


@pytest.mark.parametrize("query", ["%FF=1", "collection=%FF", "seed=%C3%28", "%ED%A0%80", "lang=cy&seed=%80%80"])
def test_a_query_that_is_no_text_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"/v1/moments/random?{query}", headers=WELSH)
    assert_parameter_error(response, query.rpartition("&")[2].partition("=")[0], "cy")


@pytest.mark.parametrize("query", ["=", "&", "&&=", "?", "=x", "lang", "%", "%%", "%zz", "[]=1", "lang[]=cy"])
def test_a_strange_query_is_answered_or_refused_never_a_fault(client: FlaskClient, query: str) -> None:
    response = client.get(f"/v1/moments?{query}", headers=WELSH)
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert_problem(response, 400, "cy")["errors"][0]["parameter"]
