"""A problem in the reader's language names each bad parameter. No parameter is ignored or causes a server error."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.kind import PLURALS
from tests.tools.endpoints import (
    CONTENT,
    LISTS,
    PAGED,
    RESOURCES,
    V1,
    Endpoint,
    assert_parameter_error,
    assert_problem,
    for_endpoints,
)

WELSH = {"Accept-Language": "cy"}
WITH_RELEASE = [endpoint for endpoint in V1 if "release" not in endpoint.rule and "translation" in endpoint.rule]
WITH_RELEASE += [endpoint for endpoint in CONTENT if not endpoint.is_random]
JUNK = {"", "abc", "%00", "%ED%A0%80", "%FF", "a" * 10_000, "cy,en", "CY", "%20cy", "null", "[]", "%E2%80%AE"}


def _assert_refused(client: FlaskClient, path: str, parameter: str, status: int = 400) -> dict[str, Any]:
    """Assert that a parameter has the same error code in English and Welsh, and return the Welsh error."""
    codes = [
        assert_parameter_error(client.get(path, headers={"Accept-Language": language}), parameter, language, status)[
            "code"
        ]
        for language in ("en", "cy")
    ]
    assert codes[0] == codes[1]
    return assert_parameter_error(client.get(path, headers=WELSH), parameter, "cy", status)


@for_endpoints([endpoint for endpoint in V1 if not endpoint.is_bilingual])
def test_unknown_languages_are_refused_with_a_list_of_the_two_valid_codes(
    sqlite_client: FlaskClient, endpoint: Endpoint
) -> None:
    error = _assert_refused(sqlite_client, endpoint.url("lang=fr"), "lang")
    assert error["code"] == "unknown-language"
    assert "‘cy’" in error["detail"]
    assert "‘en’" in error["detail"]
    for junk in JUNK - {"CY"}:
        assert_parameter_error(sqlite_client.get(endpoint.url(f"lang={junk}"), headers=WELSH), "lang", "cy")


@for_endpoints(CONTENT)
def test_unknown_fields_are_refused(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    error = _assert_refused(sqlite_client, endpoint.url("fields=slug,lliw"), "fields")
    assert error["code"] == "unknown-field"
    assert "lliw" in error["detail"]
    # All fields are named, at whatever length.
    assert "translations" in error["detail"]
    assert error["detail"].count("…") == 0
    for junk in (*JUNK, ",", "slug;title", "slug%00"):
        assert_parameter_error(sqlite_client.get(endpoint.url(f"fields={junk}"), headers=WELSH), "fields", "cy")
    plain = sqlite_client.get(endpoint.url("fields=slug"))
    for spare in ("slug,", ",slug", "slug,,slug"):
        assert sqlite_client.get(endpoint.url(f"fields={spare}")).status_code == plain.status_code == 200


@for_endpoints(CONTENT)
def test_unknown_choices_are_refused(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    names = ["min_state"] if endpoint.is_bilingual else ["min_state", "fallback"]
    kind = PLURALS[endpoint.plural]
    if kind.facet and endpoint not in RESOURCES:
        names.append(kind.facet)
    if endpoint.plural == "moments" and endpoint in LISTS:
        names.append("sort")
    for name in names:
        assert _assert_refused(sqlite_client, endpoint.url(f"{name}=dim-byd"), name)["code"] == "unknown-choice"
        for junk in JUNK:
            assert_parameter_error(sqlite_client.get(endpoint.url(f"{name}={junk}"), headers=WELSH), name, "cy")


def test_filters_refuse_unknown_names(client: FlaskClient) -> None:
    for endpoint in [*LISTS, *(endpoint for endpoint in CONTENT if endpoint.is_random)]:
        for name in ("collection", "category"):
            if name not in _filters(endpoint):
                assert _assert_refused(client, endpoint.url(f"{name}=x"), name)["code"] == "unknown-parameter"
                continue
            assert _assert_refused(client, endpoint.url(f"{name}=dim-byd"), name)["code"] == "unknown-value"
            for junk in (*JUNK, "random", "..", "Better-Outcomes"):
                assert_parameter_error(client.get(endpoint.url(f"{name}={junk}"), headers=WELSH), name, "cy")


def _filters(endpoint: Endpoint) -> set[str]:
    return {"collections": set(), "moments": {"collection", "category"}}.get(endpoint.plural, {"collection"})


def test_all_errors_of_a_request_are_reported_together(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments?lang=fr&limit=0&fields=lliw&number=x&sillafu=1", headers=WELSH)
    parameters = {error["parameter"] for error in assert_problem(response, 400, "cy")["errors"]}
    assert parameters == {"lang", "limit", "fields", "number", "sillafu"}


NOT_NUMBERS = ("", "abc", "1e3", "1.0", "0x1", "%2B1", "1%20", "--1", "-", "%D9%A1%D9%A2", "%EF%BC%91", "%C2%B2", "1_0",
              "NaN", "%00", "%FF", "1" + "%20" * 5)  # fmt: skip
HUGE = ("2147483648", "9223372036854775808", "1" + "0" * 30, "1" + "0" * 40, "9" * 199)


@for_endpoints(PAGED)
def test_the_limit_parameter_must_be_from_1_to_100(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for wrong in ("0", "-1", "101", "-0", "00", *NOT_NUMBERS, *HUGE, "1" * 5_000):
        error = _assert_refused(sqlite_client, endpoint.url(f"limit={wrong}"), "limit")
        if wrong == "%FF":  # not UTF-8, so refused before the number is parsed
            assert error["code"] == "invalid-character"
            continue
        assert error["code"] in {"not-a-number", "out-of-range"}, wrong
        assert "100" in error["detail"], wrong


def test_the_number_parameter_must_be_a_positive_integer(sqlite_client: FlaskClient) -> None:
    for path in ("/v1/moments", "/v1/bilingual/moments", "/v1/moments/random"):
        for wrong in ("0", "-1", "1000001", *NOT_NUMBERS, *HUGE):
            _assert_refused(sqlite_client, f"{path}?number={wrong}", "number")


@for_endpoints(WITH_RELEASE)
def test_the_release_parameter_must_be_a_positive_integer(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    for wrong in ("0", "-1", "-9223372036854775809", *NOT_NUMBERS):
        _assert_refused(sqlite_client, endpoint.url(f"release={wrong}"), "release")


@for_endpoints(WITH_RELEASE)
def test_unknown_releases_are_not_found(client: FlaskClient, endpoint: Endpoint) -> None:
    for number in ("2", "999", "2147483647", *HUGE):
        error = _assert_refused(client, endpoint.url(f"release={number}"), "release", 404)
        assert error["code"] == "release-not-found"


def test_a_release_is_found_only_by_its_number(client: FlaskClient) -> None:
    assert client.get("/v1/releases/1").status_code == 200
    for wrong in ("0", "2", "01", "-1", "abc", "1.0", "1e0", "%D9%A1", "%00", "%FF", "1%2F1", *HUGE, "1" * 5_000):
        assert_problem(client.get(f"/v1/releases/{wrong}?lang=cy"), 404, "cy")


@pytest.mark.parametrize("path", ["/v1/moments/random", "/v1/changes", "/v1/releases"])
def test_urls_that_do_not_support_the_release_parameter_refuse_the_parameter(
    sqlite_client: FlaskClient, path: str
) -> None:
    query = "since=0&release=1" if path.endswith("changes") else "release=1"
    error = _assert_refused(sqlite_client, f"{path}?{query}", "release")
    assert error["code"] == "unknown-parameter"


@for_endpoints([endpoint for endpoint in CONTENT if endpoint.is_bilingual])
def test_fallback_is_refused_in_bilingual_requests(sqlite_client: FlaskClient, endpoint: Endpoint) -> None:
    error = _assert_refused(sqlite_client, endpoint.url("fallback=allow"), "fallback")
    assert error["code"] == "unknown-parameter"


def test_since_is_required_and_must_not_be_after_the_newest_release(client: FlaskClient) -> None:
    assert _assert_refused(client, "/v1/changes", "since")["code"] == "required-parameter"
    assert _assert_refused(client, "/v1/changes?since=2", "since")["code"] == "release-not-made"
    for wrong in ("-1", *NOT_NUMBERS, *HUGE):
        _assert_refused(client, f"/v1/changes?since={wrong}", "since")
    assert client.get("/v1/changes?since=1").get_json()["items"] == []
