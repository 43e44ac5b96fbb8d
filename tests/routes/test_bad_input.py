"""Bad input: each a problem in the reader's language that names what was wrong; never a 500, never silence."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from api.domain.kind import KINDS, PLURALS
from tests.tools.addresses import (
    CONTENT,
    IN_ONE_LANGUAGE,
    SLUGS,
    V1,
    Address,
    assert_names,
    assert_problem,
)

WELSH = {"Accept-Language": "cy"}
LISTS = [address for address in CONTENT if not address.rule.endswith(("<slug>", "random"))]
ONES = [address for address in CONTENT if address.rule.endswith("<slug>")]
PAGED = [*LISTS, *(address for address in V1 if address.rule in {"/v1/releases", "/v1/changes"})]
OF_A_RELEASE = [address for address in V1 if "release" not in address.rule and "translation" in address.rule]
OF_A_RELEASE += [address for address in CONTENT if not address.is_random]
JUNK = ("", "abc", "%00", "%ED%A0%80", "%FF", "a" * 10_000, "cy,en", "CY", "%20cy", "null", "[]", "%E2%80%AE")


def routes(addresses: list[Address]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", addresses, ids=str)


def _refuses(client: FlaskClient, path: str, parameter: str, status: int = 400) -> dict[str, Any]:
    """The same refusal in both languages; the Welsh one."""
    codes = [
        assert_names(client.get(path, headers={"Accept-Language": language}), parameter, language, status)["code"]
        for language in ("en", "cy")
    ]
    assert codes[0] == codes[1]
    return assert_names(client.get(path, headers=WELSH), parameter, "cy", status)


@routes([address for address in V1 if not address.is_bilingual])
def test_an_unknown_language_names_the_two_that_there_are(client: FlaskClient, address: Address) -> None:
    error = _refuses(client, address.ask("lang=fr"), "lang")
    assert error["code"] == "unknown-language"
    assert "‘cy’" in error["detail"]
    assert "‘en’" in error["detail"]
    for junk in JUNK:
        assert_names(client.get(address.ask(f"lang={junk}"), headers=WELSH), "lang", "cy")


@routes(CONTENT)
def test_unknown_fields_are_refused(client: FlaskClient, address: Address) -> None:
    error = _refuses(client, address.ask("fields=slug,lliw"), "fields")
    assert error["code"] == "unknown-field"
    assert "lliw" in error["detail"]
    for junk in (*JUNK, "slug,", ",slug", "slug;title", "slug,,title", "slug%00"):
        assert_names(client.get(address.ask(f"fields={junk}"), headers=WELSH), "fields", "cy")


@routes(CONTENT)
def test_an_unknown_choice_is_refused(client: FlaskClient, address: Address) -> None:
    names = ["min_state"] if address.is_bilingual else ["min_state", "fallback"]
    kind = PLURALS[address.plural]
    if kind.facet and address not in ONES:
        names.append(kind.facet)
    if address.plural == "moments" and address in LISTS:
        names.append("sort")
    for name in names:
        assert _refuses(client, address.ask(f"{name}=dim-byd"), name)["code"] == "unknown-choice"
        for junk in JUNK:
            assert_names(client.get(address.ask(f"{name}={junk}"), headers=WELSH), name, "cy")


def test_every_filter_refuses_what_nothing_is_called(client: FlaskClient) -> None:
    for address in [*LISTS, *(address for address in CONTENT if address.is_random)]:
        for name in ("collection", "category"):
            if name not in _filters(address):
                assert _refuses(client, address.ask(f"{name}=x"), name)["code"] == "unknown-parameter"
                continue
            assert _refuses(client, address.ask(f"{name}=dim-byd"), name)["code"] == "unknown-value"
            for junk in (*JUNK, "random", "..", "Better-Outcomes"):
                assert_names(client.get(address.ask(f"{name}={junk}"), headers=WELSH), name, "cy")


def _filters(address: Address) -> set[str]:
    return {"collections": set(), "moments": {"collection", "category"}}.get(address.plural, {"collection"})


def test_all_faults_of_a_request_are_named_at_once(client: FlaskClient) -> None:
    response = client.get("/v1/moments?lang=fr&limit=0&fields=lliw&number=x&sillafu=1", headers=WELSH)
    named = {error["parameter"] for error in assert_problem(response, 400, "cy")["errors"]}
    assert named == {"lang", "limit", "fields", "number", "sillafu"}


NO_NUMBERS = ("", "abc", "1e3", "1.0", "0x1", "%2B1", "1%20", "--1", "-", "%D9%A1%D9%A2", "%EF%BC%91", "%C2%B2", "1_0", "NaN",
              "%00", "%FF", "1" + "%20" * 5)  # fmt: skip
HUGE = ("2147483648", "9223372036854775808", "1" + "0" * 30, "1" + "0" * 40, "9" * 199)


@pytest.mark.parametrize("wrong", ["0", "-1", "101", "-0", "00", *NO_NUMBERS, *HUGE, "1" * 5_000])
@routes(PAGED)
def test_a_limit_is_from_1_to_100(bare_client: FlaskClient, address: Address, wrong: str) -> None:
    error = _refuses(bare_client, address.ask(f"limit={wrong}"), "limit")
    assert "1" in error["detail"]
    assert "100" in error["detail"]


@pytest.mark.parametrize("wrong", ["0", "-1", "1000001", *NO_NUMBERS, *HUGE])
def test_a_number_is_a_whole_one(bare_client: FlaskClient, wrong: str) -> None:
    for path in ("/v1/moments", "/v1/bilingual/moments", "/v1/moments/random"):
        _refuses(bare_client, f"{path}?number={wrong}", "number")


@pytest.mark.parametrize("wrong", ["0", "-1", "-9223372036854775809", *NO_NUMBERS])
@routes(OF_A_RELEASE)
def test_a_release_is_a_whole_number_from_1(bare_client: FlaskClient, address: Address, wrong: str) -> None:
    _refuses(bare_client, address.ask(f"release={wrong}"), "release")


@routes(OF_A_RELEASE)
def test_a_release_that_does_not_exist_is_not_found(client: FlaskClient, address: Address) -> None:
    for number in ("2", "999", "2147483647", *HUGE):
        error = _refuses(client, address.ask(f"release={number}"), "release", 404)
        assert error["code"] == "release-not-found"


def test_a_release_of_an_address_of_its_own_is_found_by_number_only(client: FlaskClient) -> None:
    assert client.get("/v1/releases/1").status_code == 200
    for wrong in ("0", "2", "01", "-1", "abc", "1.0", "1e0", "%D9%A1", "%00", "%FF", "1%2F1", *HUGE, "1" * 5_000):
        assert_problem(client.get(f"/v1/releases/{wrong}?lang=cy"), 404, "cy")


@pytest.mark.parametrize("path", ["/v1/moments/random", "/v1/changes", "/v1/releases"])
def test_release_is_no_parameter_where_there_is_but_one(bare_client: FlaskClient, path: str) -> None:
    mark = "?since=0&" if path.endswith("changes") else "?"
    error = _refuses(bare_client, f"{path}{mark}release=1", "release")
    assert error["code"] == "unknown-parameter"


@routes([address for address in CONTENT if address.is_bilingual])
def test_fallback_is_no_parameter_of_a_bilingual_answer(bare_client: FlaskClient, address: Address) -> None:
    error = _refuses(bare_client, address.ask("fallback=allow"), "fallback")
    assert error["code"] == "unknown-parameter"


def test_since_is_required_and_no_later_than_now(client: FlaskClient) -> None:
    assert _refuses(client, "/v1/changes", "since")["code"] == "required-parameter"
    assert _refuses(client, "/v1/changes?since=2", "since")["code"] == "out-of-range"
    for wrong in ("-1", *NO_NUMBERS, *HUGE):
        _refuses(client, f"/v1/changes?since={wrong}", "since")
    assert client.get("/v1/changes?since=1").get_json()["items"] == []


def _encode(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


UNREADABLE = {
    "no base64": "!!!!",
    "a length that base64 has not": "a",
    "no ASCII": quote("tŷ"),
    "empty": "",
    "NUL": "%00",
    "half a character": "%ED%A0%80",
    "bytes that are no text": _encode(b"\xff\xfe"),
    "no JSON": _encode(b"hello"),
    "a number": _encode(1),
    "null": _encode(None),
    "an empty list": _encode([]),
    "an object": _encode({}),
    "nested deep": _encode(b"[" * 140),
    "a number of many digits": _encode(b"[" + b"9" * 140 + b"]"),
    "10,000 characters": "a" * 10_000,
}


@pytest.mark.parametrize("fault", UNREADABLE)
@routes(PAGED)
def test_an_after_that_cannot_be_read_is_refused(client: FlaskClient, address: Address, fault: str) -> None:
    response = client.get(address.ask(f"after={UNREADABLE[fault]}"), headers=WELSH)
    assert_names(response, "after", "cy")


def _next_after(client: FlaskClient, path: str) -> str:
    link = client.get(path).get_json()["links"]["next"]
    return str(link.rpartition("after=")[2])


def _forge(after: str, *key: object) -> str:
    """``after`` with another place in the same list."""
    mark = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))[0]
    return _encode([mark, *key])


RANK_KEYS = (
    (),
    (1,),
    (1, 2, 3),
    ("1", "2"),
    (1.5, 2),
    (None, 1),
    (True, 1),
    ([1], 2),
    ({}, 1),
    (2**63, 1),
    (1, -(2**63)),
    (1, 2**70),
)
TITLE_KEYS = ((), (0, 1, 2), ("0", "", 1), (0, "00", 2**63), (0, None, 1), (0, "", 1, 1), (False, "", 1))


@pytest.mark.parametrize("sort", ["", "&sort=title"])
@pytest.mark.parametrize("path", ["/v1/moments?lang=cy", "/v1/bilingual/moments?lang=cy"])
def test_an_after_with_another_key_is_refused(client: FlaskClient, path: str, sort: str) -> None:
    path = f"{path}&limit=5{sort}"
    after = _next_after(client, path)
    assert client.get(f"{path}&after={after}").status_code == 200
    for key in TITLE_KEYS if sort else RANK_KEYS:
        assert _refuses(client, f"{path}&after={_forge(after, *key)}", "after")["code"] == "unreadable-after", key


@pytest.mark.parametrize("path", ["/v1/changes?since=0", "/v1/changes?since=0&include=content"])
def test_an_after_of_the_changes_with_another_key_is_refused(client: FlaskClient, path: str) -> None:
    after = _next_after(client, f"{path}&limit=5")
    for key in (*RANK_KEYS, (0, 1, 1), (-1, 1, 1), ("1", 1, 1), (2**63, 1, 1)):
        if len(key) == 3 and key == (1, 2, 3):
            continue  # that is a place in this list
        assert _refuses(client, f"{path}&after={_forge(after, *key)}", "after")["code"] == "unreadable-after", key
    for release in (2, 2**31, 2**63 - 1):
        assert_names(client.get(f"{path}&after={_forge(after, release, 1, 1)}", headers=WELSH), "after", "cy", 404)


def test_an_after_of_the_releases_with_another_key_is_refused(client: FlaskClient) -> None:
    for key in ((), ("1",), (1, 2), (None,), (1.0,), (2**63,), (-(2**70),)):
        _refuses(client, f"/v1/releases?after={_encode(['releases', *key])}", "after")
    for number in (1, 0, -1, 2**63 - 1, -(2**63) + 1):
        assert client.get(f"/v1/releases?after={_encode(['releases', number])}").status_code == 200


def test_an_after_of_another_list_filter_or_language_is_refused(client: FlaskClient) -> None:
    after = _next_after(client, "/v1/moments?lang=cy&limit=5")
    assert client.get(f"/v1/moments?lang=cy&limit=7&after={after}").status_code == 200
    for path in (
        "/v1/moments?lang=en",
        "/v1/moments?lang=cy&fallback=allow",
        "/v1/moments?lang=cy&min_state=reviewed",
        "/v1/moments?lang=cy&category=research",
        "/v1/moments?lang=cy&sort=title",
        "/v1/moments?lang=cy&number=1",
        "/v1/bilingual/moments?lang=cy",
        "/v1/prompts?lang=cy",
        "/v1/releases?lang=cy",
        "/v1/changes?since=0",
    ):
        error = _refuses_in_welsh(client, f"{path}&after={after}")
        assert error["code"] == "after-of-another-list", path


def _refuses_in_welsh(client: FlaskClient, path: str) -> dict[str, Any]:
    language = "en" if "lang=en" in path else "cy"
    return assert_names(client.get(path, headers=WELSH), "after", language)


BAD_SLUGS = ("%00", "a%00b", "%ED%A0%80", "%FF", "x" * 10_000, "..", ".", "CHAIN-REACTION", "Chain-reaction", "-", "a--b", "a_b",
             "%2E%2E", "%20", "a%20b", "a'b", "%22", "%27%20OR%201=1", "%E2%80%AE", "%C5%B5", "1" * 400, "{slug}", "*", "null")  # fmt: skip


@routes(ONES)
def test_a_slug_that_is_none_leads_nowhere(client: FlaskClient, address: Address) -> None:
    stem = address.path.rpartition("/")[0]
    for slug in BAD_SLUGS:
        problem = assert_problem(client.get(f"{stem}/{slug}", headers=WELSH), 404, "cy")
        assert len(problem["detail"]) < 300
        assert not any(character < " " or "\ud800" <= character <= "\udfff" for character in problem["detail"])


@routes(ONES)
def test_a_slash_more_leads_nowhere(client: FlaskClient, address: Address) -> None:
    for path in (f"{address.path}/", f"{address.path}//", address.path.replace("/v1/", "/v1//"), f"/{address.path}"):
        assert_problem(client.get(path, headers=WELSH), 404, "cy")


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


@pytest.mark.parametrize("header", ABSURD)
@routes(IN_ONE_LANGUAGE)
def test_an_absurd_accept_language_is_never_an_error(client: FlaskClient, address: Address, header: str) -> None:
    response = client.get(address.ask(), headers={"Accept-Language": ABSURD[header]})
    assert response.status_code == 200
    assert response.headers["Content-Location"].startswith("http://127.0.0.1:8000/v1/")


@pytest.mark.parametrize("header", ABSURD)
@pytest.mark.parametrize("name", ["Accept", "If-None-Match", "If-Match", "X-Request-Id", "Range", "If-Range",
                                  "If-Modified-Since", "Authorization", "Cookie", "Content-Type"])  # fmt: skip
def test_another_absurd_header_is_never_a_fault(client: FlaskClient, name: str, header: str) -> None:
    for path in ("/v1/moments?limit=1", "/v1", "/healthz", "/docs"):
        response = client.get(path, headers={name: ABSURD[header], "Accept-Language": "cy"})
        assert response.status_code in {200, 304, 406, 412}
        if response.status_code in {406, 412}:
            assert_problem(response, response.status_code, "cy")


@pytest.mark.parametrize("query", ["%FF=1", "collection=%FF", "seed=%C3%28", "%ED%A0%80", "lang=cy&seed=%80%80"])
def test_a_query_that_is_no_text_is_refused(client: FlaskClient, query: str) -> None:
    path = "/v1/moments/random"
    response = client.get(f"{path}?{query}", headers=WELSH)
    name = query.split("&")[-1].partition("=")[0]
    assert_names(response, "\ufffd" * name.count("%") or name if "%" in name else name, "cy")


@pytest.mark.parametrize("query", ["=", "&", "&&=", "?", "=x", "lang", "%", "%%", "%zz", "[]=1", "lang[]=cy"])
def test_a_strange_query_is_answered_or_refused_never_a_fault(client: FlaskClient, query: str) -> None:
    response = client.get(f"/v1/moments?{query}", headers=WELSH)
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert_problem(response, 400, "cy")["errors"][0]["parameter"]
