"""If-Match: nobody's work is overwritten, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import TITLE, People, assert_refused, nothing_changes

ACTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("twm", "PUT", "target", {"text": "CY arall"}),
    ("eirlys", "PUT", "source", {"text": "EN other"}),
    ("eirlys", "POST", "minor", {"revision": 2, "minor": True, "comment": "x"}),
    ("twm", "POST", "confirm", {}),
    ("rhian", "POST", "review", {"decision": "approve"}),
    ("twm", "POST", "revert", {"side": "target", "revision": 1}),
]


@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_act_without_if_match_is_428(people: People, language: str) -> None:
    people.outdate()
    people.deliver()
    people.outdate()
    with nothing_changes(people):
        for who, method, what, body in ACTS:
            response = people.ask(who, method, f"/units/{TITLE}/{what}", body, lang=language)
            assert_refused(response, 428, "precondition-required", language)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_act_on_what_has_changed_since_is_412_with_what_stands_now(people: People, language: str) -> None:
    stale = people.ask("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    people.outdate()
    people.deliver()
    people.outdate()
    now = people.ask("twm", "GET", f"/units/{TITLE}")
    with nothing_changes(people):
        for who, method, what, body in ACTS:
            response = people.ask(who, method, f"/units/{TITLE}/{what}", body, if_match=stale, lang=language)
            problem = assert_refused(response, 412, "text-changed", language)
            assert problem["current"] == now.json
            assert problem["etag"] == now.headers["ETag"] == response.headers["ETag"]


def test_what_the_412_gives_is_what_the_next_try_needs(people: People) -> None:
    stale = people.ask("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    people.act("rhian", "target", {"text": "CY gan Rhian"})
    body = {"text": "CY gan Twm"}
    refused = people.ask("twm", "PUT", f"/units/{TITLE}/target", body, if_match=stale)
    assert refused.get_json()["current"]["target"]["text"] == "CY gan Rhian"
    again = people.ask("twm", "PUT", f"/units/{TITLE}/target", body, if_match=refused.get_json()["etag"])
    assert again.status_code == 200
    assert [r["text"] for r in people.history()][-2:] == ["CY gan Rhian", "CY gan Twm"]


def test_weak_and_foreign_validators_never_match(people: People) -> None:
    etag = people.ask("twm", "GET", f"/units/{TITLE}").headers["ETag"]
    other = people.ask("twm", "GET", "/units/moment.first.body").headers["ETag"]
    assert other != etag
    with nothing_changes(people):
        for given in (f"W/{etag}", etag.strip('"'), other, f"{other}, W/{etag}", '""', "", '"*"', "**", f"*, {other}"):
            response = people.ask("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY a"}, if_match=given)
            assert_refused(response, 412, "text-changed")


def test_a_star_and_a_list_with_the_right_one_match(people: People) -> None:
    for number in range(3):
        etag = people.ask("twm", "GET", f"/units/{TITLE}").headers["ETag"]
        given = ("*", f'"other", {etag}', f'{etag} ,"other"')[number]
        response = people.ask("twm", "PUT", f"/units/{TITLE}/target", {"text": f"CY {number}"}, if_match=given)
        assert response.status_code == 200, given


def test_every_act_answers_with_the_unit_and_its_new_etag(people: People) -> None:
    seen = {people.ask("ann", "GET", f"/units/{TITLE}").headers["ETag"]}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("eirlys", "source", {"text": "EN other"}),
        ("twm", "confirm", {}),
        ("rhian", "review", {"decision": "return", "comment": "look again"}),
        ("twm", "target", {"text": "CY arall"}),
        ("rhian", "review", {"decision": "approve"}),
        ("twm", "revert", {"side": "target", "revision": 1}),
        ("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"}),
    ]
    for who, what, body in acts:
        response = people.try_act(who, what, body)
        read = people.ask("ann", "GET", f"/units/{TITLE}")
        assert response.get_json() == read.get_json()
        assert response.headers["ETag"] == read.headers["ETag"]
        assert response.headers["ETag"] not in seen, what
        assert response.headers["Cache-Control"] == "no-store"
        seen.add(response.headers["ETag"])


def test_an_etag_stays_while_nothing_happens_and_while_other_units_change(people: People) -> None:
    before = people.ask("ann", "GET", f"/units/{TITLE}").headers["ETag"]
    people.deliver("moment.first.body")
    people.act("twm", "target", {"text": "CY first title"})
    assert people.ask("ann", "GET", f"/units/{TITLE}").headers["ETag"] == before
    listed = {item["id"]: item["etag"] for item in people.read("ann", "/units", limit="100")["items"]}
    assert listed[TITLE] == before


@pytest.mark.parametrize(
    "name", ["moment.nobody.title", "moment.first.strapline", "moment.first", "x", "moment..title"]
)
def test_what_is_not_there_is_404_for_every_act(people: People, name: str) -> None:
    with nothing_changes(people):
        for who, method, what, body in ACTS:
            assert_refused(people.ask(who, method, f"/units/{name}/{what}", body, if_match="*"), 404, "unknown-id")
        for path in (f"/units/{name}", f"/units/{name}/history"):
            assert_refused(people.ask("twm", "GET", path), 404, "unknown-id")
