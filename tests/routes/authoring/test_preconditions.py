"""If-Match: an action on a changed unit is refused, with the current unit in the problem."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import TITLE, Actors, assert_refused, nothing_changes

ACTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("twm", "PUT", "target", {"text": "CY arall"}),
    ("eirlys", "PUT", "source", {"text": "EN other"}),
    ("eirlys", "POST", "minor", {"revision": 2, "minor": True, "comment": "x"}),
    ("twm", "POST", "confirm", {}),
    ("rhian", "POST", "review", {"decision": "approve"}),
    ("twm", "POST", "revert", {"side": "target", "revision": 1}),
]


@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_action_without_if_match_is_refused_with_428(actors: Actors, language: str) -> None:
    actors.outdate()
    actors.deliver()
    actors.outdate()
    with nothing_changes(actors):
        for actor, method, action, body in ACTS:
            response = actors.request(actor, method, f"/units/{TITLE}/{action}", body, lang=language)
            assert_refused(response, 428, "precondition-required", language)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_action_with_an_old_etag_returns_412_and_the_current_unit(actors: Actors, language: str) -> None:
    stale = actors.request("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    actors.outdate()
    actors.deliver()
    actors.outdate()
    now = actors.request("twm", "GET", f"/units/{TITLE}")
    with nothing_changes(actors):
        for actor, method, action, body in ACTS:
            response = actors.request(actor, method, f"/units/{TITLE}/{action}", body, if_match=stale, lang=language)
            problem = assert_refused(response, 412, "text-changed", language)
            assert problem["current"] == now.json
            assert problem["etag"] == now.headers["ETag"] == response.headers["ETag"]


def test_the_etag_in_a_412_response_is_valid_for_the_next_try(actors: Actors) -> None:
    stale = actors.request("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    actors.act("rhian", "target", {"text": "CY gan Rhian"})
    body = {"text": "CY gan Twm"}
    refused = actors.request("twm", "PUT", f"/units/{TITLE}/target", body, if_match=stale)
    assert refused.get_json()["current"]["target"]["text"] == "CY gan Rhian"
    again = actors.request("twm", "PUT", f"/units/{TITLE}/target", body, if_match=refused.get_json()["etag"])
    assert again.status_code == 200
    assert [r["text"] for r in actors.history()][-2:] == ["CY gan Rhian", "CY gan Twm"]


def test_an_etag_that_is_weak_or_malformed_or_of_another_unit_never_matches(actors: Actors) -> None:
    etag = actors.request("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    other = actors.request("twm", "GET", "/units/moment.first.body").headers["ETag"]
    assert other != etag
    with nothing_changes(actors):
        for etag_header in (
            f"W/{etag}",
            etag.strip('"'),
            other,
            f"{other}, W/{etag}",
            '""',
            "",
            '"*"',
            "**",
            f"*, {other}",
        ):
            response = actors.request("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY a"}, if_match=etag_header)
            assert_refused(response, 412, "text-changed")


def test_if_match_accepts_a_star_or_a_list_that_contains_the_current_etag(actors: Actors) -> None:
    for number in range(3):
        etag = actors.request("twm", "GET", f"/units/{TITLE}").headers["ETag"]
        etag_header = ("*", f'"other", {etag}', f'{etag} ,"other"')[number]
        response = actors.request(
            "twm", "PUT", f"/units/{TITLE}/target", {"text": f"CY {number}"}, if_match=etag_header
        )
        assert response.status_code == 200, etag_header


def test_every_action_returns_the_unit_and_its_new_etag(actors: Actors) -> None:
    seen = {actors.request("ann", "GET", f"/units/{TITLE}").headers["ETag"]}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("eirlys", "source", {"text": "EN other"}),
        ("twm", "confirm", {}),
        ("rhian", "review", {"decision": "return", "comment": "look again"}),
        ("twm", "target", {"text": "CY arall"}),
        ("rhian", "review", {"decision": "approve"}),
        ("twm", "revert", {"side": "target", "revision": 1}),
        ("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"}),
    ]
    for actor, action, body in acts:
        response = actors.try_action(actor, action, body)
        read = actors.request("ann", "GET", f"/units/{TITLE}")
        assert response.get_json() == read.get_json()
        assert response.headers["ETag"] == read.headers["ETag"]
        assert response.headers["ETag"] not in seen, action
        assert response.headers["Cache-Control"] == "no-store"
        seen.add(response.headers["ETag"])


def test_the_etag_of_a_unit_does_not_change_if_the_unit_does_not_change(actors: Actors) -> None:
    before = actors.request("ann", "GET", f"/units/{TITLE}").headers["ETag"]
    actors.deliver("moment.first.body")
    actors.act("twm", "target", {"text": "CY first title"})
    assert actors.request("ann", "GET", f"/units/{TITLE}").headers["ETag"] == before
    listed = {item["id"]: item["etag"] for item in actors.read("ann", "/units", limit="100")["items"]}
    assert listed[TITLE] == before


@pytest.mark.parametrize(
    "name", ["moment.nobody.title", "moment.first.strapline", "moment.first", "x", "moment..title"]
)
def test_every_action_on_an_unknown_unit_returns_404(actors: Actors, name: str) -> None:
    with nothing_changes(actors):
        for actor, method, action, body in ACTS:
            assert_refused(
                actors.request(actor, method, f"/units/{name}/{action}", body, if_match="*"), 404, "unknown-id"
            )
        for path in (f"/units/{name}", f"/units/{name}/history"):
            assert_refused(actors.request("twm", "GET", path), 404, "unknown-id")
