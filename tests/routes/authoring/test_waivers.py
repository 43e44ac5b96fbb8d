"""Waivers: a gap is accepted for a public reason, until the translation is current again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import BODY, FIRST, TITLE, Actors, assert_refused, nothing_changes
from tests.tools.clients import json_of

REASON = {"en": "It is with the translator.", "cy": "Mae gyda’r cyfieithydd nawr."}


def waive(gap: str, resource: str = FIRST) -> dict[str, Any]:
    return {"resource": resource, "gap": gap, "reason": REASON}


def _draft(actors: Actors, unit: str = TITLE) -> None:
    actors.act("twm", "target", {"text": "CY hanner", "state": "initial"}, unit)


def _waived(actors: Actors) -> list[tuple[str, str]]:
    return [(item["id"], item["gap"]) for item in actors.read_public("/translation-status")["waived"]]


def test_a_waiver_is_shown_in_the_release_and_the_status_and_the_resource(actors: Actors) -> None:
    actors.outdate()
    release = json_of(actors.publish(waive=[waive("outdated")]), 201)
    assert release["waivers"] == [{"id": FIRST, "gap": "outdated", "language": "cy", "reason": REASON}]
    assert actors.read_public("/releases/2")["waivers"] == release["waivers"]
    assert _waived(actors) == [(FIRST, "outdated")]
    for language in ("cy", "en"):
        response = actors.read_public("/moments/first", lang=language)
        assert response["waivers"] == [{"gap": "outdated", "language": "cy", "reason": REASON, "release": 2}]
    assert actors.read_public("/bilingual/moments/first")["waivers"] == response["waivers"]


def test_an_outdated_text_with_a_waiver_is_published_and_marked_as_outdated(actors: Actors) -> None:
    actors.outdate()
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    response = actors.read_public("/moments/first", lang="cy")
    assert response["title"] == "CY first title"
    assert response["translations"]["cy"]["outdated"] is True
    assert actors.read_public("/moments/first", lang="en")["title"] == "EN changed 1"


@pytest.mark.parametrize("gap", ["missing", "returned"])
def test_a_release_omits_the_language_of_a_missing_or_returned_text_that_is_waived(actors: Actors, gap: str) -> None:
    if gap == "missing":
        _draft(actors)
    else:
        actors.deliver()
        actors.act("rhian", "review", {"decision": "return", "comment": "x"})
    json_of(actors.publish(waive=[waive(gap)]), 201)
    assert actors.client.get("/v1/moments/first?lang=cy").status_code == 404
    assert actors.read_public("/moments/first", lang="en")["title"] == "EN first title"


def test_a_text_below_the_required_state_is_published_if_it_has_a_waiver(make_actors: Any) -> None:
    actors = make_actors(release_state="reviewed")
    actors.deliver("moment.fifth.title")
    json_of(actors.publish(waive=[waive("below_required_state", "moment.fifth")]), 201)
    response = actors.read_public("/moments/fifth", lang="cy")
    assert response["title"] == "CY newydd 1"
    assert response["translations"]["cy"]["state"] == "translated"


def test_every_gap_needs_its_own_waiver(actors: Actors) -> None:
    actors.outdate()
    _draft(actors, BODY)
    for waived, remaining in (
        (["outdated"], "missing"),
        (["missing"], "outdated"),
        (["returned", "outdated"], "missing"),
    ):
        problem = assert_refused(actors.publish(waive=[waive(gap) for gap in waived]), 409, "release-blocked")
        assert [b["gap"] for b in problem["blockers"]] == [remaining]
    other = [waive("outdated", "moment.second"), waive("missing", "moment.second")]
    assert_refused(actors.publish(waive=other), 409, "release-blocked")
    assert json_of(actors.publish(waive=[waive("outdated"), waive("missing")]), 201)["number"] == 2


def test_a_category_in_use_cannot_be_withdrawn_even_with_a_waiver(actors: Actors) -> None:
    actors.change_resource("category.care", {"withdrawn": True})
    problem = assert_refused(actors.publish(waive=[waive("missing", "category.care")]), 409, "release-blocked")
    assert [(b["gap"], b["waivable"]) for b in problem["blockers"]] == [("in_use", False)]


def test_the_next_release_of_a_resource_with_the_same_gap_needs_a_new_waiver(actors: Actors) -> None:
    actors.outdate()
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    assert actors.read("ann", "/releases/next")["resources"] == []
    actors.outdate(BODY)
    actors.deliver(BODY)
    assert actors.blockers() == [(FIRST, "outdated")]
    assert_refused(actors.publish(), 409, "release-blocked")
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    assert actors.read_public("/moments/first", lang="cy")["waivers"][0]["release"] == 3


def test_a_waiver_stays_in_force_after_a_release_of_other_resources(actors: Actors) -> None:
    actors.outdate()
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    actors.deliver("moment.second.title")
    assert json_of(actors.publish(), 201)["waivers"] == []
    assert _waived(actors) == [(FIRST, "outdated")]
    assert actors.read_public("/moments/first", lang="cy")["waivers"][0]["release"] == 2


def test_a_waiver_ends_when_the_translation_is_current_again(actors: Actors) -> None:
    actors.outdate()
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    actors.act("twm", "confirm", {})
    release = json_of(actors.publish(), 201)
    assert release["waivers"] == _waived(actors) == []
    assert actors.read_public("/moments/first", lang="cy")["waivers"] == []
    # Release 2 still shows the waiver.
    assert actors.read_public("/moments/first", lang="cy", release="2")["waivers"][0]["gap"] == "outdated"


def test_a_revert_restores_waivers(actors: Actors) -> None:
    actors.outdate()
    json_of(actors.publish(waive=[waive("outdated")]), 201)
    actors.deliver()
    json_of(actors.publish(), 201)
    release = json_of(actors.request("pedr", "POST", "/releases/2/revert", {"note": "back"}), 201)
    assert [(item["id"], item["gap"], item["reason"]) for item in release["waivers"]] == [(FIRST, "outdated", REASON)]
    assert _waived(actors) == [(FIRST, "outdated")]
    assert actors.read_public("/moments/first", lang="cy")["waivers"][0]["reason"] == REASON
    json_of(actors.request("pedr", "POST", "/releases/3/revert", {"note": "and forth"}), 201)
    assert _waived(actors) == []


def test_a_waiver_for_a_gap_that_does_not_exist_is_not_recorded(actors: Actors) -> None:
    actors.deliver()
    release = json_of(actors.publish(waive=[waive("missing"), waive("outdated")]), 201)
    assert release["waivers"] == []


@pytest.mark.parametrize("resource", ["moment.frist", "frist", "moment.", ""])
def test_a_waiver_of_an_unknown_resource_is_refused(actors: Actors, resource: str) -> None:
    actors.deliver()
    with nothing_changes(actors):
        assert actors.publish(waive=[waive("outdated", resource)]).status_code in {400, 404}
