"""Caching of the responses of every endpoint: validators, 304s, canonical URLs, and immutable responses.

Validators depend only on the bytes of a response, so one database engine is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from tests.conftest import make_settings
from tests.tools.endpoints import CACHEABLE, CONTENT, EMBEDS, MONOLINGUAL, Endpoint, assert_problem

every_cacheable_endpoint = pytest.mark.parametrize("endpoint", CACHEABLE, ids=str)
LANGUAGES = ({}, {"Accept-Language": "cy"}, {"Accept-Language": "cy, en;q=0"}, {"Accept-Language": "en"})
PAGES = {"/docs", "/docs/words", "/problems", "/problems/<name>", "/v1/translation-status/badge.svg", "/v1/oembed"}
PAGES |= {"/embed", "/embed/handout", "/embed/handout.pdf", "/embed/scorm.zip", "/v1/search"}
NEGOTIATED = [*MONOLINGUAL, *EMBEDS, *(endpoint for endpoint in CACHEABLE if endpoint.rule in PAGES)]
NEGOTIATED += [Endpoint("/v1/bilingual/moments by title", "/v1/bilingual/moments", "sort=title")]
VALIDATORS = ("ETag", "Cache-Control", "Vary", "Content-Location")
IMMUTABLE = "public, max-age=31536000, immutable"


@every_cacheable_endpoint
def test_a_matching_if_none_match_header_gets_a_304_with_the_same_validators(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    first = sqlite_client.get(endpoint.url(), headers=LANGUAGES[1])
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    for value in (etag, f"W/{etag}", f'"another", W/"a third",{etag}', "*"):
        second = sqlite_client.get(endpoint.url(), headers={**LANGUAGES[1], "If-None-Match": value})
        assert second.status_code == 304, value
        assert not second.data
        for name in VALIDATORS:
            assert second.headers.get(name) == first.headers.get(name), name
        assert "Content-Type" not in second.headers


@every_cacheable_endpoint
def test_an_if_none_match_header_with_another_etag_gets_the_whole_response(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    whole = sqlite_client.get(endpoint.url())
    for value in ('W/"another"', whole.headers["ETag"].replace('"', '"x', 1), '"', ""):
        response = sqlite_client.get(endpoint.url(), headers={"If-None-Match": value})
        assert response.status_code == 200, value
        assert response.data == whole.data


@every_cacheable_endpoint
def test_an_if_match_header_with_another_etag_gets_a_412(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    etag = sqlite_client.get(endpoint.url()).headers["ETag"]
    for value in (f'"another", {etag}', "*"):
        assert sqlite_client.get(endpoint.url(), headers={"If-Match": value}).status_code == 200, value
    for value in ('"another"', f"W/{etag}"):
        response = sqlite_client.get(endpoint.url(), headers={"If-Match": value, "Accept-Language": "cy"})
        assert_problem(response, 412, "cy")
        assert "ETag" not in response.headers
    both = sqlite_client.get(endpoint.url(), headers={"If-Match": etag, "If-None-Match": etag})
    assert both.status_code == 304


@every_cacheable_endpoint
def test_responses_with_equal_etags_have_equal_bytes(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    responses = [sqlite_client.get(endpoint.url(), headers=headers) for headers in LANGUAGES]
    bodies = {response.headers["ETag"]: response.data for response in responses}
    assert all(bodies[response.headers["ETag"]] == response.data for response in responses)
    assert len(bodies) == len(set(bodies.values()))


def test_random_resources_are_not_cacheable(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments/random?lang=cy", headers={"If-None-Match": "*"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module", params=("translated", "reviewed"))
def app(sqlite_client: FlaskClient, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Yield an application on SQLite, once for each value of MIN_STATE."""
    url = sqlite_client.application.extensions["eiliadau_hud"].settings.database_url
    app = create_app(make_settings(url, min_state=request.param))
    yield app
    app.extensions["edge"].close()


@pytest.mark.parametrize("endpoint", NEGOTIATED, ids=str)
def test_the_canonical_url_of_a_negotiated_response_returns_the_same_bytes(app: Flask, endpoint: Endpoint) -> None:
    client = app.test_client()
    for headers in LANGUAGES:
        response = client.get(endpoint.url(), headers=headers)
        assert "Accept-Language" in response.headers["Vary"]
        if response.status_code == 404:
            # With MIN_STATE=reviewed, a reader who refuses English gets a 404 for an unreviewed Welsh text.
            assert_problem(response, 404, "cy")
            assert app.extensions["eiliadau_hud"].settings.min_state == "reviewed"
            continue
        location = response.headers["Content-Location"]
        assert location.startswith("http://127.0.0.1:8000/")
        for other_headers in LANGUAGES[1::2]:
            same = client.get(location.removeprefix("http://127.0.0.1:8000"), headers=other_headers)
            assert same.status_code == 200
            assert same.data == response.data
            assert same.headers["ETag"] == response.headers["ETag"]
            assert "Accept-Language" not in same.headers.get("Vary", "")


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in CACHEABLE if endpoint not in NEGOTIATED], ids=str)
def test_responses_without_negotiation_are_the_same_for_every_accept_language_header(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    response = sqlite_client.get(endpoint.url())
    assert "Accept-Language" not in response.headers.get("Vary", "")
    assert "Content-Location" not in response.headers
    assert sqlite_client.get(endpoint.url(), headers={"Accept-Language": "cy"}).data == response.data


@pytest.mark.parametrize("endpoint", MONOLINGUAL, ids=str)
def test_responses_vary_by_accept_language_unless_the_url_has_a_language(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    assert "Accept-Language" in sqlite_client.get(endpoint.url()).headers["Vary"]
    by_url = sqlite_client.get(endpoint.url("lang=cy"))
    assert "Accept-Language" not in by_url.headers.get("Vary", "")
    assert "Content-Location" not in by_url.headers
    assert by_url.headers["Content-Language"] == "cy"


@pytest.mark.parametrize("endpoint", [a for a in CONTENT if not a.is_random], ids=str)
def test_responses_are_immutable_only_if_the_url_has_both_release_and_language(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    immutable = ["release=1"] if endpoint.is_bilingual else ["release=1&lang=cy", "lang=en&release=1&fallback=allow"]
    for query in immutable:
        assert sqlite_client.get(endpoint.url(query)).headers["Cache-Control"] == IMMUTABLE, query
    for query in ("",) if endpoint.is_bilingual else ("", "lang=cy", "release=1", "lang=cy&fallback=allow"):
        cache_control = sqlite_client.get(endpoint.url(query)).headers["Cache-Control"]
        assert cache_control == "public, max-age=60, s-maxage=300, stale-while-revalidate=600, stale-if-error=86400", (
            query
        )


@pytest.mark.parametrize("endpoint", [a for a in CACHEABLE if not a.is_content and not a.is_asset], ids=str)
def test_reports_and_embeds_are_immutable_only_if_the_url_has_a_release(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    assert "immutable" not in sqlite_client.get(endpoint.url()).headers["Cache-Control"]
    can_be_pinned = endpoint.is_embed and endpoint.rule != "/embed"
    if "translation-status" in endpoint.rule or can_be_pinned:
        assert sqlite_client.get(endpoint.url("release=1&lang=cy")).headers["Cache-Control"] == IMMUTABLE


def test_bilingual_lists_sorted_by_title_depend_on_the_language(sqlite_client: FlaskClient) -> None:
    path = "/v1/bilingual/moments?sort=title"
    assert sqlite_client.get(f"{path}&release=1").headers["Cache-Control"] != IMMUTABLE
    assert "Accept-Language" in sqlite_client.get(f"{path}&release=1").headers["Vary"]
    pinned = sqlite_client.get(f"{path}&release=1&lang=cy")
    assert pinned.headers["Cache-Control"] == IMMUTABLE
    assert "Accept-Language" not in pinned.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_are_not_cacheable(sqlite_client: FlaskClient, path: str) -> None:
    assert sqlite_client.get(path, headers={"If-None-Match": "*"}).status_code == 200
    assert sqlite_client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/v1/moments?limit=0", "/v1/moments", "/v1/moments/chain-reaction"])
def test_problems_about_request_headers_are_not_cacheable(sqlite_client: FlaskClient, path: str) -> None:
    response = sqlite_client.get(path, headers={"Accept": "audio/ogg"})
    assert response.status_code == 406
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
