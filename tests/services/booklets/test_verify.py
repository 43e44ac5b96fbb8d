"""Verification reports every change that was made to the database without the service."""

from __future__ import annotations

import pytest

from api.db.database import Database
from api.domain.actions import Decision
from api.domain.state import MinState
from api.services.authoring.units import NewText
from api.services.booklets.verify import verify_content
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from tests.tools.booklets import editor, execute_sql, get_row_ids, load, small_booklet
from tests.tools.edits import review_target, write_source
from tests.tools.rows import change_text


@pytest.fixture
def database(empty_database: Database) -> Database:
    """Make four releases: a load, a release with waivers for Welsh gaps, a release with a review, and a revert."""
    with empty_database.writing() as session:
        load(session, small_booklet())
        write_source(session, editor(session), "moment.fourth.body", NewText("EN this was changed"))
    with empty_database.writing() as session:
        newer = change_text(small_booklet(), "moment.first", "body", en="EN new", cy="CY o’r newydd")
        more = change_text(newer, "moment.second", "title", en="EN without Welsh")
        load(session, more, waive=True)
        for unit in ("moment.first.body", "moment.first.title"):
            review_target(session, editor(session, "a reviewer"), unit, Decision.APPROVE)
    with empty_database.writing() as session:
        rows = get_row_ids(session, "moment.first")
        publish(session, editor(session), rows, note="a release", required=MinState.REVIEWED)
    with empty_database.writing() as session:
        revert_release(session, editor(session), 1, note="back", row_ids=get_row_ids(session, "moment.second"))
    return empty_database


def verify(database: Database) -> list[str]:
    with database.reading() as session:
        return list(verify_content(session))


def drop_triggers(database: Database) -> None:
    if database.is_sqlite:
        execute_sql(database, "DROP TRIGGER revision_no_update", "DROP TRIGGER revision_no_delete")
    else:
        execute_sql(database, "ALTER TABLE revision DISABLE TRIGGER USER")


def test_releases_made_by_the_service_have_no_issues(database: Database) -> None:
    assert verify(database) == []


def test_the_committed_booklet_has_no_issues(loaded_database: Database) -> None:
    assert verify(loaded_database) == []


@pytest.mark.parametrize("is_not", ["", "NOT "])
def test_a_changed_document_is_reported(database: Database, is_not: str) -> None:
    closed = f"end_release IS {is_not}NULL"
    tampered = "UPDATE edition SET document = replace(document, 'CY', 'XY')"
    execute_sql(database, f"{tampered} WHERE kind = 'moment' AND language = 'cy' AND first_release = 1 AND {closed}")
    messages = verify(database)
    name = "moment.fifth" if is_not == "" else "moment.first"
    assert f"{name}, release 1, cy: its document differs" in messages
    assert all(message.endswith(", release 1, cy: its document differs") for message in messages)


def test_a_changed_text_is_reported_with_the_documents_made_from_it(database: Database) -> None:
    drop_triggers(database)
    execute_sql(database, "UPDATE revision SET text = 'CY tampered' WHERE text = 'CY fifth body'")
    messages = verify(database)
    assert len([message for message in messages if "does not match its hash" in message]) == 1
    assert "moment.fifth, release 1, cy: its document differs" in messages


def test_counts_that_differ_from_the_editions_are_reported(database: Database) -> None:
    execute_sql(database, """UPDATE release SET counts = '{"resources": [], "texts": []}' WHERE number = 2""")
    assert verify(database) == ["release 2: its counts differ from its editions"]


def test_an_edition_that_was_closed_by_hand_is_reported(database: Database) -> None:
    execute_sql(
        database,
        "UPDATE edition SET end_release = 4 WHERE first_release = 1 AND end_release IS NULL AND kind = 'prompt'",
    )
    assert verify(database) == ["release 4: its counts differ from its editions"]
