"""Loading a content folder: comparison, conflicts, releases and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.errors import InvalidFolderError, InvalidWaiverError, ReleaseBlockedError
from api.domain.language import Language
from api.models import Release, Revision, Suggestion, Waiver
from api.services.authoring.resources import set_slug
from api.services.authoring.units import NewText, get_unit
from api.services.booklets.export import export_folder
from api.services.booklets.folder import Folder, read_folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.delivery.release_reports import get_release
from api.services.publishing.reverts import revert_release
from tests.conftest import load_booklet
from tests.services.booklets.folder.samples import CLASHING_KEY, CLASHING_SLUG, Edit, write_second_booklet
from tests.tools.booklets import REASONS, editor, entry, get_row_ids, load, loader, small_booklet, to_folder
from tests.tools.edits import set_withdrawn, write_source, write_target
from tests.tools.entries import Entry
from tests.tools.rows import change_text, count_rows, current_text

FIRST = "moment.first"


@pytest.fixture
def loaded(empty_database: Database) -> Database:
    """Load the small booklet as release 1."""
    with empty_database.writing() as session:
        report = load(session, small_booklet())
        assert (report.release, report.created) == (1, len(small_booklet()))
    return empty_database


def test_a_text_that_changed_only_in_the_folder_becomes_a_new_revision(loaded: Database) -> None:
    with loaded.writing() as session:
        report = load(session, change_text(small_booklet(), FIRST, "body", en="EN new", cy="CY o’r newydd"))
        assert (report.changed, report.conflicts, report.release) == ((FIRST,), (), 2)
        assert current_text(session, f"{FIRST}.body") == ("EN new", "CY o’r newydd")
        rows = session.execute(select(Revision.number, Revision.act).where(Revision.text == "CY o’r newydd")).all()
        assert [tuple(row) for row in rows] == [(2, "load")]


def test_the_text_in_the_folder_becomes_a_suggestion_if_the_database_changed_too(
    loaded: Database,
) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY golygwyd yma"))
        report = load(session, change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder"))
        assert report.conflicts == (f"{FIRST}.body (cy)",)
        assert report.release is None
        assert current_text(session, f"{FIRST}.body")[1] == "CY golygwyd yma"
        assert session.scalars(select(Suggestion.text)).all() == ["CY o’r ffolder"]
        load(session, change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder"))
        assert session.scalar(select(func.count()).select_from(Suggestion)) == 1


def test_a_text_that_changed_only_in_the_database_is_not_overwritten(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY golygwyd yma"))
        report = load(session, small_booklet())
        assert (report.changed, report.conflicts, report.release) == ((), (), None)
        assert current_text(session, f"{FIRST}.body")[1] == "CY golygwyd yma"


def test_the_same_change_in_the_folder_and_in_the_database_is_not_a_conflict(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY yr un fath"))
        report = load(session, change_text(small_booklet(), FIRST, "body", cy="CY yr un fath"))
        assert report.conflicts == ()
        assert session.scalar(select(func.count()).select_from(Suggestion)) == 0


def test_a_new_source_without_a_new_target_blocks_the_release(loaded: Database) -> None:
    with pytest.raises(ReleaseBlockedError) as caught, loaded.writing() as session:
        load(session, change_text(small_booklet(), FIRST, "body", en="EN new"))
    assert [(b.resource, b.gap) for b in caught.value.blockers] == [(FIRST, "outdated")]


def test_restoring_an_earlier_source_text_does_not_outdate_the_target(loaded: Database) -> None:
    with loaded.writing() as session:
        load(session, change_text(small_booklet(), FIRST, "body", en="EN new"), waive=True)
    with loaded.writing() as session:
        assert load(session, small_booklet()).release == 3


def test_facts_that_changed_only_in_the_folder_are_loaded(loaded: Database) -> None:
    changed = _change_entry(FIRST, slugs={"en": "first-renamed", "cy": "cyntaf"}, number=70, category="category.talk")
    with loaded.writing() as session:
        report = load(session, changed)
        assert (report.changed, report.release) == ((FIRST,), 2)
        resource = export_folder(session, "small").get(FIRST)
        assert (resource.slugs[Language.EN], resource.number, resource.category) == ("first-renamed", 70, "talk")


def test_facts_that_changed_in_both_folder_and_database_are_reported_at_every_load_and_not_loaded(
    loaded: Database,
) -> None:
    changed = _change_entry(FIRST, slugs={"en": "the-folder-s", "cy": "cyntaf"}, number=70)
    with loaded.writing() as session:
        set_slug(session, editor(session), FIRST, Language.EN, "ours")
        report = load(session, changed)
        assert report.conflicts == (f"{FIRST} (slugs)",)
        assert report.held == (FIRST,), "its new number waits until the slug is released"
        resource = export_folder(session, "small").get(FIRST)
        assert (resource.slugs[Language.EN], resource.number) == ("ours", 70)
        assert load(session, changed).conflicts == (f"{FIRST} (slugs)",)


def _change_entry(name: str, **values: object) -> list[Entry]:
    return [replace(e, **values) if e.id == name else e for e in small_booklet()]


def test_loading_an_unchanged_folder_writes_nothing(loaded: Database) -> None:
    with loaded.reading() as session:
        before = count_rows(session)
    with loaded.writing() as session:
        report = load(session, small_booklet())
        assert (report.created, report.changed, report.release) == (0, (), None)
    with loaded.reading() as session:
        assert count_rows(session) == before


def test_notes_are_always_taken_from_the_folder(loaded: Database) -> None:
    with loaded.writing() as session:
        folder = set_notes(small_booklet(), note="Keep the pun.")
        assert load_folder(session, loader(session), folder, LoadOptions()).release is None
        assert export_folder(session, "small").get(FIRST).units[0].note == "Keep the pun."


def set_notes(entries: list[Entry], note: str) -> Folder:
    folder = to_folder(entries)
    units = tuple(replace(unit, note=note) for unit in folder.get(FIRST).units)
    resources = [replace(r, units=units) if str(r.id) == FIRST else r for r in folder.resources]
    return replace(folder, resources=tuple(resources))


def test_a_resource_with_unreleased_work_is_reported_as_held_and_not_released(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.title", NewText("CY heb ei ryddhau"))
        changed = change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder")
        report = load(session, change_text(changed, "moment.second", "body", cy="CY hwn hefyd"))
        assert report.held == (FIRST,)
        assert report.release == 2
        assert _public_changes(session, 2) == ["moment.second"]
        assert current_text(session, f"{FIRST}.body")[1] == "CY o’r ffolder", "it is in the working copy"


def test_an_unreleased_withdrawal_is_not_released_by_a_load(loaded: Database) -> None:
    with loaded.writing() as session:
        set_withdrawn(session, editor(session), FIRST, is_withdrawn=True)
        load(session, change_text(small_booklet(), "moment.second", "body", cy="CY arall"))
        assert _public_changes(session, 2) == ["moment.second"]


def test_a_load_does_not_undo_a_revert(loaded: Database) -> None:
    newer = change_text(small_booklet(), FIRST, "body", cy="CY wedi’i newid")
    with loaded.writing() as session:
        load(session, newer)
        revert_release(session, editor(session), 1, note="back", row_ids=get_row_ids(session, FIRST))
        assert load(session, newer).release is None, "the folder has no change since the revert"


def _public_changes(session: Session, release: int) -> list[str]:
    return [change["id"] for change in get_release(session, "http://x", release)["changes"]]


def test_resources_that_are_no_longer_in_the_folder_are_reported_but_not_removed(loaded: Database) -> None:
    with loaded.writing() as session:
        report = load(session, [e for e in small_booklet() if e.id not in {FIRST, "prompt.reply"}])
        assert (report.absent, report.release) == ((FIRST, "prompt.reply"), None)
        assert export_folder(session, "small").get(FIRST)


def test_a_blocked_load_writes_nothing(loaded: Database) -> None:
    with loaded.reading() as session:
        before = count_rows(session)
    more = [*small_booklet(), entry("moment.new", "new", "newydd", number=70)]
    with pytest.raises(ReleaseBlockedError) as caught, loaded.writing() as session:
        load(session, change_text(more, "moment.new", "title", cy=None))
    assert [(b.resource, b.gap, b.language) for b in caught.value.blockers] == [("moment.new", "missing", "cy")]
    assert caught.value.blockers[0].units == ("moment.new.title",)
    with loaded.reading() as session:
        assert count_rows(session) == before


def test_a_waived_gap_is_released_with_its_reason_in_both_languages(loaded: Database) -> None:
    with loaded.writing() as session:
        more = [*small_booklet(), entry("moment.new", "new", number=70, category="category.talk")]
        assert load(session, change_text(more, "moment.new", "title", cy=None), waive=True).release == 2
        waiver = session.scalars(select(Waiver)).one()
        assert (waiver.gap, waiver.language, waiver.reason) == ("missing", "cy", REASONS)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_waiver_with_a_short_reason_is_refused(loaded: Database, language: str) -> None:
    more = change_text(small_booklet(), FIRST, "body", en="EN new")
    options = LoadOptions(waive={**REASONS, language: "a" * 19 + "  "})
    with pytest.raises(InvalidWaiverError) as caught, loaded.writing() as session:
        load_folder(session, loader(session), to_folder(more), options)
    assert (caught.value.code, caught.value.language) == ("reason-too-short", language)


def test_changes_loaded_without_a_release_are_released_by_the_next_load(loaded: Database) -> None:
    newer = change_text(small_booklet(), FIRST, "body", en="EN new", cy="CY o’r newydd")
    with loaded.writing() as session:
        assert load(session, newer, is_released=False).release is None
        assert session.scalar(select(func.max(Release.number))) == 1
        report = load(session, newer)
        assert (report.changed, report.release) == ((), 2)
        assert _public_changes(session, 2) == [FIRST]


def test_a_second_booklet_can_be_loaded_next_to_the_first(loaded_database: Database, tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "second")
    with loaded_database.writing() as session:
        options = LoadOptions(waive=REASONS)
        report = load_folder(session, loader(session), read_folder(folder), options)
        assert (report.created, report.absent, report.release) == (7, (), 2)
        unit = get_unit(session, "moment.paned-a-sgwrs.title")
        assert unit.source_language is Language.CY
        assert len(export_folder(session, "consultant-social-workers").resources) > 100
    with loaded_database.reading() as session:
        before = count_rows(session)
    load_booklet(loaded_database, folder)
    with loaded_database.reading() as session:
        assert count_rows(session) == before, "loading it again changes nothing"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (CLASHING_SLUG, "slug 'chain-reaction' is already used by moment.chain-reaction"),
        (CLASHING_KEY, "moment.chain-reaction already exists in another collection"),
    ],
)
def test_a_key_or_slug_of_another_booklet_is_refused_with_file_and_line(
    loaded_database: Database, tmp_path: Path, edit: Edit, message: str
) -> None:
    folder = write_second_booklet(tmp_path / "second", [edit])
    with loaded_database.reading() as session:
        before = count_rows(session)
    with pytest.raises(InvalidFolderError) as caught, loaded_database.writing() as session:
        load_folder(session, loader(session), read_folder(folder), LoadOptions(waive=REASONS))
    issue = caught.value.issues[0]
    assert issue.message == message
    assert issue.file.endswith("moments.yaml")
    lines = (folder / "moments.yaml").read_text().split("\n")[issue.line - 1 : issue.line + 5]
    assert any("chain-reaction" in text for text in lines)
    with loaded_database.reading() as session:
        assert count_rows(session) == before


def test_the_source_language_of_a_resource_cannot_change(loaded: Database) -> None:
    with (
        pytest.raises(InvalidFolderError, match=r"moment\.first was created with en as its source language"),
        loaded.writing() as session,
    ):
        load(session, _change_entry(FIRST, source="cy"))


def test_a_folder_with_the_same_change_as_an_editor_causes_no_conflict(loaded: Database) -> None:
    with loaded.writing() as session:
        write_source(session, editor(session), f"{FIRST}.title", NewText("EN both ways"))
        report = load(session, change_text(small_booklet(), FIRST, "title", en="EN both ways"))
        assert (report.changed, report.conflicts) == ((), ())
