"""Actions on texts, and their effects on a unit."""

from __future__ import annotations

import pytest

from api.domain.roles import Role
from tests.tools.actors import BODY, TITLE, WELSH_TITLE, Actors, assert_refused, issue_codes, nothing_changes

MACHINE = {"text": "CY gan beiriant", "origin": "machine", "tool": "a translation machine"}


def test_a_unit_describes_both_of_its_texts(actors: Actors) -> None:
    unit = actors.unit()
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


def test_a_welsh_resource_is_translated_into_english(actors: Actors) -> None:
    unit = actors.unit(WELSH_TITLE)
    assert (unit["source"]["language"], unit["target"]["language"]) == ("cy", "en")
    actors.outdate(WELSH_TITLE)
    assert actors.target(WELSH_TITLE)["outdated"] is True
    assert actors.act("twm", "target", {"text": "A cuppa"}, WELSH_TITLE)["target"]["outdated"] is False


def test_a_new_source_text_outdates_the_translation_and_the_unit_shows_the_changes(actors: Actors) -> None:
    unit = actors.act("eirlys", "source", {"text": "EN second title", "comment": "it is the second"})
    assert unit["target"]["outdated"] is True
    assert unit["target"]["text"] == "CY first title"
    assert unit["source_changes"] == [
        {"op": "equal", "text": "EN "},
        {"op": "delete", "text": "first"},
        {"op": "insert", "text": "second"},
        {"op": "equal", "text": " title"},
    ]
    assert unit["source"]["updated_by"] == "eirlys"
    assert actors.history("source")[-1]["comment"] == "it is the second"


def test_a_unit_lists_the_source_changes_since_the_revision_that_its_translation_is_based_on(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN second title"})
    unit = actors.act("eirlys", "source", {"text": "EN third title"})
    assert [change["text"] for change in unit["source_changes"]] == ["EN ", "first", "third", " title"]
    assert actors.act("twm", "target", {"text": "CY trydydd"})["source_changes"] == [
        {"op": "equal", "text": "EN third title"}
    ]


def test_a_delivered_target_is_based_on_the_current_source(actors: Actors) -> None:
    actors.outdate()
    target = actors.act("twm", "target", {"text": "CY newydd", "comment": "done"})["target"]
    assert (target["based_on"], target["outdated"], target["revision"]) == (2, False, 2)
    assert (target["state"], target["origin"], target["updated_by"]) == ("translated", "human", "twm")
    last = actors.history()[-1]
    assert (last["act"], last["comment"], last["via"]) == ("write", "done", "api")


def test_a_target_delivered_after_a_review_is_unreviewed(actors: Actors) -> None:
    actors.deliver()
    assert actors.act("rhian", "review", {"decision": "approve"})["target"]["state"] == "reviewed"
    assert actors.act("twm", "target", {"text": "CY arall"})["target"]["state"] == "translated"


def test_a_minor_edit_is_in_the_history_and_does_not_outdate_the_translation(actors: Actors) -> None:
    unit = actors.act("eirlys", "source", {"text": "EN first title!", "minor": True, "comment": "a typo"})
    assert (unit["target"]["outdated"], unit["target"]["state"]) == (False, "translated")
    assert [change["op"] for change in unit["source_changes"]] != ["equal"]
    last = actors.history("source")[-1]
    assert (last["act"], last["minor"], last["by"], last["comment"]) == ("minor", True, "eirlys", "a typo")


def test_removing_the_minor_mark_of_an_edit_outdates_the_translation(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN first title!", "minor": True})
    unit = actors.act("eirlys", "minor", {"revision": 2, "minor": False, "comment": "it was more"})
    assert unit["target"]["outdated"] is True
    assert unit["source"]["text"] == "EN first title!"
    last = actors.history("source")[-1]
    assert (last["about"], last["minor"], last["by"], last["comment"]) == (2, False, "eirlys", "it was more")
    # The edit can be marked as minor again.
    again = actors.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "no, it was not"})
    assert again["target"]["outdated"] is False


def test_marking_an_earlier_edit_as_minor_makes_the_translation_current(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN first titel"})
    assert actors.target()["outdated"] is True
    assert actors.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})["target"]["outdated"] is False


def test_a_translation_confirmed_after_an_edit_stays_current_if_the_edit_is_marked_as_minor(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN second title"})
    actors.act("twm", "confirm", {})
    for is_minor in (True, False):
        unit = actors.act("eirlys", "minor", {"revision": 2, "minor": is_minor, "comment": "x"})
        assert unit["target"]["outdated"] is False
        assert unit["target"]["based_on"] == 2


def test_an_outdated_translation_stays_outdated_after_a_minor_edit(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN second title"})
    assert actors.act("eirlys", "source", {"text": "EN second title.", "minor": True})["target"]["outdated"] is True
    actors.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})
    assert actors.target()["outdated"] is False


def test_restoring_an_earlier_source_text_makes_its_translation_current(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN second title"})
    assert actors.act("eirlys", "source", {"text": "EN first title"})["target"]["outdated"] is False
    actors.act("eirlys", "source", {"text": "EN third title"})
    unit = actors.act("eirlys", "revert", {"side": "source", "revision": 1})
    assert (unit["target"]["outdated"], unit["source"]["text"]) == (False, "EN first title")


def test_only_revisions_that_changed_the_source_can_be_marked_as_minor(actors: Actors) -> None:
    actors.outdate()
    actors.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"})
    with nothing_changes(actors):
        for number, code in ((1, "not-a-change"), (3, "not-a-change"), (9, "no-such-revision")):
            response = actors.try_action("eirlys", "minor", {"revision": number, "minor": True, "comment": "x"})
            assert issue_codes(assert_refused(response, 409, "act-refused")) == [("", code)]


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
def test_confirming_requires_no_body(actors: Actors, content_type: str | None) -> None:
    actors.outdate()
    headers = {"Authorization": f"Bearer {actors.secrets['twm']}", "If-Match": "*"}
    headers |= {"Content-Type": content_type} if content_type else {}
    response = actors.client.post(f"/v1/units/{TITLE}/confirm", headers=headers)
    assert response.status_code == 200, response.text
    assert response.get_json()["target"]["outdated"] is False


def test_confirming_makes_a_translation_current_without_a_new_text(actors: Actors) -> None:
    actors.act("twm", "target", MACHINE)
    actors.act("rhian", "review", {"decision": "approve"})
    actors.outdate()
    actors.add_actor("mair2", Role.TRANSLATOR, name="mair")
    target = actors.act("mair2", "confirm", {"comment": "still right"})["target"]
    assert (target["outdated"], target["based_on"], target["text"]) == (False, 2, MACHINE["text"])
    assert (target["state"], target["origin"], target["tool"]) == ("translated", "machine", MACHINE["tool"])
    assert target["updated_by"] == "mair"
    assert (actors.history()[-1]["act"], actors.history()[-1]["comment"]) == ("confirm", "still right")


def test_confirming_a_current_translation_writes_no_revision(actors: Actors) -> None:
    with nothing_changes(actors):
        actors.act("twm", "confirm", {})


def test_reverting_a_target_also_restores_the_source_revision_that_it_is_based_on(actors: Actors) -> None:
    actors.act("twm", "target", MACHINE)
    actors.outdate()
    actors.act("twm", "target", {"text": "CY ar ôl y newid", "origin": "human"})
    target = actors.act("rhian", "revert", {"side": "target", "revision": 2})["target"]
    assert (target["text"], target["based_on"], target["outdated"]) == (MACHINE["text"], 1, True)
    assert (target["state"], target["origin"], target["updated_by"]) == ("translated", "machine", "rhian")
    assert actors.history()[-1]["act"] == "revert"


def test_reverting_to_the_current_or_an_unknown_revision_is_refused(actors: Actors) -> None:
    actors.deliver()
    with nothing_changes(actors):
        for number, code in ((2, "stands-already"), (3, "no-such-revision")):
            response = actors.try_action("twm", "revert", {"side": "target", "revision": number})
            assert issue_codes(assert_refused(response, 409, "act-refused")) == [("", code)]


def test_delivering_a_target_with_the_same_text_and_state_and_origin_writes_no_revision(actors: Actors) -> None:
    with nothing_changes(actors):
        actors.act("twm", "target", {"text": "CY first title"})
        actors.act("twm", "target", {"text": "  CY first title \n", "origin": "human", "state": "translated"})


@pytest.mark.parametrize("change", [{"origin": "unknown"}, {"state": "initial"}, {"text": "CY first titl"}])
def test_delivering_a_target_with_another_text_or_state_or_origin_writes_a_revision(
    actors: Actors, change: dict[str, str]
) -> None:
    unit = actors.act("twm", "target", {"text": "CY first title", **change})
    assert unit["target"]["revision"] == 2


def test_delivering_the_same_text_makes_an_outdated_target_current(actors: Actors) -> None:
    actors.outdate()
    target = actors.act("twm", "target", {"text": "CY first title"})["target"]
    assert (target["revision"], target["based_on"], target["outdated"]) == (2, 2, False)


def test_an_edited_machine_translation_has_the_origin_post_edited(actors: Actors) -> None:
    assert actors.act("twm", "target", {"text": "CY a"})["target"]["origin"] == "human"
    actors.act("twm", "target", MACHINE)
    for text in ("CY b", "CY c"):
        target = actors.act("twm", "target", {"text": text})["target"]
        assert (target["origin"], target["tool"]) == ("post-edited", None)
    assert actors.act("twm", "target", {"text": "CY d", "origin": "human"})["target"]["origin"] == "human"
    assert actors.act("twm", "target", {"text": "CY e"})["target"]["origin"] == "human"
    assert actors.act("twm", "target", {"text": "CY f", "origin": "unknown"})["target"]["origin"] == "unknown"
    assert actors.act("twm", "target", {"text": "CY g"})["target"]["origin"] == "human"


def test_a_machine_translation_must_name_its_tool(actors: Actors) -> None:
    with nothing_changes(actors):
        response = actors.try_action("twm", "target", {"text": "CY a", "origin": "machine"})
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("/tool", "required")]
    target = actors.act("twm", "target", MACHINE)["target"]
    assert (target["origin"], target["tool"]) == ("machine", MACHINE["tool"])


def test_delivering_an_unchanged_source_text_writes_no_revision(actors: Actors) -> None:
    with nothing_changes(actors):
        actors.act("eirlys", "source", {"text": "EN first title"})
        actors.act("eirlys", "source", {"text": "EN first title", "minor": True})


def test_the_history_lists_every_revision_with_its_author_and_time_and_comment(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "EN other body", "comment": "clearer"}, BODY)
    actors.act("twm", "target", {"text": "CY arall", "state": "initial", "comment": "half done"}, BODY)
    actors.act("twm", "target", {"text": "CY arall, gorffenedig"}, BODY)
    actors.act("rhian", "review", {"decision": "return", "comment": "not yet"}, BODY)
    actors.act("rhian", "target", {"text": "CY wedi’i gywiro"}, BODY)
    actors.act("twm", "review", {"decision": "approve", "comment": "thank you"}, BODY)
    source, target = actors.history("source", BODY), actors.history("target", BODY)
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
    reviews = [[(review["decision"], review["by"], review["comment"]) for review in r["reviews"]] for r in target]
    assert reviews == [[], [], [("return", "rhian", "not yet")], [("approve", "twm", "thank you")]]
    assert all(r["at"].endswith("Z") for r in source + target)


def test_a_comment_is_refused_if_no_revision_would_store_it(actors: Actors) -> None:
    with nothing_changes(actors):
        for actor, action, body in (
            ("twm", "target", {"text": "CY first title", "origin": actors.target()["origin"]}),
            ("eirlys", "source", {"text": "EN first title"}),
            ("twm", "confirm", {}),
        ):
            actors.act(actor, action, body)
            response = actors.try_action(actor, action, {**body, "comment": "It is right because of this."})
            assert issue_codes(assert_refused(response, 409, "act-refused")) == [("", "comment-without-change")], action
