"""Verifying: whatever was tampered with behind the service's back is found and named."""

from __future__ import annotations

import pytest

from api.db.database import Database
from api.domain.actions import Decision
from api.domain.state import MinState
from api.services.authoring.units import NewText
from api.services.booklets.verify import verify_content
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from tests.tools.booklets import editor, load, raw, rows_of, small_booklet
from tests.tools.edits import review_target, write_source
from tests.tools.rows import change_text


@pytest.fixture
def database(empty_database: Database) -> Database:
    """Four releases: a load, outdated and missing Welsh under waivers with a review, and a revert."""
    with empty_database.writing() as session:
        load(session, small_booklet())
        write_source(session, editor(session), "moment.fourth.body", NewText("EN this was changed"))
    with empty_database.writing() as session:
        newer = change_text(small_booklet(), "moment.first", "body", en="EN anew", cy="CY o’r newydd")
        more = change_text(newer, "moment.second", "title", en="EN without Welsh")
        load(session, more, waive=True)
        for unit in ("moment.first.body", "moment.first.title"):
            review_target(session, editor(session, "a reviewer"), unit, Decision.APPROVE)
    with empty_database.writing() as session:
        rows = rows_of(session, "moment.first")
        publish(session, editor(session), rows, note="a release", required=MinState.REVIEWED)
    with empty_database.writing() as session:
        revert_release(session, editor(session), 1, note="back", row_ids=rows_of(session, "moment.second"))
    return empty_database


def faults_of(database: Database) -> list[str]:
    with database.reading() as session:
        return list(verify_content(session))


def drop_triggers(database: Database) -> None:
    if database.is_sqlite:
        raw(database, "DROP TRIGGER revision_no_update", "DROP TRIGGER revision_no_delete")
    else:
        raw(database, "ALTER TABLE revision DISABLE TRIGGER USER")


def test_what_the_service_wrote_is_as_it_should_be(database: Database) -> None:
    assert faults_of(database) == []


def test_the_booklet_is_as_it_should_be(loaded_database: Database) -> None:
    assert faults_of(loaded_database) == []


@pytest.mark.parametrize("still", ["", "NOT "])
def test_a_tampered_document_is_found(database: Database, still: str) -> None:
    closed = f"end_release IS {still}NULL"
    tampered = "UPDATE edition SET document = replace(document, 'CY', 'XY')"
    raw(database, f"{tampered} WHERE kind = 'moment' AND language = 'cy' AND first_release = 1 AND {closed}")
    found = faults_of(database)
    name = "moment.fifth" if still == "" else "moment.first"
    assert f"{name}, release 1, cy: its document differs" in found
    assert all(fault.endswith(", release 1, cy: its document differs") for fault in found)


def test_a_tampered_text_is_found_with_the_documents_made_from_it(database: Database) -> None:
    drop_triggers(database)
    raw(database, "UPDATE revision SET text = 'CY tampered' WHERE text = 'CY fifth body'")
    found = faults_of(database)
    assert len([fault for fault in found if "is not the one that was written" in fault]) == 1
    assert "moment.fifth, release 1, cy: its document differs" in found


def test_counts_that_differ_from_the_editions_are_found(database: Database) -> None:
    raw(database, """UPDATE release SET counts = '{"resources": [], "texts": []}' WHERE number = 2""")
    assert faults_of(database) == ["release 2: its counts differ from its editions"]


def test_an_edition_that_was_closed_by_hand_is_found(database: Database) -> None:
    raw(
        database,
        "UPDATE edition SET end_release = 4 WHERE first_release = 1 AND end_release IS NULL AND kind = 'prompt'",
    )
    assert faults_of(database) == ["release 4: its counts differ from its editions"]
