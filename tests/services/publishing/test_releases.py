"""Releases: their blockers, waivers, numbers and reverts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.actions import Decision
from api.domain.errors import (
    InvalidSlugError,
    InvalidWaiverError,
    NothingToReleaseError,
    ReleaseBlockedError,
    ReleaseNotFoundError,
)
from api.domain.language import Language
from api.domain.state import MinState, State
from api.models import Release, Resource, Unit, Waiver
from api.services.authoring.resources import set_slug
from api.services.authoring.units import NewText
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from api.services.publishing.waivers import WaiverRequest
from tests.conftest import MakeApp
from tests.tools.booklets import REASONS, editor, entry, get_row_ids, load, small_booklet
from tests.tools.edits import review_target, set_withdrawn, write_source, write_target

FIRST, BODY = "moment.first", "moment.first.body"


@pytest.fixture
def database(empty_database: Database) -> Database:
    """Load the small booklet as release 1."""
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_database


def release(
    session: Session, *names: str, required: MinState = MinState.TRANSLATED, waive: tuple[str, ...] = ()
) -> int:
    waivers = [WaiverRequest(name, gap, REASONS) for name in names for gap in waive]
    rows = get_row_ids(session, *names)
    return publish(session, editor(session), rows, note="a release", required=required, waivers=waivers)


def send_back(session: Session, name: str) -> None:
    review_target(session, editor(session, "a reviewer"), name, Decision.RETURN)


def draft(session: Session) -> None:
    write_target(session, editor(session), BODY, NewText("CY drafft", state=State.INITIAL))


def outdate(session: Session) -> None:
    write_source(session, editor(session), BODY, NewText("EN again"))


def retranslate(session: Session) -> None:
    write_target(session, editor(session), BODY, NewText("CY eto"))


@pytest.mark.parametrize(
    ("gap", "do", "required"),
    [
        ("missing", draft, MinState.TRANSLATED),
        ("outdated", outdate, MinState.TRANSLATED),
        ("returned", lambda session: send_back(session, BODY), MinState.TRANSLATED),
        ("below_required_state", retranslate, MinState.REVIEWED),
    ],
)
def test_each_gap_blocks_a_release_and_can_be_waived(
    database: Database, gap: str, do: Callable[[Session], None], required: MinState
) -> None:
    with database.writing() as session:
        do(session)
        with pytest.raises(ReleaseBlockedError) as caught:
            release(session, FIRST, required=required)
        blocker = next(b for b in caught.value.blockers if b.gap == gap)
        assert (blocker.resource, blocker.language) == (FIRST, "cy")
        assert BODY in blocker.units
        assert release(session, FIRST, required=required, waive=(gap,)) == 2


@pytest.mark.parametrize(("gap", "is_left_out"), [("missing", True), ("returned", True), ("outdated", False)])
def test_a_waived_text_is_omitted_if_missing_or_returned_and_marked_if_outdated(
    database: Database, empty_url: str, make_app: MakeApp, gap: str, is_left_out: bool
) -> None:
    with database.writing() as session:
        {"missing": draft, "outdated": outdate, "returned": lambda s: send_back(s, BODY)}[gap](session)
        release(session, FIRST, waive=(gap,))
    client = make_app(empty_url).test_client()
    answer = client.get("/v1/moments/first?lang=cy")
    assert answer.status_code == (404 if is_left_out else 200)
    english = client.get("/v1/moments/first?lang=en").json
    cy = english["translations"]["cy"]
    assert cy is None if is_left_out else cy["outdated"] is True
    assert [(w["gap"], w["language"], w["reason"]) for w in english["waivers"]] == [(gap, "cy", REASONS)]


def test_an_unchanged_resource_with_a_waiver_neither_blocks_a_release_nor_is_released_again(database: Database) -> None:
    with database.writing() as session:
        outdate(session)
        release(session, FIRST, waive=("outdated",))
        with pytest.raises(NothingToReleaseError):
            release(session)
        write_target(session, editor(session), "moment.second.body", NewText("CY arall"))
        assert release(session) == 3
        write_source(session, editor(session), BODY, NewText("EN again and again"))
        with pytest.raises(ReleaseBlockedError):
            release(session)


def test_all_blockers_are_reported_together(database: Database) -> None:
    with database.writing() as session:
        new_entries = [
            entry("category.new", "new", "newydd"),
            entry("moment.ninth", "ninth", number=9, category="category.new"),
        ]
        load(session, [*small_booklet(), *new_entries], is_released=False)
        outdate(session)
        write_target(session, editor(session), "moment.first.title", NewText("CY drafft", state=State.INITIAL))
        send_back(session, "moment.second.body")
        set_withdrawn(session, editor(session), "category.talk", is_withdrawn=True)
        session.execute(update(Resource).where(Resource.key == "paned").values(number=5))
        names = [FIRST, "moment.second", "category.talk", "moment.ninth", "moment.paned"]
        with pytest.raises(ReleaseBlockedError) as caught:
            release(session, *names)
        assert {(b.resource, b.gap) for b in caught.value.blockers} == {
            (FIRST, "missing"),
            (FIRST, "outdated"),
            ("moment.second", "returned"),
            ("category.talk", "in_use"),
            ("moment.ninth", "category_not_public"),
            ("moment.paned", "number_taken"),
        }


def test_a_resource_is_blocked_until_its_collection_is_public(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet(), is_released=False)
        with pytest.raises(ReleaseBlockedError) as caught:
            release(session, "ground-rule.listen")
        assert [(b.resource, b.gap) for b in caught.value.blockers] == [("ground-rule.listen", "collection_not_public")]
        assert release(session, "collection.small", "ground-rule.listen") == 1


def test_two_resources_with_the_same_number_block_each_other(database: Database) -> None:
    with database.writing() as session:
        session.execute(update(Resource).where(Resource.key.in_(["first", "second"])).values(number=77))
        with pytest.raises(ReleaseBlockedError) as caught:
            release(session)
        assert {b.resource for b in caught.value.blockers} == {FIRST, "moment.second"}


def test_two_resources_can_swap_numbers_in_one_release(database: Database) -> None:
    with database.writing() as session:
        for key, number in (("first", 2), ("second", 1)):
            session.execute(update(Resource).where(Resource.key == key).values(number=number))
        assert release(session, FIRST, "moment.second") == 2


def test_a_refused_release_does_not_use_up_a_release_number(database: Database) -> None:
    with database.writing() as session:
        outdate(session)
    with pytest.raises(ReleaseBlockedError), database.writing() as session:
        release(session)
    with database.writing() as session:
        retranslate(session)
        assert release(session) == 2
        assert session.scalars(select(Release.number).order_by(Release.number)).all() == [1, 2]


@pytest.mark.parametrize("gap", ["in_use", "number_taken", "nonsense"])
def test_only_gaps_in_texts_can_be_waived(database: Database, gap: str) -> None:
    with database.writing() as session, pytest.raises(InvalidWaiverError) as caught:
        release(session, FIRST, waive=(gap,))
    assert caught.value.code == "gap-not-waivable"


def test_a_release_does_not_change_units(database: Database) -> None:
    with database.writing() as session:
        retranslate(session)
        before = session.execute(select(Unit.id, Unit.version, Unit.source_id, Unit.target_id).order_by(Unit.id)).all()
        release(session)
        after = session.execute(select(Unit.id, Unit.version, Unit.source_id, Unit.target_id).order_by(Unit.id)).all()
        assert before == after


def test_a_revert_to_an_unknown_release_is_refused(database: Database) -> None:
    for number in (0, -1, 2, 2**40):
        with database.writing() as session, pytest.raises(ReleaseNotFoundError):
            revert_release(session, editor(session), number, note="a release")


def test_a_revert_to_the_current_release_is_refused(database: Database) -> None:
    with database.writing() as session, pytest.raises(NothingToReleaseError):
        revert_release(session, editor(session), 1, note="a release")


def test_a_revert_cannot_restore_a_number_that_another_resource_now_has(database: Database) -> None:
    with database.writing() as session:
        session.execute(update(Resource).where(Resource.key == "first").values(number=70))
        release(session, FIRST)
        session.execute(update(Resource).where(Resource.key == "second").values(number=1))
        release(session, "moment.second")
        with pytest.raises(ReleaseBlockedError) as caught:
            revert_release(session, editor(session), 1, note="a release", row_ids=get_row_ids(session, FIRST))
        assert [(b.resource, b.gap) for b in caught.value.blockers] == [(FIRST, "number_taken")]
        assert revert_release(session, editor(session), 1, note="a release") == 4


def test_a_revert_restores_the_waivers_of_an_edition(database: Database) -> None:
    with database.writing() as session:
        outdate(session)
        release(session, FIRST, waive=("outdated",))
        retranslate(session)
        release(session, FIRST)
        revert_release(session, editor(session), 2, note="a release")
        assert session.execute(select(Waiver.release, Waiver.gap).order_by(Waiver.release)).all() == [
            (2, "outdated"),
            (4, "outdated"),
        ]


def test_a_slug_that_was_public_cannot_be_given_to_another_resource(database: Database) -> None:
    with database.writing() as session:
        set_slug(session, editor(session), FIRST, Language.EN, "renamed")
        with pytest.raises(InvalidSlugError) as caught:
            set_slug(session, editor(session), "moment.second", Language.EN, "first")
        assert (caught.value.code, caught.value.holder) == ("slug-taken", FIRST)
        set_slug(session, editor(session), FIRST, Language.EN, "renamed-again")
        set_slug(session, editor(session), "moment.second", Language.EN, "renamed")
        assert session.scalar(select(func.count()).where(Release.number > 1)) == 0
