"""Acts on a text: what each makes of a unit, one rule a test."""

from __future__ import annotations

import pytest

from api.domain.roles import Role
from tests.tools.actors import BODY, TITLE, WELSH_TITLE, People, assert_refused, codes, nothing_changes

MACHINE = {"text": "CY gan beiriant", "origin": "machine", "tool": "a translation machine"}


def test_a_unit_says_everything_about_both_of_its_texts(people: People) -> None:
    unit = people.unit()
    assert (unit["id"], unit["resource"], unit["field"]) == (TITLE, "moment.first", "title")
    assert unit["source"].keys() == {"language", "text", "revision", "updated_at", "updated_by"}
    assert (unit["source"]["language"], unit["source"]["text"], unit["source"]["revision"]) == (
        "en",
        "EN first title",
        1,
    )
    target = unit["target"]
    assert (target["language"], target["text"], target["state"]) == ("cy", "CY first title", "translated")
    assert (target["origin"], target["based_on"], target["outdated"], target["returned"]) == ("human", 1, False, None)
    assert unit["source_changes"] == [{"op": "equal", "text": "EN first title"}]


def test_a_welsh_resource_is_translated_into_english(people: People) -> None:
    unit = people.unit(WELSH_TITLE)
    assert (unit["source"]["language"], unit["target"]["language"]) == ("cy", "en")
    people.outdate(WELSH_TITLE)
    assert people.target(WELSH_TITLE)["outdated"] is True
    assert people.act("twm", "target", {"text": "A cuppa"}, WELSH_TITLE)["target"]["outdated"] is False


def test_a_new_source_outdates_the_translation_and_shows_what_changed(people: People) -> None:
    unit = people.act("eirlys", "source", {"text": "EN second title", "comment": "it is the second"})
    assert unit["target"]["outdated"] is True
    assert unit["target"]["text"] == "CY first title"
    assert unit["source_changes"] == [
        {"op": "equal", "text": "EN "},
        {"op": "delete", "text": "first"},
        {"op": "insert", "text": "second"},
        {"op": "equal", "text": " title"},
    ]
    assert unit["source"]["updated_by"] == "eirlys"
    assert people.history("source")[-1]["comment"] == "it is the second"


def test_what_changed_is_told_from_what_the_translation_is_based_on_and_no_later(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN second title"})
    unit = people.act("eirlys", "source", {"text": "EN third title"})
    assert [change["text"] for change in unit["source_changes"]] == ["EN ", "first", "third", " title"]
    assert people.act("twm", "target", {"text": "CY trydydd"})["source_changes"] == [
        {"op": "equal", "text": "EN third title"}
    ]


def test_a_delivery_is_based_on_the_source_as_it_stands(people: People) -> None:
    people.outdate()
    target = people.act("twm", "target", {"text": "CY newydd", "comment": "done"})["target"]
    assert (target["based_on"], target["outdated"], target["revision"]) == (2, False, 2)
    assert (target["state"], target["origin"], target["updated_by"]) == ("translated", "human", "twm")
    last = people.history()[-1]
    assert (last["act"], last["comment"], last["via"]) == ("write", "done", "api")


def test_a_new_target_is_translated_again_after_a_review(people: People) -> None:
    people.deliver()
    assert people.act("rhian", "review", {"decision": "approve"})["target"]["state"] == "reviewed"
    assert people.act("twm", "target", {"text": "CY arall"})["target"]["state"] == "translated"


def test_a_minor_edit_leaves_the_translation_current_and_is_in_the_history(people: People) -> None:
    unit = people.act("eirlys", "source", {"text": "EN first title!", "minor": True, "comment": "a typo"})
    assert (unit["target"]["outdated"], unit["target"]["state"]) == (False, "translated")
    assert [change["op"] for change in unit["source_changes"]] != ["equal"]
    last = people.history("source")[-1]
    assert (last["act"], last["minor"], last["by"], last["comment"]) == ("minor", True, "eirlys", "a typo")


def test_saying_afterwards_that_it_was_not_minor_outdates_the_translation(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN first title!", "minor": True})
    unit = people.act("eirlys", "minor", {"revision": 2, "minor": False, "comment": "it was more"})
    assert unit["target"]["outdated"] is True
    assert unit["source"]["text"] == "EN first title!"
    last = people.history("source")[-1]
    assert (last["about"], last["minor"], last["by"], last["comment"]) == (2, False, "eirlys", "it was more")
    # And it may be said again, the other way round.
    again = people.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "no, it was not"})
    assert again["target"]["outdated"] is False


def test_saying_afterwards_that_it_was_minor_makes_the_translation_current(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN first titel"})
    assert people.target()["outdated"] is True
    assert people.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})["target"]["outdated"] is False


def test_a_translation_confirmed_against_what_was_called_minor_stays_right(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN second title"})
    people.act("twm", "confirm", {})
    for is_minor in (True, False):
        unit = people.act("eirlys", "minor", {"revision": 2, "minor": is_minor, "comment": "x"})
        assert unit["target"]["outdated"] is False
        assert unit["target"]["based_on"] == 2


def test_a_later_minor_edit_keeps_what_was_outdated_outdated(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN second title"})
    assert people.act("eirlys", "source", {"text": "EN second title.", "minor": True})["target"]["outdated"] is True
    people.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})
    assert people.target()["outdated"] is False


def test_a_source_put_back_word_for_word_has_its_old_sense(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN second title"})
    assert people.act("eirlys", "source", {"text": "EN first title"})["target"]["outdated"] is False
    people.act("eirlys", "source", {"text": "EN third title"})
    unit = people.act("eirlys", "revert", {"side": "source", "revision": 1})
    assert (unit["target"]["outdated"], unit["source"]["text"]) == (False, "EN first title")


def test_the_first_revision_and_one_that_is_about_another_are_no_change(people: People) -> None:
    people.outdate()
    people.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})
    with nothing_changes(people):
        for number, code in ((1, "not-a-change"), (3, "not-a-change"), (9, "no-such-revision")):
            response = people.try_act("eirlys", "minor", {"revision": number, "minor": True, "comment": "x"})
            assert codes(assert_refused(response, 409, "act-refused")) == [("", code)]


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
def test_confirming_takes_no_body(people: People, content_type: str | None) -> None:
    people.outdate()
    headers = {"Authorization": f"Bearer {people.secrets['twm']}", "If-Match": "*"}
    headers |= {"Content-Type": content_type} if content_type else {}
    response = people.client.post(f"/v1/units/{TITLE}/confirm", headers=headers)
    assert response.status_code == 200, response.text
    assert response.get_json()["target"]["outdated"] is False


def test_confirming_makes_current_without_a_new_text(people: People) -> None:
    people.act("twm", "target", MACHINE)
    people.act("rhian", "review", {"decision": "approve"})
    people.outdate()
    people.hire("mair2", Role.TRANSLATOR, name="mair")
    target = people.act("mair2", "confirm", {"comment": "still right"})["target"]
    assert (target["outdated"], target["based_on"], target["text"]) == (False, 2, MACHINE["text"])
    assert (target["state"], target["origin"], target["tool"]) == ("translated", "machine", MACHINE["tool"])
    assert target["updated_by"] == "mair"
    assert (people.history()[-1]["act"], people.history()[-1]["comment"]) == ("confirm", "still right")


def test_confirming_what_nobody_doubts_is_no_revision(people: People) -> None:
    with nothing_changes(people):
        people.act("twm", "confirm", {})


def test_reverting_a_target_brings_its_old_basis_back(people: People) -> None:
    people.act("twm", "target", MACHINE)
    people.outdate()
    people.act("twm", "target", {"text": "CY ar ôl y newid", "origin": "human"})
    target = people.act("rhian", "revert", {"side": "target", "revision": 2})["target"]
    assert (target["text"], target["based_on"], target["outdated"]) == (MACHINE["text"], 1, True)
    assert (target["state"], target["origin"], target["updated_by"]) == ("translated", "machine", "rhian")
    assert people.history()[-1]["act"] == "revert"


def test_reverting_to_what_stands_or_was_never_there_is_refused(people: People) -> None:
    people.deliver()
    with nothing_changes(people):
        for number, code in ((2, "stands-already"), (3, "no-such-revision")):
            response = people.try_act("twm", "revert", {"side": "target", "revision": number})
            assert codes(assert_refused(response, 409, "act-refused")) == [("", code)]


def test_the_same_text_state_and_origin_on_a_current_target_is_no_revision(people: People) -> None:
    with nothing_changes(people):
        people.act("twm", "target", {"text": "CY first title"})
        people.act("twm", "target", {"text": "  CY first title \n", "origin": "human", "state": "translated"})


@pytest.mark.parametrize("change", [{"origin": "unknown"}, {"state": "initial"}, {"text": "CY first titl"}])
def test_what_differs_in_one_of_them_is_a_revision(people: People, change: dict[str, str]) -> None:
    unit = people.act("twm", "target", {"text": "CY first title", **change})
    assert unit["target"]["revision"] == 2


def test_the_same_text_on_an_outdated_target_makes_it_current(people: People) -> None:
    people.outdate()
    target = people.act("twm", "target", {"text": "CY first title"})["target"]
    assert (target["revision"], target["based_on"], target["outdated"]) == (2, 2, False)


def test_who_wrote_it_is_post_edited_over_a_machines_text_and_over_a_post_edited_one(people: People) -> None:
    assert people.act("twm", "target", {"text": "CY a"})["target"]["origin"] == "human"
    people.act("twm", "target", MACHINE)
    for text in ("CY b", "CY c"):
        target = people.act("twm", "target", {"text": text})["target"]
        assert (target["origin"], target["tool"]) == ("post-edited", None)
    assert people.act("twm", "target", {"text": "CY d", "origin": "human"})["target"]["origin"] == "human"
    assert people.act("twm", "target", {"text": "CY e"})["target"]["origin"] == "human"
    assert people.act("twm", "target", {"text": "CY f", "origin": "unknown"})["target"]["origin"] == "unknown"
    assert people.act("twm", "target", {"text": "CY g"})["target"]["origin"] == "human"


def test_a_machine_is_named(people: People) -> None:
    with nothing_changes(people):
        response = people.try_act("twm", "target", {"text": "CY a", "origin": "machine"})
        assert codes(assert_refused(response, 400, "invalid-request")) == [("/tool", "required")]
    target = people.act("twm", "target", MACHINE)["target"]
    assert (target["origin"], target["tool"]) == ("machine", MACHINE["tool"])


def test_a_source_that_stands_already_is_no_revision(people: People) -> None:
    with nothing_changes(people):
        people.act("eirlys", "source", {"text": "EN first title"})
        people.act("eirlys", "source", {"text": "EN first title", "minor": True})


def test_history_tells_every_revision_with_who_when_and_why(people: People) -> None:
    people.act("eirlys", "source", {"text": "EN other body", "comment": "clearer"}, BODY)
    people.act("twm", "target", {"text": "CY arall", "state": "initial", "comment": "half done"}, BODY)
    people.act("twm", "target", {"text": "CY arall, gorffenedig"}, BODY)
    people.act("rhian", "review", {"decision": "return", "comment": "not yet"}, BODY)
    people.act("rhian", "target", {"text": "CY wedi’i gywiro"}, BODY)
    people.act("twm", "review", {"decision": "approve", "comment": "thank you"}, BODY)
    source, target = people.history("source", BODY), people.history("target", BODY)
    assert [(r["revision"], r["act"], r["by"], r["comment"]) for r in source] == [
        (1, "load", "content", None),
        (2, "write", "eirlys", "clearer"),
    ]
    assert [(r["revision"], r["state"], r["by"], r["based_on"]) for r in target] == [
        (1, "translated", "content", 1),
        (2, "initial", "twm", 2),
        (3, "translated", "twm", 2),
        (4, "translated", "rhian", 2),
    ]
    said = [[(review["decision"], review["by"], review["comment"]) for review in r["reviews"]] for r in target]
    assert said == [[], [], [("return", "rhian", "not yet")], [("approve", "twm", "thank you")]]
    assert all(r["at"].endswith("Z") for r in source + target)


def test_a_comment_that_no_revision_would_carry_is_not_lost_in_silence(people: People) -> None:
    with nothing_changes(people):
        for who, what, body in (
            ("twm", "target", {"text": "CY first title", "origin": people.target()["origin"]}),
            ("eirlys", "source", {"text": "EN first title"}),
            ("twm", "confirm", {}),
        ):
            people.act(who, what, body)
            response = people.try_act(who, what, {**body, "comment": "It is right because of this."})
            assert codes(assert_refused(response, 409, "act-refused")) == [("", "comment-without-change")], what
