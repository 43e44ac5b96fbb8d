"""What is not public is found from where the trail was settled, and is what comparing everything finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.language import Language
from api.domain.state import MinState, Origin, State
from api.models import Audit, Release
from api.services.authoring.resources import get_name, set_slug
from api.services.authoring.units import NewText
from api.services.publishing import pending_changes as unreleased
from api.services.publishing.pending_changes import compare_all, list_changed_row_ids
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from tests.tools.booklets import editor, load, small_booklet
from tests.tools.edits import set_withdrawn, write_source, write_target

FIRST, SECOND = "moment.first", "moment.second"


@pytest.fixture
def session(empty_database: Database) -> Iterator[Session]:
    with empty_database.writing() as session:
        load(session, small_booklet())
        yield session


def settled(session: Session) -> int | None:
    return session.scalar(select(Release.audit_watermark).order_by(Release.number.desc()).limit(1))


def newest_line(session: Session) -> int:
    return session.scalar(select(func.max(Audit.id))) or 0


def changed(session: Session) -> list[str]:
    """What the trail leads to; it is what comparing everything leads to."""
    found = list_changed_row_ids(session)
    assert found == compare_all(session)
    return [get_name(session, row_id) for row_id in found]


def change(session: Session, resource: str, text: str = "New") -> None:
    audit = editor(session)
    for write, language in ((write_source, "en"), (write_target, "cy")):
        new = NewText(f"{text} {language}", Origin.HUMAN, State.TRANSLATED)
        write(session, audit, f"{resource}.title", new)


def release(session: Session, resources: list[str] | None = None) -> int:
    row_ids = [each for each in compare_all(session) if resources is None or get_name(session, each) in resources]
    return publish(session, editor(session), row_ids, note="a release", required=MinState.TRANSLATED)


def test_all_is_settled_where_all_is_public(session: Session) -> None:
    assert changed(session) == []
    # The line of the release itself comes after it, and is about no resource.
    assert settled(session) == newest_line(session) - 1


ACTS: dict[str, Callable[[Session], None]] = {
    "texts": lambda session: change(session, FIRST),
    "a slug": lambda session: set_slug(session, editor(session), FIRST, Language.CY, "arall"),
    "a withdrawal": lambda session: set_withdrawn(session, editor(session), FIRST, is_withdrawn=True),
}


@pytest.mark.parametrize("act", ACTS)
def test_whatever_changed_is_found_by_its_line(session: Session, audit: str) -> None:
    ACTS[audit](session)
    assert changed(session) == [FIRST]
    release(session)
    assert changed(session) == []
    assert settled(session) == newest_line(session) - 1


def test_what_stays_behind_is_found_after_later_releases(session: Session) -> None:
    before = newest_line(session)
    change(session, FIRST)
    change(session, SECOND)
    release(session, [SECOND])
    assert changed(session) == [FIRST]
    assert settled(session) == before
    change(session, SECOND, "Newer")
    release(session, [SECOND])
    assert (changed(session), settled(session)) == ([FIRST], before)
    release(session)
    assert (changed(session), settled(session)) == ([], newest_line(session) - 1)


def test_what_a_revert_brings_back_differs_from_the_working_copy(session: Session) -> None:
    change(session, FIRST)
    release(session)
    revert_release(session, editor(session), 1, note="back")
    assert changed(session) == [FIRST]
    # Another release leaves it behind, and it is still found: by the line of the revert.
    change(session, SECOND)
    release(session, [SECOND])
    assert changed(session) == [FIRST]
    release(session)
    assert changed(session) == []


def test_with_too_many_lines_everything_is_compared(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    change(session, FIRST)
    change(session, SECOND)
    monkeypatch.setattr(unreleased, "LINES", 3)
    assert unreleased._find_touched(session, settled(session) or 0) is None
    assert changed(session) == [FIRST, SECOND]


def test_of_many_that_stay_behind_the_place_is_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settled(session)
    monkeypatch.setattr(unreleased, "BEHIND", 1)
    for resource in (FIRST, SECOND, "moment.fourth"):
        change(session, resource)
    release(session, ["moment.fourth"])
    assert settled(session) == before
    assert changed(session) == [FIRST, SECOND]


def test_a_database_that_knows_no_place_compares_everything_and_knows_it_from_then_on(session: Session) -> None:
    session.execute(update(Release).values(settled=None))
    change(session, FIRST)
    assert changed(session) == [FIRST]
    release(session)
    assert (changed(session), settled(session)) == ([], newest_line(session) - 1)
