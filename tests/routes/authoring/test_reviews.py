"""Drafts, reviews, and being sent back."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from api.domain.roles import Role
from api.models import Actor, Review, Revision, Unit
from tests.tools.actors import BODY, FIRST, TITLE, People, assert_refused, codes, nothing_changes, scalar

APPROVE = {"decision": "approve"}
RETURN = {"decision": "return", "comment": "the second word"}
DRAFT = {"text": "CY hanner", "state": "initial"}


def _refusal(people: People, who: str, what: str, body: dict[str, object]) -> str:
    """The word for why an act does not fit how things stand."""
    with nothing_changes(people):
        problem = assert_refused(people.try_act(who, what, body), 409, "act-refused")
    return codes(problem)[0][1]


def test_somebody_else_approves(people: People) -> None:
    people.deliver()
    target = people.act("rhian", "review", {**APPROVE, "comment": "good"})["target"]
    assert (target["state"], target["returned"], target["updated_by"]) == ("reviewed", None, "twm")
    assert people.history()[-1]["reviews"][0]["comment"] == "good"
    assert _refusal(people, "rhian", "review", APPROVE) == "reviewed-already"


def test_what_was_sent_back_blocks_until_its_next_revision(people: People) -> None:
    people.deliver()
    target = people.act("rhian", "review", RETURN)["target"]
    assert (target["returned"]["by"], target["returned"]["comment"]) == ("rhian", RETURN["comment"])
    assert target["returned"]["at"].endswith("Z")
    assert (target["state"], target["text"]) == ("translated", "CY newydd 1")
    assert (FIRST, "returned") in people.blockers()
    assert _refusal(people, "rhian", "review", APPROVE) == "returned"
    assert _refusal(people, "rhian", "review", RETURN) == "returned"
    people.deliver()
    assert people.target()["returned"] is None
    assert people.blockers() == []


@pytest.mark.parametrize("what", ["confirm", "revert"])
def test_confirming_or_going_back_answers_what_was_sent_back(people: People, what: str) -> None:
    people.deliver()
    people.act("rhian", "review", RETURN)
    body = {} if what == "confirm" else {"side": "target", "revision": 1}
    target = people.act("twm", what, body)["target"]
    assert (target["returned"], target["state"], target["updated_by"]) == (None, "translated", "twm")
    assert people.blockers() == []


def test_the_same_text_once_more_is_no_answer_to_being_sent_back(people: People) -> None:
    people.act("twm", "target", {"text": "CY arall"})
    people.act("rhian", "review", RETURN)
    with nothing_changes(people):
        assert people.act("twm", "target", {"text": "CY arall"})["target"]["returned"] is not None


def test_a_reviewed_text_can_still_be_sent_back(people: People) -> None:
    people.deliver()
    people.act("rhian", "review", APPROVE)
    target = people.act("rhian", "review", RETURN)["target"]
    assert target["state"] == "translated"
    assert target["returned"]["by"] == "rhian"


def test_sending_back_says_why(people: People) -> None:
    people.deliver()
    with nothing_changes(people):
        for comment in ({}, {"comment": ""}, {"comment": "  "}):
            response = people.try_act("rhian", "review", {"decision": "return", **comment})
            assert codes(assert_refused(response, 400, "invalid-request")) == [("/comment", "required")]


def test_an_outdated_text_is_not_approved(people: People) -> None:
    people.deliver()
    people.outdate()
    assert _refusal(people, "rhian", "review", APPROVE) == "outdated"


def test_a_draft_is_missing_and_cannot_be_confirmed_or_reviewed(people: People) -> None:
    target = people.act("twm", "target", DRAFT)["target"]
    assert (target["state"], target["text"], target["revision"]) == ("initial", "CY hanner", 2)
    assert people.blockers() == [(FIRST, "missing")]
    assert _refusal(people, "twm", "confirm", {}) == "draft"
    assert _refusal(people, "rhian", "review", APPROVE) == "draft"
    assert _refusal(people, "rhian", "review", RETURN) == "draft"
    people.act("twm", "target", {"text": "CY hanner"})
    assert people.target()["state"] == "translated"


def test_a_draft_is_never_released(people: People) -> None:
    people.act("twm", "target", DRAFT)
    assert_refused(people.publish(), 409, "release-blocked")
    assert_refused(people.publish(ready=True), 409, "nothing-to-release")
    reason = {"en": "The Welsh is on its way here.", "cy": "Mae’r Gymraeg ar ei ffordd yma."}
    waiver = {"resource": FIRST, "gap": "missing", "reason": reason}
    assert people.publish(waive=[waiver]).status_code == 201
    assert "CY hanner" not in people.client.get("/v1/bilingual/moments/first").text
    assert people.client.get("/v1/moments/first?lang=cy").status_code == 404


def test_a_draft_is_not_gone_back_to(people: People) -> None:
    people.act("twm", "target", DRAFT)
    people.deliver()
    assert _refusal(people, "twm", "revert", {"side": "target", "revision": 2}) == "draft"


def test_nobody_reviews_a_revision_that_they_wrote(people: People) -> None:
    people.hire("both", Role.TRANSLATOR, Role.REVIEWER)
    people.act("both", "target", {"text": "CY gan y ddau"})
    with nothing_changes(people):
        for body in (APPROVE, RETURN):
            problem = assert_refused(people.try_act("both", "review", body), 403, "own-revision")
            assert problem["detail"]


def test_two_tokens_of_one_person_are_no_second_person(people: People) -> None:
    people.hire("writes", Role.TRANSLATOR, name="Siân")
    people.hire("reads", Role.REVIEWER, name="SIA\u0302N")
    people.act("writes", "target", {"text": "CY gan Siân"})
    with nothing_changes(people):
        assert_refused(people.try_act("reads", "review", APPROVE), 403, "own-revision")
    assert people.act("rhian", "review", APPROVE)["target"]["state"] == "reviewed"


@pytest.mark.parametrize("author", ["its own author", "another author"])
def test_the_database_refuses_a_review_of_ones_own_revision(people: People, author: str) -> None:
    people.deliver()
    unit = select(Unit.target_id).join(Revision, Revision.id == Unit.target_id).where(Revision.text == "CY newydd 1")
    revision = scalar(people, unit)
    twm = scalar(people, select(Actor.id).where(Actor.name == "twm"))
    rhian = scalar(people, select(Actor.id).where(Actor.name == "content"))
    # Whoever is given as its author: the revision knows better.
    values = {"revision_id": revision, "author_id": twm if author == "its own author" else rhian, "reviewer_id": twm}
    with nothing_changes(people), pytest.raises(DBAPIError), people.database.engine.begin() as connection:
        connection.execute(insert(Review).values(**values, decision="approve", at=_now(people)))


def _now(people: People) -> object:
    return scalar(people, select(Revision.at).limit(1))


@pytest.mark.parametrize("statement", ["UPDATE review SET decision = 'return'", "DELETE FROM review"])
def test_a_review_is_for_ever(people: People, statement: str) -> None:
    people.deliver()
    people.act("rhian", "review", APPROVE)
    with pytest.raises(DBAPIError, match="append-only"), people.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_the_translator_may_approve_what_a_reviewer_wrote_over_theirs(people: People) -> None:
    people.deliver()
    people.act("rhian", "target", {"text": "CY wedi’i gywiro"})
    people.act("rhian", "target", {"text": "CY wedi’i gywiro eto"})
    assert people.act("twm", "review", APPROVE)["target"]["state"] == "reviewed"


def test_a_translator_does_not_review_what_nobody_wrote_over_theirs(people: People) -> None:
    people.hire("lowri", Role.TRANSLATOR)
    people.deliver()
    people.act("rhian", "target", {"text": "CY wedi’i gywiro"})
    with nothing_changes(people):
        assert_refused(people.try_act("lowri", "review", APPROVE), 403, "role-missing")
    people.deliver(BODY)
    with nothing_changes(people):
        response = people.work("lowri", "POST", f"/units/{BODY}/review", APPROVE)
        assert assert_refused(response, 403, "role-missing")["roles"] == ["reviewer"]


def test_another_translator_is_no_reviewer(people: People) -> None:
    people.hire("lowri", Role.TRANSLATOR)
    people.deliver()
    people.act("lowri", "target", {"text": "CY gan Lowri"})
    with nothing_changes(people):
        assert_refused(people.try_act("twm", "review", APPROVE), 403, "role-missing")


def test_a_review_writes_no_revision_and_no_text(people: People) -> None:
    people.deliver()
    before = people.history()
    people.act("rhian", "review", APPROVE)
    after = people.history()
    assert [{**r, "reviews": []} for r in after] == [{**r, "reviews": []} for r in before]
    assert after[-1]["reviews"][0]["by"] == "rhian"
    assert people.audit(subject=TITLE)[0]["act"] == "approve"
