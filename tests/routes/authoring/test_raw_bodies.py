"""Bodies that are not JSON in UTF-8, and values that no client library sends: always a clear problem, never a 500."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import BODY, TITLE, Actors, assert_refused, issue_codes, nothing_changes

NEW = b'"kind":"moment","source_language":"cy","collection":"small","category":"care","texts":{"title":{"cy":"a"}}'
# A person, a request with a body, and the name of a member that is a text.
REQUESTS = [
    ("twm", "PUT", f"/units/{TITLE}/target", "text"),
    ("eirlys", "PUT", f"/units/{TITLE}/source", "text"),
    ("eirlys", "POST", f"/units/{TITLE}/minor", "comment"),
    ("twm", "POST", f"/units/{BODY}/confirm", "comment"),
    ("rhian", "POST", f"/units/{BODY}/review", "comment"),
    ("twm", "POST", f"/units/{BODY}/revert", "side"),
    ("eirlys", "POST", "/resources", "key"),
    ("eirlys", "PATCH", "/resources/moment.first", "category"),
    ("pedr", "POST", "/releases", "note"),
    ("pedr", "POST", "/releases/1/revert", "note"),
    ("ann", "POST", "/tokens", "name"),
]
UNREADABLE = {
    "a byte that is not UTF-8": b'{"%s": "a\xff"}',
    "an overlong form": b'{"%s": "\xc0\x80"}',
    "an encoded surrogate": b'{"%s": "\xed\xa0\x80"}',
    "a raw NUL": b'{"%s": "a\x00"}',
    "UTF-16": '{"%s": "a"}'.encode("utf-16"),
    "UTF-32": '{"%s": "a"}'.encode("utf-32"),
    "deep nesting": b'{"%s": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"%s": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "thousands of digits": b'{"%s": ' + b"9" * 5_000 + b"}",
    "NaN": b'{"%s": NaN}',
    "Infinity": b'{"%s": -Infinity}',
    "half a body": b'{"%s": "a',
}
ODD = {
    "a lone surrogate": b'{"%s": "a\\ud800b"}',
    "half a pair": b'{"%s": "a\\udc00b"}',
    "a NUL": b'{"%s": "a\\u0000b"}',
    "a name with a surrogate": b'{"%s": "a", "\\ud800": 1}',
    "a name with a NUL": b'{"%s": "a", "\\u0000": 1}',
    "a long name": b'{"%s": "a", "' + b"k" * 50_000 + b'": 1}',
    "a name of emoji": '{"%s": "a", "👩\u200d👧🏴\U000e0067": 1}'.encode(),
    "900 arrays": b'{"%s": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a number beyond all floats": b'{"%s": 1e999}',
    "a number of thirty digits": b'{"%s": 999999999999999999999999999999}',
    "numbers beyond all floats": b"{" + NEW + b', "%s": "a", "number": 1e999, "revision": -1e999, "position": 1e999}',
    "numbers of 4,000 digits": b"{" + NEW + b', "%s": "a", "number": ' + b"9" * 4_000 + b', "revision": 1e400}',
    "surrogates in a map": b'{"%s": "a", "texts": {"\\ud800": {"\\ud800": "\\ud800"}}, "slugs": {"cy": "\\ud800"}}',
    "surrogates in waivers": b'{"%s": "a", "resources": ["\\ud800"], "waivers": [{"resource": "\\u0000", "gap": "x"}]}',
}


def send(actors: Actors, actor: str, method: str, path: str, body: bytes, language: str) -> Any:
    headers = {"Authorization": f"Bearer {actors.secrets[actor]}", "If-Match": "*", "Content-Type": "application/json"}
    return actors.client.open(f"/v1{path}?lang={language}", method=method, data=body, headers=headers)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_body_that_is_not_json_in_utf_8_is_refused_and_changes_nothing(actors: Actors, language: str) -> None:
    with nothing_changes(actors):
        for actor, method, path, name in REQUESTS:
            for case, body in UNREADABLE.items():
                response = send(actors, actor, method, path, body.replace(b"%s", name.encode()), language)
                problem = assert_refused(response, 400, "invalid-request", language)
                assert issue_codes(problem) == [("", "unreadable-json")], (path, case)


def test_odd_values_and_names_are_refused_and_change_nothing(actors: Actors) -> None:
    with nothing_changes(actors):
        for actor, method, path, name in REQUESTS:
            for case, body in ODD.items():
                response = send(actors, actor, method, path, body.replace(b"%s", name.encode()), "cy")
                assert response.status_code == 400, (path, case, response.text[:200])
                assert response.mimetype == "application/problem+json"


def test_a_byte_order_mark_before_the_body_is_ignored(actors: Actors) -> None:
    response = send(actors, "twm", "PUT", f"/units/{TITLE}/target", b'\xef\xbb\xbf{"text": "CY da"}', "cy")
    assert response.status_code == 200
    assert response.json["target"]["text"] == "CY da"


def test_header_values_that_are_not_ascii_never_cause_a_server_error(actors: Actors) -> None:
    headers = (
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Authorization",
        "Accept-Language",
        "Accept",
        "Content-Type",
    )
    for name in headers:
        for value in ("\xff\xfe", "\xed\xa0\x80", '"\x80"', "a" * 5_000, "*" * 100):
            for method, path in (
                ("GET", "/v1/moments"),
                ("PUT", f"/v1/units/{TITLE}/target"),
                ("POST", "/v1/releases"),
            ):
                own = {"Authorization": f"Bearer {actors.secrets['twm']}", "If-Match": "*", name: value}
                response = actors.client.open(path, method=method, data=b"{}", headers=own)
                assert response.status_code < 500, (name, ascii(value), path)
