"""Bad input: each a problem in the reader's language that names what was wrong; never a 500, never silence."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.kind import PLURALS
from tests.tools.endpoints import CONTENT, LISTS, RESOURCES, PAGED, V1, Endpoint, assert_parameter_error, assert_problem, for_endpoints

WELSH = {"Accept-Language": "cy"}
OF_A_RELEASE = [address for address in V1 if "release" not in address.rule and "translation" in address.rule]
OF_A_RELEASE += [address for address in CONTENT if not address.is_random]
JUNK = ("", "abc", "%00", "%ED%A0%80", "%FF", "a" * 10_000, "cy,en", "CY", "%20cy", "null", "[]", "%E2%80%AE")


def _refuses(client: FlaskClient, path: str, parameter: str, status: int = 400) -> dict[str, Any]:
    """The same refusal in both languages; the Welsh one."""
    codes = [
        assert_parameter_error(client.get(path, headers={"Accept-Language": language}), parameter, language, status)["code"]
        for language in ("en", "cy")
    ]
    assert codes[0] == codes[1]
    return assert_parameter_error(client.get(path, headers=WELSH), parameter, "cy", status)


@for_endpoints([address for address in V1 if not address.is_bilingual])
def test_an_unknown_language_names_the_two_that_there_are(sqlite_client: FlaskClient, address: Endpoint) -> None:
    error = _refuses(sqlite_client, address.url("lang=fr"), "lang")
    assert error["code"] == "unknown-language"
    assert "‘cy’" in error["detail"]
    assert "‘en’" in error["detail"]
    for junk in JUNK:
        assert_parameter_error(sqlite_client.get(address.url(f"lang={junk}"), headers=WELSH), "lang", "cy")


@for_endpoints(CONTENT)
def test_unknown_fields_are_refused(sqlite_client: FlaskClient, address: Endpoint) -> None:
    error = _refuses(sqlite_client, address.url("fields=slug,lliw"), "fields")
    assert error["code"] == "unknown-field"
    assert "lliw" in error["detail"]
    for junk in (*JUNK, "slug,", ",slug", "slug;title", "slug,,title", "slug%00"):
        assert_parameter_error(sqlite_client.get(address.url(f"fields={junk}"), headers=WELSH), "fields", "cy")


@for_endpoints(CONTENT)
def test_an_unknown_choice_is_refused(sqlite_client: FlaskClient, address: Endpoint) -> None:
    names = ["min_state"] if address.is_bilingual else ["min_state", "fallback"]
    kind = PLURALS[address.plural]
    if kind.facet and address not in RESOURCES:
        names.append(kind.facet)
    if address.plural == "moments" and address in LISTS:
        names.append("sort")
    for name in names:
        assert _refuses(sqlite_client, address.url(f"{name}=dim-byd"), name)["code"] == "unknown-choice"
        for junk in JUNK:
            assert_parameter_error(sqlite_client.get(address.url(f"{name}={junk}"), headers=WELSH), name, "cy")


def test_every_filter_refuses_what_nothing_is_called(client: FlaskClient) -> None:
    for address in [*LISTS, *(address for address in CONTENT if address.is_random)]:
        for name in ("collection", "category"):
            if name not in _filters(address):
                assert _refuses(client, address.url(f"{name}=x"), name)["code"] == "unknown-parameter"
                continue
            assert _refuses(client, address.url(f"{name}=dim-byd"), name)["code"] == "unknown-value"
            for junk in (*JUNK, "random", "..", "Better-Outcomes"):
                assert_parameter_error(client.get(address.url(f"{name}={junk}"), headers=WELSH), name, "cy")


def _filters(address: Endpoint) -> set[str]:
    return {"collections": set(), "moments": {"collection", "category"}}.get(address.plural, {"collection"})


def test_all_faults_of_a_request_are_named_at_once(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/v1/moments?lang=fr&limit=0&fields=lliw&number=x&sillafu=1", headers=WELSH)
    named = {error["parameter"] for error in assert_problem(response, 400, "cy")["errors"]}
    assert named == {"lang", "limit", "fields", "number", "sillafu"}


NO_NUMBERS = ("", "abc", "1e3", "1.0", "0x1", "%2B1", "1%20", "--1", "-", "%D9%A1%D9%A2", "%EF%BC%91", "%C2%B2", "1_0",
              "NaN", "%00", "%FF", "1" + "%20" * 5)  # fmt: skip
HUGE = ("2147483648", "9223372036854775808", "1" + "0" * 30, "1" + "0" * 40, "9" * 199)


@for_endpoints(PAGED)
def test_a_limit_is_from_1_to_100(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for wrong in ("0", "-1", "101", "-0", "00", *NO_NUMBERS, *HUGE, "1" * 5_000):
        error = _refuses(sqlite_client, address.url(f"limit={wrong}"), "limit")
        assert error["code"] in {"not-a-number", "out-of-range"} or wrong == "%FF", wrong
        assert "100" in error["detail"] or wrong == "%FF"


def test_a_number_is_a_whole_one(sqlite_client: FlaskClient) -> None:
    for path in ("/v1/moments", "/v1/bilingual/moments", "/v1/moments/random"):
        for wrong in ("0", "-1", "1000001", *NO_NUMBERS, *HUGE):
            _refuses(sqlite_client, f"{path}?number={wrong}", "number")


@for_endpoints(OF_A_RELEASE)
def test_a_release_is_a_whole_number_from_1(sqlite_client: FlaskClient, address: Endpoint) -> None:
    for wrong in ("0", "-1", "-9223372036854775809", *NO_NUMBERS):
        _refuses(sqlite_client, address.url(f"release={wrong}"), "release")


@for_endpoints(OF_A_RELEASE)
def test_a_release_that_does_not_exist_is_not_found(client: FlaskClient, address: Endpoint) -> None:
    for number in ("2", "999", "2147483647", *HUGE):
        error = _refuses(client, address.url(f"release={number}"), "release", 404)
        assert error["code"] == "release-not-found"


def test_a_release_of_an_address_of_its_own_is_found_by_number_only(client: FlaskClient) -> None:
    assert client.get("/v1/releases/1").status_code == 200
    for wrong in ("0", "2", "01", "-1", "abc", "1.0", "1e0", "%D9%A1", "%00", "%FF", "1%2F1", *HUGE, "1" * 5_000):
        assert_problem(client.get(f"/v1/releases/{wrong}?lang=cy"), 404, "cy")


@pytest.mark.parametrize("path", ["/v1/moments/random", "/v1/changes", "/v1/releases"])
def test_release_is_no_parameter_where_there_is_but_one(sqlite_client: FlaskClient, path: str) -> None:
    mark = "?since=0&" if path.endswith("changes") else "?"
    error = _refuses(sqlite_client, f"{path}{mark}release=1", "release")
    assert error["code"] == "unknown-parameter"


@for_endpoints([address for address in CONTENT if address.is_bilingual])
def test_fallback_is_no_parameter_of_a_bilingual_answer(sqlite_client: FlaskClient, address: Endpoint) -> None:
    error = _refuses(sqlite_client, address.url("fallback=allow"), "fallback")
    assert error["code"] == "unknown-parameter"


def test_since_is_required_and_no_later_than_now(client: FlaskClient) -> None:
    assert _refuses(client, "/v1/changes", "since")["code"] == "required-parameter"
    assert _refuses(client, "/v1/changes?since=2", "since")["code"] == "out-of-range"
    for wrong in ("-1", *NO_NUMBERS, *HUGE):
        _refuses(client, f"/v1/changes?since={wrong}", "since")
    assert client.get("/v1/changes?since=1").get_json()["items"] == []
