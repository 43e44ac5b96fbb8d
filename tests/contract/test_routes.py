"""What is promised of every address: methods, headers, and problems; loops over the application's own map."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.tools.endpoints import ENDPOINTS, CONTENT, EMBEDS, V1, WRITES, Endpoint, assert_parameter_error, assert_problem

every_address = pytest.mark.parametrize("address", ENDPOINTS, ids=str)
every_v1_address = pytest.mark.parametrize("address", [a for a in V1 if not a.accepts_unknown_parameters], ids=str)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
ID = "X-Request-Id"
# What addresses give that do not give JSON; a file is what it is.
GIVEN = {
    "/docs": "text/html",
    "/docs/words": "text/html",
    "/problems": "text/html",
    "/problems/<name>": "text/html",
    **{address.rule: "text/html" for address in EMBEDS},
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


# These give what they have: a file, or the format that a parameter names.
TYPED = [a for a in ENDPOINTS if not a.rule.startswith("/static/") and not a.is_asset and a.rule != "/v1/oembed"]


def test_the_map_has_every_kind_of_address() -> None:
    assert len(CONTENT) == 29
    assert {str(address) for address in ENDPOINTS} >= {"/v1", "/docs", "/openapi.json", "/healthz", "/readyz"}


@every_address
def test_get_answers_and_head_says_the_same_without_a_body(client: FlaskClient, address: Endpoint) -> None:
    got = client.get(address.url(), headers={ID: "one-and-the-same"})
    head = client.head(address.url(), headers={ID: "one-and-the-same"})
    assert got.status_code == head.status_code == 200
    assert got.data
    assert not head.data
    assert {**head.headers, "Date": ""} == {**got.headers, "Date": ""}


@every_address
def test_options_is_204_with_what_is_allowed(sqlite_client: FlaskClient, address: Endpoint) -> None:
    response = sqlite_client.options(address.path)
    assert response.status_code == 204
    assert not response.data
    assert response.headers["Allow"] == response.headers["Access-Control-Allow-Methods"] == address.allow
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert "Content-Type" not in response.headers


@every_address
def test_another_method_is_405_with_what_is_allowed(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for method in (*WRITES, "TRACE", "PURGE"):
        response = sqlite_client.open(address.url("lang=cy"), method=method)
        if method in address.writes:
            assert_problem(response, 401, "cy")  # with a token it would be let in
            continue
        problem = assert_problem(response, 405, "cy")
        assert response.headers["Allow"] == address.allow
        assert address.allow in problem["detail"]


def _asked_in_every_way(sqlite_client: FlaskClient, address: Endpoint) -> dict[int, dict[str, str]]:
    answers = (
        sqlite_client.get(address.url()),
        sqlite_client.get(address.url(), headers={"If-None-Match": "*"}),
        sqlite_client.get(address.url(), data="a body"),
        sqlite_client.get(address.path + "/nothing/here"),
        sqlite_client.post(address.url()),
        sqlite_client.options(address.url()),
        sqlite_client.get(address.url(), headers={"Accept": "audio/ogg"}),
    )
    return {answer.status_code: dict(answer.headers) for answer in answers}


@every_address
def test_every_answer_may_be_read_from_any_site_and_is_guarded(sqlite_client: FlaskClient, address: Endpoint) -> None:
    answers = _asked_in_every_way(sqlite_client, address)
    assert {200, 204, 400, 404, 401 if "POST" in address.writes else 405} <= set(answers)
    for status, headers in answers.items():
        assert headers["Access-Control-Allow-Origin"] == "*", status
        assert "ETag" in headers["Access-Control-Expose-Headers"], status
        assert len(headers[ID]) >= 8, status
        assert headers["X-Content-Type-Options"] == "nosniff", status
        assert headers["Referrer-Policy"] == "no-referrer", status
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; "), status
        assert "unsafe-inline" not in policy or address.rule == "/docs", status
        # What is made to be framed may be, its problems too, so that no frame stays blank.
        is_framed = status >= 400 if address.is_builder else address.is_embed
        is_whole = status == 304 and not address.is_asset
        is_page = is_framed and (is_whole or headers.get("Content-Type", "").startswith("text/html"))
        assert policy.endswith("; form-action 'none'" if is_page else "; frame-ancestors 'none'"), status
        assert "Set-Cookie" not in headers, status


@every_address
def test_a_request_id_that_is_fit_for_a_log_is_kept_and_another_replaced(
    sqlite_client: FlaskClient, address: Endpoint
) -> None:
    assert sqlite_client.get(address.url(), headers={ID: "abc-123.xyz_9"}).headers[ID] == "abc-123.xyz_9"
    for unfit in ("short", "x" * 65, "two words here", "a\u00e9b\u00e9c\u00e9d\u00e9e"):
        replaced = sqlite_client.get(address.url(), headers={ID: unfit}).headers[ID]
        assert replaced != unfit
        assert len(replaced) == 16


@every_v1_address
def test_an_unknown_parameter_is_named(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for language in ("cy", "en"):
        response = sqlite_client.get(address.url("sillafu=1"), headers={"Accept-Language": language})
        error = assert_parameter_error(response, "sillafu", language)
        assert error["code"] == "unknown-parameter"
        assert "sillafu" in error["detail"]


@every_v1_address
def test_a_parameter_given_twice_is_named(sqlite_client: FlaskClient, address: Endpoint) -> None:
    name = "min_state" if address.is_bilingual else "lang"
    value = "translated" if address.is_bilingual else "cy"
    response = sqlite_client.get(address.url(f"{name}={value}&{name}={value}"), headers={"Accept-Language": "cy"})
    error = assert_parameter_error(response, name, "cy")
    assert error["code"] == "repeated-parameter"


@every_address
def test_a_body_on_a_get_is_refused(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for headers in ({}, {"Content-Type": "application/json"}):
        response = sqlite_client.get(
            address.url(), data=b'{"lang": "cy"}', headers={"Accept-Language": "cy", **headers}
        )
        problem = assert_problem(response, 400, "cy")
        if address.is_embed:
            continue
        assert problem["errors"] == [
            {"code": "body-not-allowed", "pointer": "", "detail": problem["errors"][0]["detail"]}
        ]
    assert sqlite_client.head(address.url(), data=b"x").status_code == 400


@pytest.mark.parametrize("address", TYPED, ids=str)
def test_an_accept_header_that_cannot_be_met_is_406(sqlite_client: FlaskClient, address: Endpoint) -> None:
    given = GIVEN.get(address.rule, "application/json")
    for accept in ("audio/ogg", "audio/*", f"{given};q=0", f"{given};q=0, audio/ogg", f"{given};q=0, */*", "nonsense"):
        response = sqlite_client.get(address.url(), headers={"Accept": accept, "Accept-Language": "cy"})
        problem = assert_problem(response, 406, "cy")
        assert given in problem["detail"], accept


@every_address
def test_what_browsers_and_clients_accept_is_fine(sqlite_client: FlaskClient, address: Endpoint) -> None:
    usual = {"/static/<path:name>": "text/javascript", "/embed/assets/<file>": "text/css"}
    given = GIVEN.get(address.rule, usual.get(address.rule, "application/json"))
    assert sqlite_client.get(address.url()).mimetype == given
    for accept in (
        BROWSER,
        "text/html,*/*;q=0.8",
        "*/*",
        given,
        given.partition("/")[0] + "/*",
        given.upper(),
        f"{given}; charset=utf-8",
        f"audio/ogg, {given};q=0.001",
        "",
    ):
        assert sqlite_client.get(address.url(), headers={"Accept": accept}).status_code == 200, accept


UNKNOWN = ("/", "/v2", "/v1/", "/v1/nothing", "/v1//moments", "/v1/moments/", "/v1/bilingual", "/v1/moments/a/b",
           "/docs/", "/problems/no-such", "/static/", "/static/../settings.py", "/V1/moments")  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_is_a_problem_in_the_readers_language(sqlite_client: FlaskClient, path: str) -> None:
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
    said = {}
    for language in ("cy", "en"):
        mark = "&" if "?" in path else "?"
        named = sqlite_client.open(f"{path}{mark}lang={language}", method=method, headers=headers)
        assert "Vary" not in named.headers
        said[language] = assert_problem(named, status, language)
        by_header = sqlite_client.open(path, method=method, headers={**headers, "Accept-Language": language})
        assert by_header.headers["Vary"] == "Accept-Language"
        again = assert_problem(by_header, status, language)
        assert {**again, "request_id": ""} == {**said[language], "request_id": ""}
    assert said["cy"]["title"] != said["en"]["title"]
    assert said["cy"]["type"] == said["en"]["type"]
    page = sqlite_client.get(said["cy"]["type"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert page.mimetype == "text/html"


def test_the_address_decides_before_the_header(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments?lang=en&limit=0", headers={"Accept-Language": "cy"})
    assert_problem(response, 400, "en")
