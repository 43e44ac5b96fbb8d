"""Promises about every endpoint of the URL map: methods, headers and problems."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.tools.endpoints import (
    CONTENT,
    EMBEDS,
    ENDPOINTS,
    V1,
    WRITES,
    Endpoint,
    assert_parameter_error,
    assert_problem,
)

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
every_v1_endpoint = pytest.mark.parametrize("endpoint", [a for a in V1 if not a.accepts_unknown_parameters], ids=str)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
ID = "X-Request-Id"
# The media types of endpoints that do not return JSON. Static files are not listed.
MEDIA_TYPES = {
    "/openapi.yaml": "application/yaml",
    "/docs": "text/html",
    "/docs/words": "text/html",
    "/problems": "text/html",
    "/problems/<name>": "text/html",
    **{endpoint.rule: "text/html" for endpoint in EMBEDS},
    "/embed": "text/html",
    "/embed/handout": "text/html",
    "/embed/handout.pdf": "application/pdf",
    "/embed/qr.svg": "image/svg+xml",
    "/embed/scorm.zip": "application/zip",
    "/embed.js": "text/javascript",
    "/embed-<mark>.js": "text/javascript",
    "/v1/translation-status.csv": "text/csv",
    "/v1/translation-status/badge.svg": "image/svg+xml",
}


# Endpoints with exactly one media type. Static files have several types, and oEmbed has a `format` parameter.
TYPED = [a for a in ENDPOINTS if not a.rule.startswith("/static/") and not a.is_asset and a.rule != "/v1/oembed"]


def test_the_url_map_has_all_kinds_of_endpoint() -> None:
    assert len(CONTENT) == 29
    assert {str(endpoint) for endpoint in ENDPOINTS} >= {"/v1", "/docs", "/openapi.json", "/healthz", "/readyz"}


@every_endpoint
def test_a_head_request_gets_the_headers_of_a_get_request_without_a_body(
    client: FlaskClient, endpoint: Endpoint
) -> None:
    get = client.get(endpoint.url(), headers={ID: "the-same-id"})
    head = client.head(endpoint.url(), headers={ID: "the-same-id"})
    assert get.status_code == head.status_code == 200
    assert get.data
    assert not head.data
    assert {**head.headers, "Date": ""} == {**get.headers, "Date": ""}


@every_endpoint
def test_an_options_request_gets_a_204_with_the_allowed_methods(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    response = sqlite_client.options(endpoint.path)
    assert response.status_code == 204
    assert not response.data
    assert response.headers["Allow"] == response.headers["Access-Control-Allow-Methods"] == endpoint.allow
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert "Content-Type" not in response.headers


@every_endpoint
def test_unsupported_methods_get_a_405_with_the_allowed_methods(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for method in (*WRITES, "TRACE", "PURGE"):
        response = sqlite_client.open(endpoint.url("lang=cy"), method=method)
        if method in endpoint.writes:
            assert_problem(response, 401, "cy")  # a token is required
            continue
        problem = assert_problem(response, 405, "cy")
        assert response.headers["Allow"] == endpoint.allow
        assert endpoint.allow in problem["detail"]


def _request_in_every_way(sqlite_client: FlaskClient, endpoint: Endpoint) -> dict[int, dict[str, str]]:
    responses = (
        sqlite_client.get(endpoint.url()),
        sqlite_client.get(endpoint.url(), headers={"If-None-Match": "*"}),
        sqlite_client.get(endpoint.url(), data="a body"),
        sqlite_client.get(endpoint.path + "/nothing/here"),
        sqlite_client.post(endpoint.url()),
        sqlite_client.options(endpoint.url()),
        sqlite_client.get(endpoint.url(), headers={"Accept": "audio/ogg"}),
    )
    return {response.status_code: dict(response.headers) for response in responses}


@every_endpoint
def test_every_response_has_cors_and_security_headers(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    headers_by_status = _request_in_every_way(sqlite_client, endpoint)
    assert {200, 204, 400, 404, 401 if "POST" in endpoint.writes else 405} <= set(headers_by_status)
    for status, headers in headers_by_status.items():
        assert headers["Access-Control-Allow-Origin"] == "*", status
        assert "ETag" in headers["Access-Control-Expose-Headers"], status
        assert len(headers[ID]) >= 8, status
        assert headers["X-Content-Type-Options"] == "nosniff", status
        assert headers["Referrer-Policy"] == "no-referrer", status
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), status
        assert "unsafe-inline" not in policy, status
        # Embed pages and their error pages may be framed, so that a frame is never blank.
        is_framed = status >= 400 if endpoint.is_builder else endpoint.is_embed
        is_not_modified = status == 304 and not endpoint.is_asset
        is_page = is_framed and (is_not_modified or headers.get("Content-Type", "").startswith("text/html"))
        assert policy.endswith("; form-action 'none'" if is_page else "; frame-ancestors 'none'"), status
        assert "Set-Cookie" not in headers, status


@every_endpoint
def test_valid_request_ids_are_returned_and_invalid_ones_are_replaced(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    assert sqlite_client.get(endpoint.url(), headers={ID: "abc-123.xyz_9"}).headers[ID] == "abc-123.xyz_9"
    for invalid in ("short", "x" * 65, "two words here", "a\u00e9b\u00e9c\u00e9d\u00e9e"):
        replaced = sqlite_client.get(endpoint.url(), headers={ID: invalid}).headers[ID]
        assert replaced != invalid
        assert len(replaced) == 16


@every_v1_endpoint
def test_unknown_parameters_are_named_in_the_problem(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for language in ("cy", "en"):
        response = sqlite_client.get(endpoint.url("sillafu=1"), headers={"Accept-Language": language})
        error = assert_parameter_error(response, "sillafu", language)
        assert error["code"] == "unknown-parameter"
        assert "sillafu" in error["detail"]


@every_v1_endpoint
def test_repeated_parameters_are_named_in_the_problem(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    name = "min_state" if endpoint.is_bilingual else "lang"
    value = "translated" if endpoint.is_bilingual else "cy"
    response = sqlite_client.get(endpoint.url(f"{name}={value}&{name}={value}"), headers={"Accept-Language": "cy"})
    error = assert_parameter_error(response, name, "cy")
    assert error["code"] == "repeated-parameter"


@every_endpoint
def test_get_requests_with_a_body_are_refused(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for headers in ({}, {"Content-Type": "application/json"}):
        response = sqlite_client.get(
            endpoint.url(), data=b'{"lang": "cy"}', headers={"Accept-Language": "cy", **headers}
        )
        problem = assert_problem(response, 400, "cy")
        if endpoint.is_embed:
            continue
        assert problem["errors"] == [
            {"code": "body-not-allowed", "pointer": "", "detail": problem["errors"][0]["detail"]}
        ]
    assert sqlite_client.head(endpoint.url(), data=b"x").status_code == 400


@pytest.mark.parametrize("endpoint", TYPED, ids=str)
def test_a_request_for_an_unavailable_media_type_gets_a_406(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    media_type = MEDIA_TYPES.get(endpoint.rule, "application/json")
    for accept in (
        "audio/ogg",
        "audio/*",
        f"{media_type};q=0",
        f"{media_type};q=0, audio/ogg",
        f"{media_type};q=0, */*",
        "nonsense",
    ):
        response = sqlite_client.get(endpoint.url(), headers={"Accept": accept, "Accept-Language": "cy"})
        problem = assert_problem(response, 406, "cy")
        assert media_type in problem["detail"], accept


@every_endpoint
def test_the_accept_headers_of_browsers_and_clients_are_accepted(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    static_types = {"/static/<path:name>": "text/javascript", "/embed/assets/<file>": "text/css"}
    media_type = MEDIA_TYPES.get(endpoint.rule, static_types.get(endpoint.rule, "application/json"))
    assert sqlite_client.get(endpoint.url()).mimetype == media_type
    for accept in (
        BROWSER,
        "text/html,*/*;q=0.8",
        "*/*",
        media_type,
        media_type.partition("/")[0] + "/*",
        media_type.upper(),
        f"{media_type}; charset=utf-8",
        f"audio/ogg, {media_type};q=0.001",
        "",
    ):
        assert sqlite_client.get(endpoint.url(), headers={"Accept": accept}).status_code == 200, accept


@pytest.mark.parametrize("endpoint", TYPED, ids=str)
def test_a_client_that_accepts_only_problem_documents_gets_json(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    media_type, problem = MEDIA_TYPES.get(endpoint.rule, "application/json"), "application/problem+json"
    is_json = media_type == "application/json"
    for accept, is_accepted in (
        (problem, is_json),
        ("Application/Problem+JSON; charset=utf-8", is_json),
        (f"{problem};q=0.1, text/turtle", is_json),
        (f"{problem}, {media_type};q=0.5", True),
        (f"{problem}, */*;q=0.1", True),
        (f"{problem};q=0", False),
        (f"{problem}, {media_type};q=0", False),
        (f"{problem}, */*;q=0", False),
    ):
        response = sqlite_client.get(endpoint.url(), headers={"Accept": accept})
        assert response.status_code == (200 if is_accepted else 406), accept


UNKNOWN = ("/v2", "/v1/nothing", "/v1//moments", "/v1/bilingual", "/v1/moments/a/b",
           "/problems/no-such", "/static/", "/static/../settings.py", "/V1/moments")  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_paths_return_problems_in_the_readers_language(sqlite_client: FlaskClient, path: str) -> None:
    welsh = sqlite_client.get(path, query_string={"lang": "cy"})
    assert_problem(welsh, 404, "cy")
    assert "Vary" not in welsh.headers
    by_header = sqlite_client.get(path, headers={"Accept-Language": "cy-GB, en;q=0.2"})
    assert_problem(by_header, 404, "cy")
    assert by_header.headers["Vary"] == "Accept-Language"
    english = sqlite_client.get(path)
    assert_problem(english, 404, "en")
    assert english.headers["Vary"] == "Accept-Language"
    assert english.get_json()["detail"] != welsh.get_json()["detail"]


PROBLEMS = {
    400: ("GET", "/v1/moments?limit=0"),
    404: ("GET", "/v1/moments/nothing"),
    405: ("DELETE", "/v1/moments/chain-reaction"),
    406: ("GET", "/v1/moments"),
    412: ("GET", "/v1/moments/chain-reaction"),
}


@pytest.mark.parametrize("status", PROBLEMS)
def test_every_problem_is_in_the_readers_language(sqlite_client: FlaskClient, status: int) -> None:
    method, path = PROBLEMS[status]
    headers = {406: {"Accept": "audio/ogg"}, 412: {"If-Match": '"another"'}}.get(status, {})
    problems = {}
    for language in ("cy", "en"):
        separator = "&" if "?" in path else "?"
        by_url = sqlite_client.open(f"{path}{separator}lang={language}", method=method, headers=headers)
        assert "Vary" not in by_url.headers
        problems[language] = assert_problem(by_url, status, language)
        by_header = sqlite_client.open(path, method=method, headers={**headers, "Accept-Language": language})
        assert by_header.headers["Vary"] == "Accept-Language"
        problem = assert_problem(by_header, status, language)
        assert {**problem, "request_id": ""} == {**problems[language], "request_id": ""}
    assert problems["cy"]["title"] != problems["en"]["title"]
    assert problems["cy"]["type"] == problems["en"]["type"]
    page = sqlite_client.get(problems["cy"]["type"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert page.mimetype == "text/html"


def test_the_language_in_the_url_has_precedence_over_the_header(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments?lang=en&limit=0", headers={"Accept-Language": "cy"})
    assert_problem(response, 400, "en")
