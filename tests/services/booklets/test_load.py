"""Loading a folder: compared three ways, released by the gate, and never at the cost of somebody's work here."""

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
from tests.tools.booklets import REASONS, editor, entry, load, loader, rows_of, small_booklet, to_folder
from tests.tools.edits import set_withdrawn, write_source, write_target
from tests.tools.entries import Entry
from tests.tools.rows import change_text, counts_of, current_text

FIRST = "moment.first"


@pytest.fixture
def loaded(empty_database: Database) -> Database:
    """A database with the small booklet as release 1."""
    with empty_database.writing() as session:
        report = load(session, small_booklet())
        assert (report.release, report.created) == (1, len(small_booklet()))
    return empty_database


def test_a_text_that_only_the_folder_moved_is_a_new_revision(loaded: Database) -> None:
    with loaded.writing() as session:
        report = load(session, change_text(small_booklet(), FIRST, "body", en="EN anew", cy="CY o’r newydd"))
        assert (report.changed, report.conflicts, report.release) == ((FIRST,), (), 2)
        assert current_text(session, f"{FIRST}.body") == ("EN anew", "CY o’r newydd")
        rows = session.execute(select(Revision.number, Revision.act).where(Revision.text == "CY o’r newydd")).all()
        assert [tuple(row) for row in rows] == [(2, "load")]


def test_a_text_that_both_moved_stays_and_the_folder_s_is_kept_as_a_suggestion(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY golygwyd yma"))
        report = load(session, change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder"))
        assert report.conflicts == (f"{FIRST}.body (cy)",)
        assert report.release is None
        assert current_text(session, f"{FIRST}.body")[1] == "CY golygwyd yma"
        assert session.scalars(select(Suggestion.text)).all() == ["CY o’r ffolder"]
        load(session, change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder"))
        assert session.scalar(select(func.count()).select_from(Suggestion)) == 1


def test_a_text_that_only_moved_here_stays_as_it_is(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY golygwyd yma"))
        report = load(session, small_booklet())
        assert (report.changed, report.conflicts, report.release) == ((), (), None)
        assert current_text(session, f"{FIRST}.body")[1] == "CY golygwyd yma"


def test_a_text_that_both_moved_to_the_same_is_no_conflict(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.body", NewText("CY yr un fath"))
        report = load(session, change_text(small_booklet(), FIRST, "body", cy="CY yr un fath"))
        assert report.conflicts == ()
        assert session.scalar(select(func.count()).select_from(Suggestion)) == 0


def test_an_edited_source_without_its_target_is_outdated_and_blocks(loaded: Database) -> None:
    with pytest.raises(ReleaseBlockedError) as caught, loaded.writing() as session:
        load(session, change_text(small_booklet(), FIRST, "body", en="EN anew"))
    assert [(b.resource, b.gap) for b in caught.value.blockers] == [(FIRST, "outdated")]


def test_a_source_that_goes_back_word_for_word_outdates_nothing(loaded: Database) -> None:
    with loaded.writing() as session:
        load(session, change_text(small_booklet(), FIRST, "body", en="EN anew"), waive=True)
    with loaded.writing() as session:
        assert load(session, small_booklet()).release == 3


def test_facts_that_only_the_folder_moved_are_taken_over(loaded: Database) -> None:
    moved = _changed(FIRST, slugs={"en": "first-renamed", "cy": "cyntaf"}, number=70, category="category.talk")
    with loaded.writing() as session:
        report = load(session, moved)
        assert (report.changed, report.release) == ((FIRST,), 2)
        there = export_folder(session, "small").get(FIRST)
        assert (there.slugs[Language.EN], there.number, there.category) == ("first-renamed", 70, "talk")


def test_facts_that_both_moved_stay_and_are_named_until_they_agree(loaded: Database) -> None:
    moved = _changed(FIRST, slugs={"en": "the-folder-s", "cy": "cyntaf"}, number=70)
    with loaded.writing() as session:
        set_slug(session, editor(session), FIRST, Language.EN, "ours")
        report = load(session, moved)
        assert report.conflicts == (f"{FIRST} (slugs)",)
        assert report.held == (FIRST,), "its new number waits for somebody's unreleased slug"
        there = export_folder(session, "small").get(FIRST)
        assert (there.slugs[Language.EN], there.number) == ("ours", 70)
        assert load(session, moved).conflicts == (f"{FIRST} (slugs)",)


def _changed(name: str, **values: object) -> list[Entry]:
    return [replace(e, **values) if e.id == name else e for e in small_booklet()]


def test_a_load_without_change_writes_nothing(loaded: Database) -> None:
    with loaded.reading() as session:
        before = counts_of(session)
    with loaded.writing() as session:
        report = load(session, small_booklet())
        assert (report.created, report.changed, report.release) == (0, (), None)
    with loaded.reading() as session:
        assert counts_of(session) == before


def test_notes_follow_the_folder(loaded: Database) -> None:
    with loaded.writing() as session:
        folder = with_note(small_booklet(), note="Keep the pun.")
        assert load_folder(session, loader(session), folder, LoadOptions()).release is None
        assert export_folder(session, "small").get(FIRST).units[0].note == "Keep the pun."


def with_note(entries: list[Entry], note: str) -> Folder:
    folder = to_folder(entries)
    units = tuple(replace(unit, note=note) for unit in folder.get(FIRST).units)
    resources = [replace(r, units=units) if str(r.id) == FIRST else r for r in folder.resources]
    return replace(folder, resources=tuple(resources))


def test_what_somebody_has_not_released_is_held_and_named(loaded: Database) -> None:
    with loaded.writing() as session:
        write_target(session, editor(session), f"{FIRST}.title", NewText("CY heb ei ryddhau"))
        changed = change_text(small_booklet(), FIRST, "body", cy="CY o’r ffolder")
        report = load(session, change_text(changed, "moment.second", "body", cy="CY hwn hefyd"))
        assert report.held == (FIRST,)
        assert report.release == 2
        assert _public_changes(session, 2) == ["moment.second"]
        assert current_text(session, f"{FIRST}.body")[1] == "CY o’r ffolder", "it waits in the working copy"


def test_somebody_s_unreleased_withdrawal_is_not_released_by_a_load(loaded: Database) -> None:
    with loaded.writing() as session:
        set_withdrawn(session, editor(session), FIRST, is_withdrawn=True)
        load(session, change_text(small_booklet(), "moment.second", "body", cy="CY arall"))
        assert _public_changes(session, 2) == ["moment.second"]


def test_a_load_does_not_undo_a_revert(loaded: Database) -> None:
    newer = change_text(small_booklet(), FIRST, "body", cy="CY wedi’i newid")
    with loaded.writing() as session:
        load(session, newer)
        revert_release(session, editor(session), 1, note="back", row_ids=rows_of(session, FIRST))
        assert load(session, newer).release is None, "nothing moved since the revert"


def _public_changes(session: Session, release: int) -> list[str]:
    return [change["id"] for change in get_release(session, "http://x", release)["changes"]]


def test_what_the_folder_no_longer_has_is_named_and_stays(loaded: Database) -> None:
    with loaded.writing() as session:
        report = load(session, [e for e in small_booklet() if e.id not in {FIRST, "prompt.reply"}])
        assert (report.absent, report.release) == ((FIRST, "prompt.reply"), None)
        assert export_folder(session, "small").get(FIRST)


def test_a_blocked_load_writes_nothing(loaded: Database) -> None:
    with loaded.reading() as session:
        before = counts_of(session)
    more = [*small_booklet(), entry("moment.new", "new", "newydd", number=70)]
    with pytest.raises(ReleaseBlockedError) as caught, loaded.writing() as session:
        load(session, change_text(more, "moment.new", "title", cy=None))
    assert [(b.resource, b.gap, b.language) for b in caught.value.blockers] == [("moment.new", "missing", "cy")]
    assert caught.value.blockers[0].units == ("moment.new.title",)
    with loaded.reading() as session:
        assert counts_of(session) == before


def test_a_waived_gap_goes_out_with_its_reason_in_both_languages(loaded: Database) -> None:
    with loaded.writing() as session:
        more = [*small_booklet(), entry("moment.new", "new", number=70, category="category.talk")]
        assert load(session, change_text(more, "moment.new", "title", cy=None), waive=True).release == 2
        waiver = session.scalars(select(Waiver)).one()
        assert (waiver.gap, waiver.language, waiver.reason) == ("missing", "cy", REASONS)


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_waiver_with_a_short_reason_is_refused(loaded: Database, language: str) -> None:
    more = change_text(small_booklet(), FIRST, "body", en="EN anew")
    options = LoadOptions(waive={**REASONS, language: "a" * 19 + "  "})
    with pytest.raises(InvalidWaiverError) as caught, loaded.writing() as session:
        load_folder(session, loader(session), to_folder(more), options)
    assert (caught.value.code, caught.value.language) == ("reason-too-short", language)


def test_what_was_loaded_without_a_release_goes_out_with_the_next_load(loaded: Database) -> None:
    newer = change_text(small_booklet(), FIRST, "body", en="EN anew", cy="CY o’r newydd")
    with loaded.writing() as session:
        assert load(session, newer, is_released=False).release is None
        assert session.scalar(select(func.max(Release.number))) == 1
        report = load(session, newer)
        assert (report.changed, report.release) == ((), 2)
        assert _public_changes(session, 2) == [FIRST]


def test_a_second_booklet_stands_beside_the_first(loaded_database: Database, tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "second")
    with loaded_database.writing() as session:
        options = LoadOptions(waive=REASONS)
        report = load_folder(session, loader(session), read_folder(folder), options)
        assert (report.created, report.absent, report.release) == (7, (), 2)
        unit = get_unit(session, "moment.paned-a-sgwrs.title")
        assert unit.source_language is Language.CY
        assert len(export_folder(session, "consultant-social-workers").resources) > 100
    with loaded_database.reading() as session:
        before = counts_of(session)
    load_booklet(loaded_database, folder)
    with loaded_database.reading() as session:
        assert counts_of(session) == before, "loaded again, it changes nothing"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (CLASHING_SLUG, "the slug 'chain-reaction' leads to moment.chain-reaction"),
        (CLASHING_KEY, "moment.chain-reaction is a resource of another collection"),
    ],
)
def test_what_is_another_booklet_s_is_refused_by_name_with_file_and_line(
    loaded_database: Database, tmp_path: Path, edit: Edit, said: str
) -> None:
    folder = write_second_booklet(tmp_path / "second", [edit])
    with loaded_database.reading() as session:
        before = counts_of(session)
    with pytest.raises(InvalidFolderError) as caught, loaded_database.writing() as session:
        load_folder(session, loader(session), read_folder(folder), LoadOptions(waive=REASONS))
    fault = caught.value.issues[0]
    assert fault.message == said
    assert fault.file.endswith("moments.yaml")
    line = (folder / "moments.yaml").read_text().split("\n")[fault.line - 1 : fault.line + 5]
    assert any("chain-reaction" in each for each in line)
    with loaded_database.reading() as session:
        assert counts_of(session) == before


def test_the_source_language_of_a_resource_is_fixed(loaded: Database) -> None:
    with pytest.raises(InvalidFolderError, match=r"moment\.first was created in en"), loaded.writing() as session:
        load(session, _changed(FIRST, source="cy"))


def test_an_editor_may_change_a_source_that_the_folder_then_follows(loaded: Database) -> None:
    with loaded.writing() as session:
        write_source(session, editor(session), f"{FIRST}.title", NewText("EN both ways"))
        report = load(session, change_text(small_booklet(), FIRST, "title", en="EN both ways"))
        assert (report.changed, report.conflicts) == ((), ())
