"""Releases as publishers meet them: what would go out, what blocks it, taking both languages live, going back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import BODY, FIRST, PANED, TITLE, WELSH_TITLE, People, assert_refused, nothing_changes
from tests.tools.clients import json_of

SECOND = "moment.second"
SAME = ("id", "title", "body", "body_html", "slugs", "number", "language", "waivers")


def _draft(people: People, unit: str = TITLE) -> None:
    people.act("twm", "target", {"text": "CY hanner", "state": "initial"}, unit)


def test_next_is_empty_while_nothing_has_changed(people: People) -> None:
    assert people.read("ann", "/releases/next") == {"resources": [], "blockers": [], "required_state": "translated"}


def test_next_shows_old_and_new_texts_in_both_languages(people: People) -> None:
    people.outdate(BODY)
    people.act("twm", "target", {"text": "CY corff newydd"}, BODY)
    people.act("rhian", "target", {"text": "EN from the cup"}, WELSH_TITLE)
    shown = {each["id"]: each for each in people.read("ann", "/releases/next")["resources"]}
    assert shown == {
        FIRST: {
            "id": FIRST,
            "change": "changed",
            "blocked": False,
            "units": [
                {
                    "id": BODY,
                    "texts": {
                        "en": {"old": "EN first body", "new": "EN anew 1"},
                        "cy": {"old": "CY first body", "new": "CY corff newydd"},
                    },
                }
            ],
        },
        PANED: {
            "id": PANED,
            "change": "changed",
            "blocked": False,
            "units": [{"id": WELSH_TITLE, "texts": {"en": {"old": "EN paned title", "new": "EN from the cup"}}}],
        },
    }


def test_next_shows_what_blocks_and_why(people: People) -> None:
    people.outdate()
    blockers = people.read("ann", "/releases/next")["blockers"]
    assert blockers == [
        {"resource": FIRST, "gap": "outdated", "language": "cy", "units": [TITLE], "waivable": True},
    ]
    assert people.read("ann", "/releases/next")["resources"][0]["blocked"] is True


def test_next_shows_what_is_new_and_what_leaves(people: People) -> None:
    people.change(SECOND, {"withdrawn": True})
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    texts = {"title": {"cy": "Newydd", "en": "New"}, "body": {"cy": "Corff"}}
    json_of(people.ask("eirlys", "POST", "/resources", new | {"texts": texts}), 201)
    shown = people.read("ann", "/releases/next")
    assert [(each["id"], each["change"], each["blocked"]) for each in shown["resources"]] == [
        (SECOND, "withdrawn", False),
        ("moment.newydd", "new", True),
    ]
    assert [(b["gap"], b["language"], b["units"]) for b in shown["blockers"]] == [
        ("missing", "en", ["moment.newydd.body"])
    ]


def test_both_languages_go_live_at_the_same_number(people: People) -> None:
    people.outdate()
    people.deliver()
    assert people.public("/moments/first", lang="cy")["title"] == "CY first title"
    made = json_of(people.publish(note="the first one"), 201)
    assert (made["number"], made["note"], [each["id"] for each in made["changes"]]) == (2, "the first one", [FIRST])
    for language, text in (("cy", "CY newydd 1"), ("en", "EN anew 1")):
        shown = people.public("/moments/first", lang=language)
        assert (shown["title"], shown["release"]) == (text, 2)
        assert people.public("/moments/first", lang=language, release="1")["title"].endswith("first title")
    assert people.read("ann", "/releases/next")["resources"] == []


def test_only_what_is_named_goes_out(people: People) -> None:
    for unit in (TITLE, f"{SECOND}.title"):
        people.deliver(unit)
    made = json_of(people.publish(resources=[SECOND, SECOND]), 201)
    assert [each["id"] for each in made["changes"]] == [SECOND]
    assert people.public("/moments/first", lang="cy")["title"] == "CY first title"
    assert [each["id"] for each in people.read("ann", "/releases/next")["resources"]] == [FIRST]


def test_ready_takes_everything_that_nothing_blocks(people: People) -> None:
    people.deliver(TITLE)
    people.outdate(f"{SECOND}.title")
    made = json_of(people.publish(ready=True), 201)
    assert [each["id"] for each in made["changes"]] == [FIRST]
    assert people.public("/moments/second", lang="en")["title"] == "EN second title"


def test_ready_leaves_what_waits_for_a_category_that_is_blocked(people: People) -> None:
    category = {"kind": "category", "source_language": "en", "collection": "small"}
    json_of(people.ask("eirlys", "POST", "/resources", category | {"texts": {"name": {"en": "Brand new"}}}), 201)
    people.change(FIRST, {"category": "brand-new"})
    people.deliver(f"{SECOND}.title")
    made = json_of(people.publish(ready=True), 201)
    assert [each["id"] for each in made["changes"]] == [SECOND]
    # With the category it can go: what is in the way is the category's own gap.
    assert people.blockers() == [("category.brand-new", "missing")]


def test_a_refused_release_lists_every_blocker_and_takes_no_number(people: People) -> None:
    people.outdate()
    _draft(people, BODY)
    people.deliver(f"{SECOND}.title")
    people.act("rhian", "review", {"decision": "return", "comment": "no"}, f"{SECOND}.title")
    people.change("moment.fourth", {"number": 5})
    people.change("category.care", {"withdrawn": True})
    with nothing_changes(people):
        problem = assert_refused(people.publish(), 409, "release-blocked")
        welsh = assert_refused(people.ask("pedr", "POST", "/releases", {"note": "x"}, lang="cy"), 409,
                               "release-blocked", "cy")  # fmt: skip
    assert {(b["resource"], b["gap"], b["language"], b["waivable"]) for b in problem["blockers"]} == {
        (FIRST, "outdated", "cy", True),
        (FIRST, "missing", "cy", True),
        (SECOND, "returned", "cy", True),
        ("moment.fourth", "number_taken", None, False),
        ("category.care", "in_use", None, False),
        (FIRST, "category_not_public", None, False),
        (SECOND, "category_not_public", None, False),
    }
    assert problem["blockers"] == welsh["blockers"] == people.read("ann", "/releases/next")["blockers"]
    assert problem["title"] != welsh["title"]
    people.change("moment.fourth", {"number": 4, "category": "talk"})
    people.change("category.care", {"withdrawn": False})
    people.deliver(BODY)
    people.act("twm", "confirm", {})
    people.deliver(f"{SECOND}.title")
    assert json_of(people.publish(), 201)["number"] == 2


def test_a_release_of_what_the_publisher_saw_only(people: People) -> None:
    people.deliver()
    seen = people.ask("pedr", "GET", "/releases/next").headers["ETag"]
    assert people.ask("pedr", "GET", "/releases/next").headers["ETag"] == seen
    people.deliver(BODY)
    with nothing_changes(people):
        for given in (seen, f"W/{seen}", '"other"'):
            body = {"note": "x"}
            problem = assert_refused(people.ask("pedr", "POST", "/releases", body, if_match=given), 412, "text-changed")
            assert problem["current"] == people.read("pedr", "/releases/next")
    assert problem["etag"] != seen
    made = people.ask("pedr", "POST", "/releases", {"note": "x"}, if_match=f'"other", {problem["etag"]}')
    assert made.status_code == 201


@pytest.mark.parametrize("change", ["text", "review", "return", "slug", "number", "minor", "withdrawn", "new"])
def test_the_etag_of_next_changes_with_everything_that_would_go_out(people: People, change: str) -> None:
    people.deliver()
    before = people.ask("pedr", "GET", "/releases/next").headers["ETag"]
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    new |= {"texts": {"title": {"cy": "Un"}, "body": {"cy": "Stori."}}}
    {
        "text": people.deliver,
        "review": lambda: people.act("rhian", "review", {"decision": "approve"}),
        "return": lambda: people.act("rhian", "review", {"decision": "return", "comment": "x"}),
        "slug": lambda: people.change(FIRST, {"slugs": {"cy": "arall"}}),
        "number": lambda: people.change(FIRST, {"number": 99}),
        "minor": lambda: people.act("eirlys", "source", {"text": "EN x", "minor": True}),
        "withdrawn": lambda: people.change(FIRST, {"withdrawn": True}),
        "new": lambda: people.ask("eirlys", "POST", "/resources", new),
    }[change]()
    assert people.ask("pedr", "GET", "/releases/next").headers["ETag"] != before


def test_the_etag_of_next_changes_with_what_is_public(people: People) -> None:
    people.deliver()
    json_of(people.publish(), 201)
    people.deliver()
    seen = people.ask("pedr", "GET", "/releases/next").headers["ETag"]
    json_of(people.ask("pedr", "POST", "/releases/1/revert", {"note": "back"}), 201)
    response = people.ask("pedr", "POST", "/releases", {"note": "as I saw it"}, if_match=seen)
    assert_refused(response, 412, "text-changed")


def test_a_release_asked_for_twice_under_one_key_is_made_once(people: People) -> None:
    people.deliver()
    first, second = (people.ask("pedr", "POST", "/releases", {"note": "x"}, key="k") for _ in range(2))
    assert (first.status_code, second.status_code, second.data == first.data) == (201, 201, True)
    assert people.public("/releases")["release"] == 2


def test_a_key_stands_for_what_the_publisher_saw_too(people: People) -> None:
    """The same request with another If-Match is another request: its answer must not be the first one's."""
    people.deliver()
    seen = people.ask("pedr", "GET", "/releases/next").headers["ETag"]
    body = {"note": "x"}
    first = people.ask("pedr", "POST", "/releases", body, key="k", if_match=seen)
    assert people.ask("pedr", "POST", "/releases", body, key="k", if_match=seen).data == first.data
    with nothing_changes(people):
        for other in ("*", None):
            response = people.ask("pedr", "POST", "/releases", body, key="k", if_match=other)
            assert_refused(response, 422, "key-reused")


def test_revert_restores_what_was_public_and_leaves_the_working_copy(people: People) -> None:
    people.outdate()
    people.deliver()
    people.change(SECOND, {"withdrawn": True})
    json_of(people.publish(), 201)
    people.deliver(BODY)
    before = {unit: people.unit(unit) for unit in (TITLE, BODY)}
    made = json_of(people.ask("pedr", "POST", "/releases/1/revert", {"note": "back"}), 201)
    assert (made["number"], made["reverts"], made["note"]) == (3, 1, "back")
    assert [each["id"] for each in made["changes"]] == [FIRST, SECOND]
    for slug in ("first", "second"):
        old = people.public(f"/moments/{slug}", lang="cy", release="1")
        now = people.public(f"/moments/{slug}", lang="cy")
        # All but the addresses, which name the release that they were asked for.
        assert {name: now[name] for name in SAME} == {name: old[name] for name in SAME}
    assert {unit: people.unit(unit) for unit in (TITLE, BODY)} == before
    assert [each["id"] for each in people.read("ann", "/releases/next")["resources"]] == [FIRST, SECOND]
    assert_refused(people.ask("pedr", "POST", "/releases/1/revert", {"note": "x"}), 409, "nothing-to-release")


def test_revert_of_one_leaves_the_others(people: People) -> None:
    for unit in (TITLE, f"{SECOND}.title"):
        people.deliver(unit)
    json_of(people.publish(), 201)
    made = json_of(people.ask("pedr", "POST", "/releases/1/revert", {"note": "x", "resources": [SECOND]}), 201)
    assert [each["id"] for each in made["changes"]] == [SECOND]
    assert people.public("/moments/first", lang="cy")["title"] == "CY newydd 1"
    assert people.public("/moments/second", lang="cy")["title"] == "CY second title"


def test_a_reviewed_text_is_needed_where_the_service_says_so(make_people: Any) -> None:
    people = make_people(release_state="reviewed")
    people.deliver("moment.fifth.title")
    shown = people.read("ann", "/releases/next")
    assert shown["required_state"] == "reviewed"
    # What is public already and has not changed blocks nothing.
    assert people.blockers() == [("moment.fifth", "below_required_state")]
    assert_refused(people.publish(), 409, "release-blocked")
    people.act("rhian", "review", {"decision": "approve"}, "moment.fifth.title")
    assert people.blockers() == []
    json_of(people.publish(), 201)
    assert people.public("/moments/fifth", lang="cy")["translations"]["cy"]["state"] == "reviewed"


def test_a_review_alone_is_something_to_release(people: People) -> None:
    people.act("rhian", "review", {"decision": "approve"})
    assert people.read("ann", "/releases/next")["resources"] == []
    # Only now is the whole resource reviewed: its state is that of the text that has come least far.
    people.act("rhian", "review", {"decision": "approve"}, BODY)
    shown = people.read("ann", "/releases/next")["resources"]
    assert [(each["id"], each["units"]) for each in shown] == [(FIRST, [])]
    json_of(people.publish(), 201)
    assert people.public("/moments/first", lang="cy")["translations"]["cy"]["state"] == "reviewed"
