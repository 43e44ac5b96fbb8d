"""What caches are promised of every address: validators, 304s, addresses of the same bytes, and what never changes."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tools.endpoints import CONTENT, EMBEDS, MONOLINGUAL, CACHEABLE, Endpoint, assert_problem

every_kept_address = pytest.mark.parametrize("address", CACHEABLE, ids=str)
LANGUAGES = ({}, {"Accept-Language": "cy"}, {"Accept-Language": "cy, en;q=0"}, {"Accept-Language": "en"})
PAGES = {"/docs", "/docs/words", "/problems", "/problems/<name>", "/v1/translation-status/badge.svg", "/v1/oembed"}
PAGES |= {"/embed", "/embed/handout", "/embed/handout.pdf", "/embed/scorm.zip", "/v1/search"}
DECIDED = [*MONOLINGUAL, *EMBEDS, *(address for address in CACHEABLE if address.rule in PAGES)]
DECIDED += [Endpoint("/v1/bilingual/moments by title", "/v1/bilingual/moments", "sort=title")]
VALIDATORS = ("ETag", "Cache-Control", "Vary", "Content-Location")
IMMUTABLE = "public, max-age=31536000, immutable"


@every_kept_address
def test_who_has_it_already_gets_a_304_with_the_same_validators(client: FlaskClient, address: Endpoint) -> None:
    got = client.get(address.url(), headers=LANGUAGES[1])
    etag = got.headers["ETag"]
    assert etag.startswith('"')
    for known in (etag, f"W/{etag}", f'"another", W/"a third",{etag}', "*"):
        again = client.get(address.url(), headers={**LANGUAGES[1], "If-None-Match": known})
        assert again.status_code == 304, known
        assert not again.data
        for name in VALIDATORS:
            assert again.headers.get(name) == got.headers.get(name), name
        assert "Content-Type" not in again.headers


@every_kept_address
def test_who_has_something_else_gets_it_whole(client: FlaskClient, address: Endpoint) -> None:
    whole = client.get(address.url())
    for known in ('W/"another"', whole.headers["ETag"].replace('"', '"x', 1), '"', ""):
        response = client.get(address.url(), headers={"If-None-Match": known})
        assert response.status_code == 200, known
        assert response.data == whole.data


@every_kept_address
def test_if_match_is_a_412_where_something_else_is_here(client: FlaskClient, address: Endpoint) -> None:
    etag = client.get(address.url()).headers["ETag"]
    for fits in (f'"another", {etag}', "*"):
        assert client.get(address.url(), headers={"If-Match": fits}).status_code == 200, fits
    for other in ('"another"', f"W/{etag}"):
        response = client.get(address.url(), headers={"If-Match": other, "Accept-Language": "cy"})
        assert_problem(response, 412, "cy")
        assert "ETag" not in response.headers
    both = client.get(address.url(), headers={"If-Match": etag, "If-None-Match": etag})
    assert both.status_code == 304


@every_kept_address
def test_the_etag_is_of_the_bytes(client: FlaskClient, address: Endpoint) -> None:
    answers = [client.get(address.url(), headers=asked) for asked in LANGUAGES]
    bodies = {answer.headers["ETag"]: answer.data for answer in answers}
    assert all(bodies[answer.headers["ETag"]] == answer.data for answer in answers)
    assert len(bodies) == len(set(bodies.values()))


def test_an_answer_by_chance_is_not_kept(client: FlaskClient) -> None:
    response = client.get("/v1/moments/random?lang=cy", headers={"If-None-Match": "*"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", DECIDED, ids=str)
def test_what_a_header_decided_names_the_address_of_the_same_bytes(reading_app: Flask, address: Endpoint) -> None:
    client = reading_app.test_client()
    for asked in LANGUAGES:
        response = client.get(address.url(), headers=asked)
        assert response.headers["Vary"] == "Accept-Language"
        if response.status_code == 404:
            # Under a default of `reviewed`, a Welsh draft is not there for who refuses the English.
            assert_problem(response, 404, "cy")
            assert reading_app.extensions["eiliadau_hud"].settings.min_state == "reviewed"
            continue
        location = response.headers["Content-Location"]
        assert location.startswith("http://127.0.0.1:8000/")
        for other in LANGUAGES[1::2]:
            same = client.get(location.removeprefix("http://127.0.0.1:8000"), headers=other)
            assert same.status_code == 200
            assert same.data == response.data
            assert same.headers["ETag"] == response.headers["ETag"]
            assert "Vary" not in same.headers


@pytest.mark.parametrize("address", [address for address in CACHEABLE if address not in DECIDED], ids=str)
def test_where_no_header_decides_everybody_gets_the_same(client: FlaskClient, address: Endpoint) -> None:
    response = client.get(address.url())
    assert "Vary" not in response.headers
    assert "Content-Location" not in response.headers
    assert client.get(address.url(), headers={"Accept-Language": "cy"}).data == response.data


@pytest.mark.parametrize("address", MONOLINGUAL, ids=str)
def test_where_the_header_decides_the_answer_says_so(client: FlaskClient, address: Endpoint) -> None:
    assert client.get(address.url()).headers["Vary"] == "Accept-Language"
    named = client.get(address.url("lang=cy"))
    assert "Vary" not in named.headers
    assert "Content-Location" not in named.headers
    assert named.headers["Content-Language"] == "cy"


@pytest.mark.parametrize("address", [a for a in CONTENT if not a.is_random], ids=str)
def test_what_names_release_and_language_never_changes_and_nothing_else(client: FlaskClient, address: Endpoint) -> None:
    fixed = ["release=1"] if address.is_bilingual else ["release=1&lang=cy", "lang=en&release=1&fallback=allow"]
    for query in fixed:
        assert client.get(address.url(query)).headers["Cache-Control"] == IMMUTABLE, query
    for query in ("",) if address.is_bilingual else ("", "lang=cy", "release=1", "lang=cy&fallback=allow"):
        kept = client.get(address.url(query)).headers["Cache-Control"]
        assert kept == "public, max-age=60, s-maxage=300, stale-while-revalidate=600, stale-if-error=86400", query


@pytest.mark.parametrize("address", [a for a in CACHEABLE if not a.is_content and not a.is_asset], ids=str)
def test_of_the_rest_only_reports_on_one_release_never_change(client: FlaskClient, address: Endpoint) -> None:
    assert "immutable" not in client.get(address.url()).headers["Cache-Control"]
    is_frozen = address.is_embed and address.rule != "/embed"
    if "translation-status" in address.rule or is_frozen:
        assert client.get(address.url("release=1&lang=cy")).headers["Cache-Control"] == IMMUTABLE


def test_by_title_the_language_decides_the_order_of_a_bilingual_list_too(client: FlaskClient) -> None:
    path = "/v1/bilingual/moments?sort=title"
    assert client.get(f"{path}&release=1").headers["Cache-Control"] != IMMUTABLE
    assert client.get(f"{path}&release=1").headers["Vary"] == "Accept-Language"
    fixed = client.get(f"{path}&release=1&lang=cy")
    assert fixed.headers["Cache-Control"] == IMMUTABLE
    assert "Vary" not in fixed.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_kept(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 200
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/v1/moments?limit=0", "/v1/moments", "/v1/moments/chain-reaction"])
def test_a_problem_of_one_request_is_never_kept(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "audio/ogg"})
    assert response.status_code == 406
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
