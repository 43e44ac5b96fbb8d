"""Pending changes: the audit log finds the same changes as a comparison of all resources."""

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
from api.services.publishing import pending_changes
from api.services.publishing.pending_changes import list_changed, read_pending_changes
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


def audit_watermark(session: Session) -> int | None:
    """Return the watermark that the newest release recorded: the id of an audit entry."""
    return session.scalar(select(Release.audit_watermark).order_by(Release.number.desc()).limit(1))


def newest_entry(session: Session) -> int:
    """Return the id of the newest entry of the audit log."""
    return session.scalar(select(func.max(Audit.id))) or 0


def compare_all(session: Session) -> list[int]:
    """Find the changed resources without the audit log, and return their row ids."""
    return [resource.row_id for resource in list_changed(session, watermark=None)]


def changed(session: Session) -> list[str]:
    """Return the ids of the changed resources, after checking that the audit log and a full comparison agree."""
    row_ids = read_pending_changes(session).row_ids
    assert row_ids == compare_all(session)
    return [get_name(session, row_id) for row_id in row_ids]


def change(session: Session, resource: str, text: str = "New") -> None:
    """Write a new title in both languages."""
    audit = editor(session)
    for write, language in ((write_source, "en"), (write_target, "cy")):
        new = NewText(f"{text} {language}", Origin.HUMAN, State.TRANSLATED)
        write(session, audit, f"{resource}.title", new)


def release(session: Session, resources: list[str] | None = None) -> int:
    """Publish the changes of the named resources, or all changes if no names are given."""
    row_ids = [i for i in compare_all(session) if resources is None or get_name(session, i) in resources]
    return publish(session, editor(session), row_ids, note="a release", required=MinState.TRANSLATED)


def test_the_watermark_is_the_newest_entry_before_the_release_when_everything_is_public(session: Session) -> None:
    assert changed(session) == []
    # Only the entry of the release itself is newer.
    assert audit_watermark(session) == newest_entry(session) - 1


ACTIONS: dict[str, Callable[[Session], None]] = {
    "texts": lambda session: change(session, FIRST),
    "a slug": lambda session: set_slug(session, editor(session), FIRST, Language.CY, "arall"),
    "a withdrawal": lambda session: set_withdrawn(session, editor(session), FIRST, is_withdrawn=True),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_kind_of_change_is_found_by_its_audit_entry(session: Session, action: str) -> None:
    ACTIONS[action](session)
    assert changed(session) == [FIRST]
    release(session)
    assert changed(session) == []
    assert audit_watermark(session) == newest_entry(session) - 1


def test_an_unreleased_change_is_still_found_after_later_releases(session: Session) -> None:
    before = newest_entry(session)
    change(session, FIRST)
    change(session, SECOND)
    release(session, [SECOND])
    assert changed(session) == [FIRST]
    assert audit_watermark(session) == before
    change(session, SECOND, "Newer")
    release(session, [SECOND])
    assert (changed(session), audit_watermark(session)) == ([FIRST], before)
    release(session)
    assert (changed(session), audit_watermark(session)) == ([], newest_entry(session) - 1)


def test_a_reverted_resource_is_found_until_it_is_released_again(session: Session) -> None:
    change(session, FIRST)
    release(session)
    revert_release(session, editor(session), 1, note="back")
    assert changed(session) == [FIRST]
    # A release of another resource does not release FIRST, so the audit entry of the revert must still find FIRST.
    change(session, SECOND)
    release(session, [SECOND])
    assert changed(session) == [FIRST]
    release(session)
    assert changed(session) == []


def test_all_resources_are_compared_when_there_are_too_many_audit_entries(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(session, FIRST)
    change(session, SECOND)
    monkeypatch.setattr(pending_changes, "MAX_ENTRIES", 3)
    assert pending_changes._list_with_entries(session, audit_watermark(session) or 0) is None
    assert changed(session) == [FIRST, SECOND]


def test_the_watermark_does_not_move_when_too_many_resources_stay_unreleased(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = audit_watermark(session)
    monkeypatch.setattr(pending_changes, "MAX_UNRELEASED", 1)
    for resource in (FIRST, SECOND, "moment.fourth"):
        change(session, resource)
    release(session, ["moment.fourth"])
    assert audit_watermark(session) == before
    assert changed(session) == [FIRST, SECOND]


def test_all_resources_are_compared_once_if_there_is_no_watermark(session: Session) -> None:
    session.execute(update(Release).values(audit_watermark=None))
    change(session, FIRST)
    assert changed(session) == [FIRST]
    release(session)
    assert (changed(session), audit_watermark(session)) == ([], newest_entry(session) - 1)
