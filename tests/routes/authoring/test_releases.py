"""Releases, as publishers use them: the pending release, its blockers, publishing and reverting."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.tools.actors import BODY, FIRST, PANED, TITLE, WELSH_TITLE, Actors, assert_refused, nothing_changes
from tests.tools.clients import json_of

SECOND = "moment.second"
REASON = {"en": "It is with the translator.", "cy": "Mae gyda’r cyfieithydd nawr."}
SAME = ("id", "title", "body", "body_html", "slugs", "number", "language", "waivers")


def _draft(actors: Actors, unit: str = TITLE) -> None:
    actors.act("twm", "target", {"text": "CY hanner", "state": "initial"}, unit)


def test_the_pending_release_is_empty_without_changes(actors: Actors) -> None:
    assert actors.read("ann", "/releases/next") == {"resources": [], "blockers": [], "required_state": "translated"}


def test_the_pending_release_shows_old_and_new_texts_in_both_languages(actors: Actors) -> None:
    actors.outdate(BODY)
    actors.act("twm", "target", {"text": "CY corff newydd"}, BODY)
    actors.act("rhian", "target", {"text": "EN from the cup"}, WELSH_TITLE)
    resources = {item["id"]: item for item in actors.read("ann", "/releases/next")["resources"]}
    assert resources == {
        FIRST: {
            "id": FIRST,
            "change": "changed",
            "blocked": False,
            "units": [
                {
                    "id": BODY,
                    "texts": {
                        "en": {"old": "EN first body", "new": "EN changed 1"},
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


def test_the_pending_release_lists_its_blockers(actors: Actors) -> None:
    actors.outdate()
    blockers = actors.read("ann", "/releases/next")["blockers"]
    assert blockers == [
        {"resource": FIRST, "gap": "outdated", "language": "cy", "units": [TITLE], "waivable": True},
    ]
    assert actors.read("ann", "/releases/next")["resources"][0]["blocked"] is True


def test_the_pending_release_shows_new_and_withdrawn_resources(actors: Actors) -> None:
    actors.change_resource(SECOND, {"withdrawn": True})
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    texts = {"title": {"cy": "Newydd", "en": "New"}, "body": {"cy": "Corff"}}
    json_of(actors.request("eirlys", "POST", "/resources", new | {"texts": texts}), 201)
    pending = actors.read("ann", "/releases/next")
    assert [(item["id"], item["change"], item["blocked"]) for item in pending["resources"]] == [
        (SECOND, "withdrawn", False),
        ("moment.newydd", "new", True),
    ]
    assert [(b["gap"], b["language"], b["units"]) for b in pending["blockers"]] == [
        ("missing", "en", ["moment.newydd.body"])
    ]


def test_both_languages_are_published_in_the_same_release(actors: Actors) -> None:
    actors.outdate()
    actors.deliver()
    assert actors.read_public("/moments/first", lang="cy")["title"] == "CY first title"
    release = json_of(actors.publish(note="the first one"), 201)
    assert (release["number"], release["note"], [item["id"] for item in release["changes"]]) == (
        2,
        "the first one",
        [FIRST],
    )
    for language, text in (("cy", "CY newydd 1"), ("en", "EN changed 1")):
        response = actors.read_public("/moments/first", lang=language)
        assert (response["title"], response["release"]) == (text, 2)
        assert actors.read_public("/moments/first", lang=language, release="1")["title"].endswith("first title")
    assert actors.read("ann", "/releases/next")["resources"] == []


def test_only_the_named_resources_are_published(actors: Actors) -> None:
    for unit in (TITLE, f"{SECOND}.title"):
        actors.deliver(unit)
    release = json_of(actors.publish(resources=[SECOND, SECOND]), 201)
    assert [item["id"] for item in release["changes"]] == [SECOND]
    assert actors.read_public("/moments/first", lang="cy")["title"] == "CY first title"
    assert [item["id"] for item in actors.read("ann", "/releases/next")["resources"]] == [FIRST]


def test_the_ready_option_publishes_every_resource_that_has_no_blocker(actors: Actors) -> None:
    actors.deliver(TITLE)
    actors.outdate(f"{SECOND}.title")
    release = json_of(actors.publish(ready=True), 201)
    assert [item["id"] for item in release["changes"]] == [FIRST]
    assert actors.read_public("/moments/second", lang="en")["title"] == "EN second title"


def test_a_moment_in_a_blocked_new_category_is_omitted_with_the_ready_option(actors: Actors) -> None:
    category = {"kind": "category", "source_language": "en", "collection": "small"}
    json_of(actors.request("eirlys", "POST", "/resources", category | {"texts": {"name": {"en": "Brand new"}}}), 201)
    actors.change_resource(FIRST, {"category": "brand-new"})
    actors.deliver(f"{SECOND}.title")
    release = json_of(actors.publish(ready=True), 201)
    assert [item["id"] for item in release["changes"]] == [SECOND]
    # The moment itself has no gap. The gap of its new category blocks it.
    assert actors.blockers() == [("category.brand-new", "missing")]


def test_a_release_of_ready_resources_names_the_blockers_if_every_change_is_blocked(actors: Actors) -> None:
    category = {"kind": "category", "source_language": "en", "collection": "small"}
    json_of(actors.request("eirlys", "POST", "/resources", category | {"texts": {"name": {"en": "Brand new"}}}), 201)
    actors.change_resource(FIRST, {"category": "brand-new"})
    actors.outdate(f"{SECOND}.title")
    etag = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    for if_match in (None, etag):
        response = actors.request("pedr", "POST", "/releases", {"note": "x", "ready": True}, if_match=if_match)
        problem = assert_refused(response, 409, "release-blocked")
        assert {(item["resource"], item["gap"]) for item in problem["blockers"]} == {
            ("category.brand-new", "missing"),
            (SECOND, "outdated"),
            # Without its new category, the moment cannot be published either.
            (FIRST, "category_not_public"),
        }
    assert actors.read_public("/releases")["total"] == 1


def test_a_blocked_release_lists_every_blocker_and_does_not_use_up_a_release_number(actors: Actors) -> None:
    actors.outdate()
    _draft(actors, BODY)
    actors.deliver(f"{SECOND}.title")
    actors.act("rhian", "review", {"decision": "return", "comment": "no"}, f"{SECOND}.title")
    actors.change_resource("moment.fourth", {"number": 5})
    actors.change_resource("category.care", {"withdrawn": True})
    with nothing_changes(actors):
        problem = assert_refused(actors.publish(), 409, "release-blocked")
        welsh = assert_refused(actors.request("pedr", "POST", "/releases", {"note": "x"}, lang="cy"), 409,
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
    assert problem["blockers"] == welsh["blockers"] == actors.read("ann", "/releases/next")["blockers"]
    assert problem["title"] != welsh["title"]
    actors.change_resource("moment.fourth", {"number": 4, "category": "talk"})
    actors.change_resource("category.care", {"withdrawn": False})
    actors.deliver(BODY)
    actors.act("twm", "confirm", {})
    actors.deliver(f"{SECOND}.title")
    assert json_of(actors.publish(), 201)["number"] == 2


def test_a_release_with_if_match_is_refused_if_its_content_has_changed_since_it_was_read(actors: Actors) -> None:
    actors.deliver()
    seen = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    assert actors.request("pedr", "GET", "/releases/next").headers["ETag"] == seen
    actors.deliver(BODY)
    with nothing_changes(actors):
        for if_match in (seen, f"W/{seen}", '"other"'):
            body = {"note": "x"}
            problem = assert_refused(
                actors.request("pedr", "POST", "/releases", body, if_match=if_match), 412, "text-changed"
            )
            assert problem["current"] == actors.read("pedr", "/releases/next")
    assert problem["etag"] != seen
    response = actors.request("pedr", "POST", "/releases", {"note": "x"}, if_match=f'"other", {problem["etag"]}')
    assert response.status_code == 201


@pytest.mark.parametrize("body", [{}, {"ready": True}, {"resources": [FIRST]}], ids=["all", "ready", "named"])
def test_a_release_with_if_match_reads_the_working_copy_only_once(actors: Actors, body: dict[str, Any]) -> None:
    actors.deliver()
    etag = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(actors.database.engine, "before_cursor_execute", record)
    response = actors.request("pedr", "POST", "/releases", {"note": "x", **body}, if_match=etag)
    event.remove(actors.database.engine, "before_cursor_execute", record)
    assert response.status_code == 201
    assert sum("AS source_text" in statement for statement in statements) == 1
    if actors.database.is_sqlite:
        assert len(statements) <= 50, statements


def test_a_release_with_if_match_can_waive_gaps_and_be_limited_to_some_resources(actors: Actors) -> None:
    actors.outdate()
    actors.deliver(f"{SECOND}.title")
    actors.deliver("moment.fourth.title")
    etag = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    waiver = {"resource": FIRST, "gap": "outdated", "reason": REASON}
    body: dict[str, Any] = {"note": "x", "resources": [SECOND, FIRST]}
    with nothing_changes(actors):
        blocked = assert_refused(
            actors.request("pedr", "POST", "/releases", body, if_match=etag), 409, "release-blocked"
        )
    assert [(b["resource"], b["gap"]) for b in blocked["blockers"]] == [(FIRST, "outdated")]
    release = json_of(actors.request("pedr", "POST", "/releases", body | {"waive": [waiver]}, if_match=etag), 201)
    assert [change["id"] for change in release["changes"]] == [FIRST, SECOND]
    assert [(w["id"], w["gap"]) for w in release["waivers"]] == [(FIRST, "outdated")]
    assert [r["id"] for r in actors.read("ann", "/releases/next")["resources"]] == ["moment.fourth"]


def test_blocked_resources_are_omitted_with_if_match_and_the_ready_option(actors: Actors) -> None:
    actors.outdate()
    actors.deliver(f"{SECOND}.title")
    etag = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    body = {"note": "x", "ready": True}
    release = json_of(actors.request("pedr", "POST", "/releases", body, if_match=etag), 201)
    assert [change["id"] for change in release["changes"]] == [SECOND]


@pytest.mark.parametrize("change", ["text", "review", "return", "slug", "number", "minor", "withdrawn", "new"])
def test_every_pending_change_changes_the_etag_of_the_pending_release(actors: Actors, change: str) -> None:
    actors.deliver()
    before = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    new |= {"texts": {"title": {"cy": "Un"}, "body": {"cy": "Stori."}}}
    {
        "text": actors.deliver,
        "review": lambda: actors.act("rhian", "review", {"decision": "approve"}),
        "return": lambda: actors.act("rhian", "review", {"decision": "return", "comment": "x"}),
        "slug": lambda: actors.change_resource(FIRST, {"slugs": {"cy": "arall"}}),
        "number": lambda: actors.change_resource(FIRST, {"number": 99}),
        "minor": lambda: actors.act("eirlys", "source", {"text": "EN x", "minor": True}),
        "withdrawn": lambda: actors.change_resource(FIRST, {"withdrawn": True}),
        "new": lambda: actors.request("eirlys", "POST", "/resources", new),
    }[change]()
    assert actors.request("pedr", "GET", "/releases/next").headers["ETag"] != before


def test_a_revert_changes_the_etag_of_the_pending_release(actors: Actors) -> None:
    actors.deliver()
    json_of(actors.publish(), 201)
    actors.deliver()
    seen = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    json_of(actors.request("pedr", "POST", "/releases/1/revert", {"note": "back"}), 201)
    response = actors.request("pedr", "POST", "/releases", {"note": "x"}, if_match=seen)
    assert_refused(response, 412, "text-changed")


def test_two_requests_with_the_same_idempotency_key_make_one_release(actors: Actors) -> None:
    actors.deliver()
    first, second = (actors.request("pedr", "POST", "/releases", {"note": "x"}, key="k") for _ in range(2))
    assert (first.status_code, second.status_code, second.data == first.data) == (201, 201, True)
    assert actors.read_public("/releases")["release"] == 2


def test_an_idempotency_key_covers_the_if_match_header(actors: Actors) -> None:
    """A request with a different If-Match is a different request, and must not get the stored response."""
    actors.deliver()
    seen = actors.request("pedr", "GET", "/releases/next").headers["ETag"]
    body = {"note": "x"}
    first = actors.request("pedr", "POST", "/releases", body, key="k", if_match=seen)
    assert actors.request("pedr", "POST", "/releases", body, key="k", if_match=seen).data == first.data
    with nothing_changes(actors):
        for other in ("*", None):
            response = actors.request("pedr", "POST", "/releases", body, key="k", if_match=other)
            assert_refused(response, 422, "key-reused")


def test_a_revert_restores_the_public_texts_and_does_not_change_the_working_copy(actors: Actors) -> None:
    actors.outdate()
    actors.deliver()
    actors.change_resource(SECOND, {"withdrawn": True})
    json_of(actors.publish(), 201)
    actors.deliver(BODY)
    before = {unit: actors.unit(unit) for unit in (TITLE, BODY)}
    release = json_of(actors.request("pedr", "POST", "/releases/1/revert", {"note": "back"}), 201)
    assert (release["number"], release["reverts"], release["note"]) == (3, 1, "back")
    assert [item["id"] for item in release["changes"]] == [FIRST, SECOND]
    for slug in ("first", "second"):
        old = actors.read_public(f"/moments/{slug}", lang="cy", release="1")
        now = actors.read_public(f"/moments/{slug}", lang="cy")
        # Links are not compared, because the links in an old release contain the release number.
        assert {name: now[name] for name in SAME} == {name: old[name] for name in SAME}
    assert {unit: actors.unit(unit) for unit in (TITLE, BODY)} == before
    assert [item["id"] for item in actors.read("ann", "/releases/next")["resources"]] == [FIRST, SECOND]
    assert_refused(actors.request("pedr", "POST", "/releases/1/revert", {"note": "x"}), 409, "nothing-to-release")


def test_a_revert_of_one_resource_does_not_change_the_others(actors: Actors) -> None:
    for unit in (TITLE, f"{SECOND}.title"):
        actors.deliver(unit)
    json_of(actors.publish(), 201)
    release = json_of(actors.request("pedr", "POST", "/releases/1/revert", {"note": "x", "resources": [SECOND]}), 201)
    assert [item["id"] for item in release["changes"]] == [SECOND]
    assert actors.read_public("/moments/first", lang="cy")["title"] == "CY newydd 1"
    assert actors.read_public("/moments/second", lang="cy")["title"] == "CY second title"


def test_a_release_is_blocked_by_unreviewed_texts_if_the_service_requires_reviews(make_actors: Any) -> None:
    actors = make_actors(release_state="reviewed")
    actors.deliver("moment.fifth.title")
    pending = actors.read("ann", "/releases/next")
    assert pending["required_state"] == "reviewed"
    # Unreviewed resources that have not changed since the last release do not block the next release.
    assert actors.blockers() == [("moment.fifth", "below_required_state")]
    assert_refused(actors.publish(), 409, "release-blocked")
    actors.act("rhian", "review", {"decision": "approve"}, "moment.fifth.title")
    assert actors.blockers() == []
    json_of(actors.publish(), 201)
    assert actors.read_public("/moments/fifth", lang="cy")["translations"]["cy"]["state"] == "reviewed"


def test_a_review_can_be_released_without_a_change_of_text(actors: Actors) -> None:
    actors.act("rhian", "review", {"decision": "approve"})
    assert actors.read("ann", "/releases/next")["resources"] == []
    # The state of a resource is the lowest state of its texts, so it is "reviewed" only after the second review.
    actors.act("rhian", "review", {"decision": "approve"}, BODY)
    resources = actors.read("ann", "/releases/next")["resources"]
    assert [(item["id"], item["units"]) for item in resources] == [(FIRST, [])]
    json_of(actors.publish(), 201)
    assert actors.read_public("/moments/first", lang="cy")["translations"]["cy"]["state"] == "reviewed"
