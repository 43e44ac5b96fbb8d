"""Drafts, reviews and returned translations."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from api.domain.roles import Role
from api.models import Actor, Review, Revision, Unit
from tests.tools.actors import BODY, FIRST, TITLE, Actors, assert_refused, issue_codes, nothing_changes, scalar

APPROVE = {"decision": "approve"}
RETURN = {"decision": "return", "comment": "the second word"}
DRAFT = {"text": "CY hanner", "state": "initial"}


def _refusal(actors: Actors, actor: str, action: str, body: dict[str, object]) -> str:
    """Try an action that must be refused, and return the code of the issue."""
    with nothing_changes(actors):
        problem = assert_refused(actors.try_action(actor, action, body), 409, "act-refused")
    return issue_codes(problem)[0][1]


def test_another_person_approves_a_translation(actors: Actors) -> None:
    actors.deliver()
    target = actors.act("rhian", "review", {**APPROVE, "comment": "good"})["target"]
    assert (target["state"], target["returned"], target["updated_by"]) == ("reviewed", None, "twm")
    assert actors.history()[-1]["reviews"][0]["comment"] == "good"
    assert _refusal(actors, "rhian", "review", APPROVE) == "reviewed-already"


def test_a_returned_translation_blocks_a_release_until_it_is_revised(actors: Actors) -> None:
    actors.deliver()
    target = actors.act("rhian", "review", RETURN)["target"]
    assert (target["returned"]["by"], target["returned"]["comment"]) == ("rhian", RETURN["comment"])
    assert target["returned"]["at"].endswith("Z")
    assert (target["state"], target["text"]) == ("translated", "CY newydd 1")
    assert (FIRST, "returned") in actors.blockers()
    assert _refusal(actors, "rhian", "review", APPROVE) == "returned"
    assert _refusal(actors, "rhian", "review", RETURN) == "returned"
    actors.deliver()
    assert actors.target()["returned"] is None
    assert actors.blockers() == []


@pytest.mark.parametrize("action", ["confirm", "revert"])
def test_a_translation_is_no_longer_returned_after_a_confirmation_or_revert(actors: Actors, action: str) -> None:
    actors.deliver()
    actors.act("rhian", "review", RETURN)
    body = {} if action == "confirm" else {"side": "target", "revision": 1}
    target = actors.act("twm", action, body)["target"]
    assert (target["returned"], target["state"], target["updated_by"]) == (None, "translated", "twm")
    assert actors.blockers() == []


def test_a_returned_translation_stays_returned_if_the_same_text_is_delivered(actors: Actors) -> None:
    actors.act("twm", "target", {"text": "CY arall"})
    actors.act("rhian", "review", RETURN)
    with nothing_changes(actors):
        assert actors.act("twm", "target", {"text": "CY arall"})["target"]["returned"] is not None


def test_an_approved_translation_can_still_be_returned(actors: Actors) -> None:
    actors.deliver()
    actors.act("rhian", "review", APPROVE)
    target = actors.act("rhian", "review", RETURN)["target"]
    assert target["state"] == "translated"
    assert target["returned"]["by"] == "rhian"


def test_returning_a_translation_requires_a_comment(actors: Actors) -> None:
    actors.deliver()
    with nothing_changes(actors):
        for comment in ({}, {"comment": ""}, {"comment": "  "}):
            response = actors.try_action("rhian", "review", {"decision": "return", **comment})
            assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("/comment", "required")]


def test_an_outdated_translation_cannot_be_approved(actors: Actors) -> None:
    actors.deliver()
    actors.outdate()
    assert _refusal(actors, "rhian", "review", APPROVE) == "outdated"


def test_a_draft_counts_as_missing_and_cannot_be_confirmed_or_reviewed(actors: Actors) -> None:
    target = actors.act("twm", "target", DRAFT)["target"]
    assert (target["state"], target["text"], target["revision"]) == ("initial", "CY hanner", 2)
    assert actors.blockers() == [(FIRST, "missing")]
    assert _refusal(actors, "twm", "confirm", {}) == "draft"
    assert _refusal(actors, "rhian", "review", APPROVE) == "draft"
    assert _refusal(actors, "rhian", "review", RETURN) == "draft"
    actors.act("twm", "target", {"text": "CY hanner"})
    assert actors.target()["state"] == "translated"


def test_a_draft_is_never_released(actors: Actors) -> None:
    actors.act("twm", "target", DRAFT)
    assert_refused(actors.publish(), 409, "release-blocked")
    assert_refused(actors.publish(ready=True), 409, "release-blocked")
    reason = {"en": "The Welsh is on its way here.", "cy": "Mae’r Gymraeg ar ei ffordd yma."}
    waiver = {"resource": FIRST, "gap": "missing", "reason": reason}
    assert actors.publish(waive=[waiver]).status_code == 201
    assert "CY hanner" not in actors.client.get("/v1/bilingual/moments/first").text
    assert actors.client.get("/v1/moments/first?lang=cy").status_code == 404


def test_a_revert_to_a_draft_is_refused(actors: Actors) -> None:
    actors.act("twm", "target", DRAFT)
    actors.deliver()
    assert _refusal(actors, "twm", "revert", {"side": "target", "revision": 2}) == "draft"


def test_authors_cannot_review_their_own_revisions(actors: Actors) -> None:
    actors.add_actor("both", Role.TRANSLATOR, Role.REVIEWER)
    actors.act("both", "target", {"text": "CY gan y ddau"})
    with nothing_changes(actors):
        for body in (APPROVE, RETURN):
            problem = assert_refused(actors.try_action("both", "review", body), 403, "own-revision")
            assert problem["detail"]


def test_authors_cannot_review_their_own_revisions_with_a_second_token(actors: Actors) -> None:
    actors.add_actor("writes", Role.TRANSLATOR, name="Siân")
    actors.add_actor("reads", Role.REVIEWER, name="SIA\u0302N")
    actors.act("writes", "target", {"text": "CY gan Siân"})
    with nothing_changes(actors):
        assert_refused(actors.try_action("reads", "review", APPROVE), 403, "own-revision")
    assert actors.act("rhian", "review", APPROVE)["target"]["state"] == "reviewed"


@pytest.mark.parametrize("author", ["its own author", "another author"])
def test_the_database_refuses_a_review_by_the_author(actors: Actors, author: str) -> None:
    actors.deliver()
    unit = select(Unit.target_id).join(Revision, Revision.id == Unit.target_id).where(Revision.text == "CY newydd 1")
    revision = scalar(actors, unit)
    twm = scalar(actors, select(Actor.id).where(Actor.name == "twm"))
    rhian = scalar(actors, select(Actor.id).where(Actor.name == "content"))
    # Neither row is accepted: one has the true author as its reviewer, the other names a false author.
    values = {"revision_id": revision, "author_id": twm if author == "its own author" else rhian, "reviewer_id": twm}
    with nothing_changes(actors), pytest.raises(DBAPIError), actors.database.engine.begin() as connection:
        connection.execute(insert(Review).values(**values, decision="approve", at=_now(actors)))


def _now(actors: Actors) -> object:
    return scalar(actors, select(Revision.at).limit(1))


@pytest.mark.parametrize("statement", ["UPDATE review SET decision = 'return'", "DELETE FROM review"])
def test_the_database_refuses_to_change_or_delete_a_review(actors: Actors, statement: str) -> None:
    actors.deliver()
    actors.act("rhian", "review", APPROVE)
    with pytest.raises(DBAPIError, match="append-only"), actors.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_translators_may_approve_corrections_that_a_reviewer_made_to_their_texts(actors: Actors) -> None:
    actors.deliver()
    actors.act("rhian", "target", {"text": "CY wedi’i gywiro"})
    actors.act("rhian", "target", {"text": "CY wedi’i gywiro eto"})
    assert actors.act("twm", "review", APPROVE)["target"]["state"] == "reviewed"


def test_a_translator_may_not_review_texts_that_another_person_translated(actors: Actors) -> None:
    actors.add_actor("lowri", Role.TRANSLATOR)
    actors.deliver()
    actors.act("rhian", "target", {"text": "CY wedi’i gywiro"})
    with nothing_changes(actors):
        assert_refused(actors.try_action("lowri", "review", APPROVE), 403, "role-missing")
    actors.deliver(BODY)
    with nothing_changes(actors):
        response = actors.write("lowri", "POST", f"/units/{BODY}/review", APPROVE)
        assert assert_refused(response, 403, "role-missing")["roles"] == ["reviewer"]


def test_a_translator_may_not_review_a_correction_by_another_translator(actors: Actors) -> None:
    actors.add_actor("lowri", Role.TRANSLATOR)
    actors.deliver()
    actors.act("lowri", "target", {"text": "CY gan Lowri"})
    with nothing_changes(actors):
        assert_refused(actors.try_action("twm", "review", APPROVE), 403, "role-missing")


def test_a_review_writes_no_revision_and_no_text(actors: Actors) -> None:
    actors.deliver()
    before = actors.history()
    actors.act("rhian", "review", APPROVE)
    after = actors.history()
    assert [{**r, "reviews": []} for r in after] == [{**r, "reviews": []} for r in before]
    assert after[-1]["reviews"][0]["by"] == "rhian"
    assert actors.audit(subject=TITLE)[0]["act"] == "approve"
