"""Exporting a collection gives the files that it was loaded from, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.db.database import Database
from api.domain.errors import WorkingResourceNotFoundError
from api.domain.language import Language
from api.domain.state import State
from api.services.booklets.export import export_folder
from api.services.booklets.folder import read_folder, write_folder
from api.services.booklets.folder.model import FILES
from api.services.booklets.load import LoadOptions, load_folder
from api.services.maintenance.migrations import upgrade
from tests.conftest import BOOKLET, make_settings
from tests.services.booklets.folder.samples import write_second_booklet
from tests.tools.booklets import REASONS, loader


def read_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name in FILES.values()}


def export_to(database: Database, path: Path, collection: str) -> dict[str, bytes]:
    with database.reading() as session:
        write_folder(export_folder(session, collection), path)
    return read_files(path)


def test_exporting_the_committed_booklet_gives_the_committed_bytes(loaded_database: Database, tmp_path: Path) -> None:
    assert export_to(loaded_database, tmp_path / "out", "consultant-social-workers") == read_files(BOOKLET)


def test_an_exported_folder_loads_and_exports_to_the_same_bytes(empty_database: Database, tmp_path: Path) -> None:
    original = write_second_booklet(tmp_path / "original")
    with empty_database.writing() as session:
        load_folder(session, loader(session), read_folder(original), LoadOptions(is_released=False))
    first = export_to(empty_database, tmp_path / "first", "second-booklet")
    assert set(first) == set(read_files(original))
    other = Database(make_settings(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    upgrade(other.engine)
    with other.writing() as session:
        options = LoadOptions(waive=REASONS)
        load_folder(session, loader(session), read_folder(tmp_path / "first"), options)
    assert export_to(other, tmp_path / "second", "second-booklet") == first
    other.close()


def test_a_review_is_exported_with_its_reviewer(empty_database: Database, tmp_path: Path) -> None:
    with empty_database.writing() as session:
        folder = read_folder(write_second_booklet(tmp_path / "original"))
        load_folder(session, loader(session), folder, LoadOptions(is_released=False))
        exported = export_folder(session, "second-booklet")
    title, body = exported.get("moment.paned-a-sgwrs").units
    assert (title.state, title.reviewed_by) == (State.REVIEWED, "second reader")
    assert (body.state, body.reviewed_by) == (State.TRANSLATED, None)
    assert exported.get("moment.paned-a-sgwrs").source_language is Language.CY
    draft = exported.get("prompt.what-did-you-notice").units[0]
    assert (draft.state, draft.texts[Language.CY]) == (State.INITIAL, "Beth wnaethoch chi sylwi arno?")


def test_exporting_an_unknown_collection_raises_an_error(empty_database: Database) -> None:
    with pytest.raises(WorkingResourceNotFoundError, match=r"collection\.none"), empty_database.reading() as session:
        export_folder(session, "none")
