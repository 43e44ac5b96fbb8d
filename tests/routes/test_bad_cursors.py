"""Forged cursors are always refused, with a problem that names the parameter."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.tools.endpoints import PAGED, Endpoint, assert_parameter_error, for_endpoints

WELSH = {"Accept-Language": "cy"}


def _encode(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


UNREADABLE = {
    "not base64": "!!!!",
    "an impossible length": "a",
    "not ASCII": quote("tŷ"),
    "empty": "",
    "NUL": "%00",
    "a surrogate": "%ED%A0%80",
    "not UTF-8": _encode(b"\xff\xfe"),
    "not JSON": _encode(b"hello"),
    "a number": _encode(1),
    "null": _encode(None),
    "an empty list": _encode([]),
    "an object": _encode({}),
    "deeply nested": _encode(b"[" * 140),
    "a long number": _encode(b"[" + b"9" * 140 + b"]"),
    "10,000 characters": "a" * 10_000,
}


@for_endpoints(PAGED)
def test_unreadable_cursors_are_refused(client: FlaskClient, endpoint: Endpoint) -> None:
    for after in UNREADABLE.values():
        _assert_refused_in_welsh(client, endpoint.url(f"after={after}"))


def _next_after(client: FlaskClient, path: str) -> str:
    link = client.get(path).get_json()["links"]["next"]
    return str(link.rpartition("after=")[2])


def _forge(after: str, *key: object) -> str:
    """Return a cursor for another position in the same list."""
    list_id = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))[0]
    return _encode([list_id, *key])


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
TITLE_KEYS = (
    (),
    (0, 1, 2),
    ("0", "", 1),
    (0, "00", 2**31),
    (2**63, "", 1),
    (0, None, 1),
    (0, "", 1, 1),
    (False, "", 1),
)


@pytest.mark.parametrize("sort", ["", "&sort=title"])
@pytest.mark.parametrize("path", ["/v1/moments?lang=cy", "/v1/bilingual/moments?lang=cy"])
def test_list_cursors_with_a_malformed_key_are_refused(client: FlaskClient, path: str, sort: str) -> None:
    path = f"{path}&limit=5{sort}"
    after = _next_after(client, path)
    assert client.get(f"{path}&after={after}").status_code == 200
    for key in TITLE_KEYS if sort else RANK_KEYS:
        error = _assert_refused_in_welsh(client, f"{path}&after={_forge(after, *key)}")
        assert error["code"] == "unreadable-after", key
    last = (1, "ff", 2**31 - 1) if sort else (2**63 - 1, 2**31 - 1)
    assert client.get(f"{path}&after={_forge(after, *last)}").get_json()["items"] == []


@pytest.mark.parametrize("path", ["/v1/changes?since=0", "/v1/changes?since=0&include=content"])
def test_change_cursors_with_a_malformed_key_are_refused(client: FlaskClient, path: str) -> None:
    after = _next_after(client, f"{path}&limit=5")
    for key in (*RANK_KEYS, (0, 1, 1), (-1, 1, 1), ("1", 1, 1), (2**63, 1, 1)):
        if key == (1, 2, 3):
            continue  # a valid key of this list
        error = _assert_refused_in_welsh(client, f"{path}&after={_forge(after, *key)}")
        assert error["code"] == "unreadable-after", key
    assert client.get(f"{path}&after={_forge(after, 1, 2**31 - 1, 2**31 - 1)}").get_json()["items"] == []
    for release in (2, 2**31 - 1):
        assert_parameter_error(
            client.get(f"{path}&after={_forge(after, release, 1, 1)}", headers=WELSH), "after", "cy", 404
        )


def test_release_cursors_with_a_malformed_key_are_refused(client: FlaskClient) -> None:
    for key in ((), ("1",), (1, 2), (None,), (1.0,), (2**31,), (-(2**70),)):
        _assert_refused_in_welsh(client, f"/v1/releases?after={_encode(['releases', *key])}")
    for number in (1, 0, -1, 2**31 - 1, 1 - 2**31):
        assert client.get(f"/v1/releases?after={_encode(['releases', number])}").status_code == 200


def test_a_cursor_of_another_list_or_filter_or_language_is_refused(client: FlaskClient) -> None:
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
        error = _assert_refused_in_welsh(client, f"{path}&after={after}")
        assert error["code"] == "after-of-another-list", path


def _assert_refused_in_welsh(client: FlaskClient, path: str) -> dict[str, Any]:
    language = "en" if "lang=en" in path else "cy"
    return assert_parameter_error(client.get(path, headers=WELSH), "after", language)
