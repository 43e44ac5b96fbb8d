"""Waivers: a gap let pass for a reason that everybody can read, until parity is made good."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.actors import BODY, FIRST, TITLE, People, assert_refused, nothing_changes
from tests.tools.clients import json_of

REASON = {"en": "It is with the translator.", "cy": "Mae gyda’r cyfieithydd nawr."}


def waive(gap: str, resource: str = FIRST) -> dict[str, Any]:
    return {"resource": resource, "gap": gap, "reason": REASON}


def _draft(people: People, unit: str = TITLE) -> None:
    people.act("twm", "target", {"text": "CY hanner", "state": "initial"}, unit)


def _waived(people: People) -> list[tuple[str, str]]:
    return [(each["id"], each["gap"]) for each in people.public("/translation-status")["waived"]]


def test_a_waiver_is_shown_in_the_release_the_status_and_the_resource(people: People) -> None:
    people.outdate()
    made = json_of(people.publish(waive=[waive("outdated")]), 201)
    assert made["waivers"] == [{"id": FIRST, "gap": "outdated", "language": "cy", "reason": REASON}]
    assert people.public("/releases/2")["waivers"] == made["waivers"]
    assert _waived(people) == [(FIRST, "outdated")]
    for language in ("cy", "en"):
        shown = people.public("/moments/first", lang=language)
        assert shown["waivers"] == [{"gap": "outdated", "language": "cy", "reason": REASON, "release": 2}]
    assert people.public("/bilingual/moments/first")["waivers"] == shown["waivers"]


def test_under_a_waiver_an_outdated_text_goes_out_and_says_so(people: People) -> None:
    people.outdate()
    json_of(people.publish(waive=[waive("outdated")]), 201)
    shown = people.public("/moments/first", lang="cy")
    assert shown["title"] == "CY first title"
    assert shown["translations"]["cy"]["outdated"] is True
    assert people.public("/moments/first", lang="en")["title"] == "EN anew 1"


@pytest.mark.parametrize("gap", ["missing", "returned"])
def test_under_a_waiver_what_is_missing_or_sent_back_leaves_its_language_out(people: People, gap: str) -> None:
    if gap == "missing":
        _draft(people)
    else:
        people.deliver()
        people.act("rhian", "review", {"decision": "return", "comment": "x"})
    json_of(people.publish(waive=[waive(gap)]), 201)
    assert people.client.get("/v1/moments/first?lang=cy").status_code == 404
    assert people.public("/moments/first", lang="en")["title"] == "EN first title"


def test_below_the_required_state_goes_out_under_a_waiver(make_people: Any) -> None:
    people = make_people(release_state="reviewed")
    people.deliver("moment.fifth.title")
    json_of(people.publish(waive=[waive("below_required_state", "moment.fifth")]), 201)
    shown = people.public("/moments/fifth", lang="cy")
    assert shown["title"] == "CY newydd 1"
    assert shown["translations"]["cy"]["state"] == "translated"


def test_every_gap_needs_its_own_waiver(people: People) -> None:
    people.outdate()
    _draft(people, BODY)
    for given, left in ((["outdated"], "missing"), (["missing"], "outdated"), (["returned", "outdated"], "missing")):
        problem = assert_refused(people.publish(waive=[waive(gap) for gap in given]), 409, "release-blocked")
        assert [b["gap"] for b in problem["blockers"]] == [left]
    other = [waive("outdated", "moment.second"), waive("missing", "moment.second")]
    assert_refused(people.publish(waive=other), 409, "release-blocked")
    assert json_of(people.publish(waive=[waive("outdated"), waive("missing")]), 201)["number"] == 2


def test_a_source_that_is_not_there_cannot_be_waived(people: People) -> None:
    people.change("category.care", {"withdrawn": True})
    problem = assert_refused(people.publish(waive=[waive("missing", "category.care")]), 409, "release-blocked")
    assert [(b["gap"], b["waivable"]) for b in problem["blockers"]] == [("in_use", False)]


def test_a_waiver_is_asked_for_again_at_the_next_release_of_its_resource(people: People) -> None:
    people.outdate()
    json_of(people.publish(waive=[waive("outdated")]), 201)
    assert people.read("ann", "/releases/next")["resources"] == []
    people.outdate(BODY)
    people.deliver(BODY)
    assert people.blockers() == [(FIRST, "outdated")]
    assert_refused(people.publish(), 409, "release-blocked")
    json_of(people.publish(waive=[waive("outdated")]), 201)
    assert people.public("/moments/first", lang="cy")["waivers"][0]["release"] == 3


def test_a_release_of_others_leaves_a_waiver_as_it_is(people: People) -> None:
    people.outdate()
    json_of(people.publish(waive=[waive("outdated")]), 201)
    people.deliver("moment.second.title")
    assert json_of(people.publish(), 201)["waivers"] == []
    assert _waived(people) == [(FIRST, "outdated")]
    assert people.public("/moments/first", lang="cy")["waivers"][0]["release"] == 2


def test_a_waiver_is_gone_when_parity_is_made_good(people: People) -> None:
    people.outdate()
    json_of(people.publish(waive=[waive("outdated")]), 201)
    people.act("twm", "confirm", {})
    made = json_of(people.publish(), 201)
    assert made["waivers"] == _waived(people) == []
    assert people.public("/moments/first", lang="cy")["waivers"] == []
    # What was so at release 2 stays so.
    assert people.public("/moments/first", lang="cy", release="2")["waivers"][0]["gap"] == "outdated"


def test_revert_restores_waivers_too(people: People) -> None:
    people.outdate()
    json_of(people.publish(waive=[waive("outdated")]), 201)
    people.deliver()
    json_of(people.publish(), 201)
    made = json_of(people.ask("pedr", "POST", "/releases/2/revert", {"note": "back"}), 201)
    assert [(each["id"], each["gap"], each["reason"]) for each in made["waivers"]] == [(FIRST, "outdated", REASON)]
    assert _waived(people) == [(FIRST, "outdated")]
    assert people.public("/moments/first", lang="cy")["waivers"][0]["reason"] == REASON
    json_of(people.ask("pedr", "POST", "/releases/3/revert", {"note": "and forth"}), 201)
    assert _waived(people) == []


def test_a_waiver_for_what_has_no_gap_leaves_no_trace(people: People) -> None:
    people.deliver()
    made = json_of(people.publish(waive=[waive("missing"), waive("outdated")]), 201)
    assert made["waivers"] == []


@pytest.mark.parametrize("resource", ["moment.frist", "frist", "moment.", ""])
def test_a_waiver_for_what_does_not_exist_is_refused(people: People, resource: str) -> None:
    people.deliver()
    with nothing_changes(people):
        assert people.publish(waive=[waive("outdated", resource)]).status_code in {400, 404}
