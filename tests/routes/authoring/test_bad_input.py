"""Invalid requests change nothing, and are refused with a problem in both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.domain.roles import Role
from tests.tools.actors import FIRST, TITLE, WELSH_TITLE, Actors, assert_refused, issue_codes, nothing_changes

MAX_BODY = 1_048_576
INVALID_TEXTS = {
    "empty": ("", "empty", ""),
    "only spaces": (" \n \t ".replace("\t", " "), "empty", ""),
    "NUL": ("CY a\0b", "control-character", "U+0000"),
    "a tab": ("CY a\tb", "control-character", "U+0009"),
    "a lone surrogate": ("CY a\ud800b", "surrogate", "U+D800"),
    "a bidi control": ("CY a\u202eb", "invisible-character", "U+202E"),
    "a zero-width space": ("CY a\u200bb", "invisible-character", "U+200B"),
    "a tag": ("CY a\U000e0041b", "invisible-character", "U+E0041"),
    "an annotation": ("CY a\ufff9b", "invisible-character", "U+FFF9"),
    "a musical format": ("CY a\U0001d173b", "invisible-character", "U+1D173"),
    "a joiner of graphemes": ("CY a\u034fb", "invisible-character", "U+034F"),
    "a filler": ("CY a\u3164b", "invisible-character", "U+3164"),
    "no character": ("CY a\uffffb", "invisible-character", "U+FFFF"),
    "braille without a dot": ("\u2800", "empty", ""),
    "a byte-order mark": ("\ufeffCY a", "invisible-character", "U+FEFF"),
    "a joiner in a word": ("CY a\u200db", "invisible-character", "U+200D"),
    "a variation selector after a letter": ("CY a\ufe0f", "invisible-character", "U+FE0F"),
    "tags that spell a word after an emoji": (
        "CY 😀\U000e0068\U000e0069\U000e007f",
        "invisible-character",
        "U+E0068",
    ),
    "strong emphasis of Markdown": ("CY **a**", "unbalanced-emphasis", ""),
    "two lines in a title": ("CY a\nb", "not-one-line", ""),
    "too long": ("CY " + "a" * 20_000, "too-long", ""),
    "near a megabyte": ("CY " + "a" * 1_000_000, "too-long", ""),
}
both_languages = pytest.mark.parametrize("language", ["cy", "en"])


@both_languages
@pytest.mark.parametrize("case", INVALID_TEXTS)
def test_an_invalid_text_is_refused_with_the_code_of_the_issue(actors: Actors, case: str, language: str) -> None:
    text, code, character = INVALID_TEXTS[case]
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    requests: list[tuple[str, str, str, dict[str, Any], str]] = [
        ("twm", "PUT", f"/units/{TITLE}/target", {"text": text}, "/text"),
        ("eirlys", "PUT", f"/units/{WELSH_TITLE}/source", {"text": text}, "/text"),
        (
            "eirlys",
            "POST",
            "/resources",
            new | {"texts": {"title": {"cy": text}, "body": {"cy": "Stori."}}},
            "/texts/title/cy",
        ),
    ]
    with nothing_changes(actors):
        for actor, method, path, body, pointer in requests:
            response = actors.request(actor, method, path, body, if_match="*", lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert issue_codes(problem) == [(pointer, code)]
            assert character in problem["errors"][0]["detail"]


def test_a_body_over_the_size_limit_is_refused_with_413(actors: Actors) -> None:
    with nothing_changes(actors):
        for language in ("cy", "en"):
            for path in (f"/units/{TITLE}/target", f"/units/{WELSH_TITLE}/target"):
                body = {"text": "a" * MAX_BODY}
                response = actors.request("twm", "PUT", path, body, if_match="*", lang=language)
                assert_refused(response, 413, "content-too-large", language)


def test_decomposed_accents_are_composed_before_they_are_stored(actors: Actors) -> None:
    unit = actors.act("twm", "target", {"text": "CY ty\u0302 a\u0300"})
    assert unit["target"]["text"] == "CY t\u0177 \u00e0"
    with nothing_changes(actors):
        actors.act("twm", "target", {"text": "CY t\u0177 a\u0300"})


def test_markup_is_stored_as_text_and_never_served_as_markup(actors: Actors) -> None:
    evil = '<script>alert(1)</script> & <b onclick="x()">y</b> *z*'
    for side, actor, unit in (("target", "twm", "moment.first.body"), ("source", "eirlys", "moment.paned.body")):
        assert actors.act(actor, side, {"text": evil}, unit)[side]["text"] == evil
    actors.act("twm", "confirm", {}, "moment.paned.body")
    assert actors.publish().status_code == 201
    for slug in ("first", "paned"):
        resource = actors.read_public(f"/moments/{slug}", lang="cy")
        assert resource["body"] == evil.replace("*", "")
        assert "<script" not in resource["body_html"]
        assert "<b " not in resource["body_html"]
        assert resource["body_html"].count("<") == resource["body_html"].count(">") == 4
        assert "<em>z</em>" in resource["body_html"]


TARGET_BODIES: dict[str, tuple[bytes, str, str]] = {
    "no JSON": (b"{text: 1}", "", "unreadable-json"),
    "nothing": (b"", "", "unreadable-json"),
    "half a character": (b'{"text": "\xc3"}', "", "unreadable-json"),
    "a list": (b"[]", "", "not-an-object"),
    "a string": (b'"text"', "", "not-an-object"),
    "null": (b"null", "", "not-an-object"),
    "very deep": (b"[" * 100_000, "", "unreadable-json"),
    "a very long number": (b'{"text": ' + b"9" * 5_000 + b"}", "", "unreadable-json"),
    "no text": (b"{}", "/text", "required"),
    "text null": (b'{"text": null}', "/text", "not-null"),
    "text a number": (b'{"text": 1}', "/text", "wrong-type"),
    "text a list": (b'{"text": ["x"]}', "/text", "wrong-type"),
    "text an object": (b'{"text": {"fault": "x", "data": {}}}', "/text", "wrong-type"),
    "an unknown member": (b'{"text": "x", "a/b~c": 1}', "/a~1b~0c", "unknown-member"),
    "an unknown state": (b'{"text": "x", "state": "reviewed"}', "/state", "unknown-choice"),
    "an unknown origin": (b'{"text": "x", "origin": "god"}', "/origin", "unknown-choice"),
    "a comment too long": (b'{"text": "x", "comment": "' + b"a" * 2_001 + b'"}', "/comment", "too-long"),
    "a comment with NUL": (b'{"text": "x", "comment": "a\\u0000"}', "/comment", "invalid-character"),
    "a comment with half a character": (b'{"text": "x", "comment": "\\ud800"}', "/comment", "invalid-character"),
    "a bidi comment": ('{"text": "x", "comment": "a\u202eb"}'.encode(), "/comment", "invisible-character"),
    "an empty tool": (b'{"text": "x", "origin": "machine", "tool": " "}', "/tool", "empty"),
}


@pytest.mark.parametrize("case", TARGET_BODIES)
def test_a_malformed_body_is_refused_with_a_pointer(actors: Actors, case: str) -> None:
    data, pointer, code = TARGET_BODIES[case]
    headers = {"Authorization": f"Bearer {actors.secrets['twm']}", "If-Match": "*", "Content-Type": "application/json"}
    with nothing_changes(actors):
        for language in ("cy", "en"):
            path = f"/v1/units/{TITLE}/target?lang={language}"
            problem = assert_refused(
                actors.client.put(path, data=data, headers=headers), 400, "invalid-request", language
            )
            assert issue_codes(problem) == [(pointer, code)]
            assert problem["errors"][0]["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
def test_a_body_of_the_wrong_media_type_is_refused_with_415(actors: Actors, content_type: str | None) -> None:
    headers = {"Authorization": f"Bearer {actors.secrets['twm']}", "If-Match": "*"}
    headers |= {"Content-Type": content_type} if content_type else {}
    with nothing_changes(actors):
        for language in ("cy", "en"):
            path = f"/v1/units/{TITLE}/target?lang={language}"
            response = actors.client.put(path, data=json.dumps({"text": "x"}), headers=headers)
            assert_refused(response, 415, "unsupported-media-type", language)


UNREADABLE = ("/expires", "unreadable-lifetime")
INVALID_BODIES: list[tuple[str, str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("ann", "POST", "/tokens", {"name": "x", "roles": ["boss"]}, [("/roles/0", "unknown-choice")]),
    ("ann", "POST", "/tokens", {"name": "x", "roles": []}, [("/roles", "required")]),
    ("ann", "POST", "/tokens", {"name": "x", "roles": "admin"}, [("/roles", "wrong-type")]),
    ("ann", "POST", "/tokens", {"name": " ", "roles": ["admin"]}, [("/name", "empty")]),
    ("ann", "POST", "/tokens", {"name": "x", "roles": ["admin"], "language": "fr"}, [("/language", "unknown-choice")]),
    ("ann", "POST", "/tokens", {"name": "x", "roles": ["admin"], "expires": "x"}, [UNREADABLE]),
    ("ann", "POST", "/tokens", {"name": "x", "roles": ["admin"], "expires": "0d"}, [UNREADABLE]),
    ("eirlys", "POST", f"/units/{TITLE}/minor", {"revision": "2", "minor": "yes", "comment": "x"},
     [("/minor", "wrong-type"), ("/revision", "wrong-type")]),
    ("eirlys", "POST", f"/units/{TITLE}/minor", {"revision": 0, "minor": True, "comment": "x"},
     [("/revision", "out-of-range")]),
    ("eirlys", "POST", f"/units/{TITLE}/minor", {"revision": True, "minor": 1, "comment": " "},
     [("/minor", "wrong-type"), ("/revision", "wrong-type")]),
    ("eirlys", "POST", f"/units/{TITLE}/minor", {"revision": 2, "minor": True}, [("/comment", "required")]),
    ("rhian", "POST", f"/units/{TITLE}/review", {"decision": "maybe"}, [("/decision", "unknown-choice")]),
    ("twm", "POST", f"/units/{TITLE}/revert", {"side": "target", "revision": 2**31}, [("/revision", "out-of-range")]),
    ("pedr", "POST", "/releases", {}, [("/note", "required")]),
    ("pedr", "POST", "/releases", {"note": ""}, [("/note", "empty")]),
    ("pedr", "POST", "/releases", {"note": "a\u200bb"}, [("/note", "invisible-character")]),
    ("pedr", "POST", "/releases", {"note": "a\nb"}, [("/note", "not-one-line")]),
    ("pedr", "POST", "/releases/1/revert", {"note": "a" * 201}, [("/note", "too-long")]),
    ("pedr", "POST", "/releases", {"note": "x", "resources": FIRST}, [("/resources", "wrong-type")]),
    ("pedr", "POST", "/releases", {"note": "x", "resources": [1]}, [("/resources/0", "wrong-type")]),
    ("pedr", "POST", "/releases", {"note": "x", "ready": "true"}, [("/ready", "wrong-type")]),
    ("pedr", "POST", "/releases", {"note": "x", "ready": True, "resources": [FIRST]}, [("/ready", "either-or")]),
    ("eirlys", "PATCH", f"/resources/{FIRST}", {"after": "moment.second", "before": "moment.fifth"},
     [("/before", "either-or")]),
]  # fmt: skip


@both_languages
def test_each_invalid_member_is_reported_with_a_pointer(actors: Actors, language: str) -> None:
    with nothing_changes(actors):
        for actor, method, path, body, expected in INVALID_BODIES:
            response = actors.request(actor, method, path, body, if_match="*", lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert sorted(issue_codes(problem)) == expected, (path, body)
            assert all(error["detail"] for error in problem["errors"])


def test_a_wrong_type_is_reported_with_the_expected_type(actors: Actors) -> None:
    for actor, path, body in (
        ("pedr", "/releases", {"note": "x", "resources": FIRST}),
        ("pedr", "/releases", {"note": "x", "waive": {}}),
        ("pedr", "/releases/1/revert", {"note": "x", "resources": FIRST}),
        ("ann", "/tokens", {"name": "x", "roles": "admin"}),
    ):
        problem = assert_refused(actors.request(actor, "POST", path, body), 400, "invalid-request")
        assert [(error["code"], error["detail"]) for error in problem["errors"]] == [
            ("wrong-type", "This must be a JSON value of another type: array.")
        ]
    for texts in ("x", ["x"]):
        body = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care", "texts": texts}
        problem = assert_refused(actors.request("eirlys", "POST", "/resources", body), 400, "invalid-request")
        assert problem["errors"][0]["detail"].endswith(": object.")


REASON = "a reason of some length"
INVALID_REASONS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "no Welsh": ({"en": REASON}, [("/waive/0/reason/cy", "required")]),
    "no English": ({"cy": REASON}, [("/waive/0/reason/en", "required")]),
    "short Welsh": ({"en": REASON, "cy": "a" * 19}, [("/waive/0/reason/cy", "reason-too-short")]),
    "short and spaces": ({"en": "a" + " " * 30, "cy": REASON}, [("/waive/0/reason/en", "reason-too-short")]),
    "spaces": ({"en": " " * 30, "cy": REASON}, [("/waive/0/reason/en", "reason-too-short")]),
    "short decomposed": ({"en": REASON, "cy": "y\u0302" * 19}, [("/waive/0/reason/cy", "reason-too-short")]),
    "white space within": ({"en": REASON, "cy": "a" + " " * 23 + "b"}, [("/waive/0/reason/cy", "reason-too-short")]),
    "half a character": ({"en": REASON + "\ud800", "cy": REASON}, [("/waive/0/reason/en", "surrogate")]),
    "NUL": ({"en": REASON + "\0", "cy": REASON}, [("/waive/0/reason/en", "control-character")]),
    "nothing to see": ({"en": "\u200b" * 20, "cy": REASON}, [("/waive/0/reason/en", "invisible-character")]),
    "a string": (REASON, [("/waive/0/reason", "not-an-object")]),
    "none": (None, [("/waive/0/reason", "not-null")]),
}


@both_languages
def test_a_waiver_needs_a_reason_in_each_language(actors: Actors, language: str) -> None:
    actors.outdate()
    with nothing_changes(actors):
        for case, (reason, expected) in INVALID_REASONS.items():
            body = {"note": "x", "waive": [{"resource": FIRST, "gap": "outdated", "reason": reason}]}
            problem = assert_refused(
                actors.request("pedr", "POST", "/releases", body, lang=language), 400, "invalid-request", language
            )
            assert issue_codes(problem) == expected, case


@both_languages
def test_a_release_without_changes_is_refused(actors: Actors, language: str) -> None:
    with nothing_changes(actors):
        for more in ({}, {"ready": True}, {"resources": []}, {"resources": [FIRST]}):
            response = actors.request("pedr", "POST", "/releases", {"note": "x", **more}, lang=language)
            assert_refused(response, 409, "nothing-to-release", language)
        unknown = {"note": "x", "resources": ["moment.nobody"]}
        assert_refused(actors.request("pedr", "POST", "/releases", unknown, lang=language), 404, "unknown-id", language)
        for number in ("0", "2", "99999999999999", "-1", "x", "²"):
            response = actors.request("pedr", "POST", f"/releases/{number}/revert", {"note": "x"}, lang=language)
            assert_refused(response, 404, "release-not-found", language)


@both_languages
def test_reviewing_ones_own_revision_is_refused_with_a_reason(actors: Actors, language: str) -> None:
    actors.add_actor("both", Role.TRANSLATOR, Role.REVIEWER)
    actors.act("both", "target", {"text": "CY gan y ddau"})
    with nothing_changes(actors):
        body = {"decision": "approve"}
        response = actors.request("both", "POST", f"/units/{TITLE}/review", body, if_match="*", lang=language)
        problem = assert_refused(response, 403, "own-revision", language)
    assert problem["detail"]


@both_languages
def test_reusing_an_idempotency_key_for_another_request_is_refused_with_422(actors: Actors, language: str) -> None:
    actors.outdate()
    actors.deliver()
    assert actors.request("pedr", "POST", "/releases", {"note": "x"}, key="one").status_code == 201
    with nothing_changes(actors):
        for body in ({"note": "y"}, {"note": "x", "ready": True}):
            response = actors.request("pedr", "POST", "/releases", body, key="one", lang=language)
            assert_refused(response, 422, "key-reused", language)
        for key in ("", "a" * 101, "a\tb", "llên".encode().decode("latin-1")):
            response = actors.request("pedr", "POST", "/releases", {"note": "z"}, key=key, lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert issue_codes(problem) == [("Idempotency-Key", "malformed-key")], key


@both_languages
def test_an_unknown_query_parameter_is_refused(actors: Actors, language: str) -> None:
    unit = f"/units/{TITLE}"
    gets = ("/units", unit, f"{unit}/history", "/resources", f"/resources/{FIRST}", "/releases/next")
    requests = [*(("GET", path) for path in gets), ("PUT", f"{unit}/target"), ("POST", f"{unit}/confirm")]
    with nothing_changes(actors):
        for method, path in requests:
            body = None if method == "GET" else {"text": "CY x"} if method == "PUT" else {}
            response = actors.request("twm", method, path, body, if_match="*", sillafu="1", lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert issue_codes(problem) == [("sillafu", "unknown-parameter")], path
