"""Backups: whole databases that can be opened and verified."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from api.db.database import Database
from api.services.booklets.verify import verify_content
from api.services.maintenance import backup
from api.services.maintenance.backup import BackupError, back_up
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.postgres import fresh_database, server_url
from tests.tools.programs import require_program
from tests.tools.rows import count_rows


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load(session, small_booklet())
    return empty_database


def test_a_backup_can_be_opened_and_verified_and_has_every_row(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    with database.writing(), database.reading() as session:
        before = count_rows(session)
        if database.is_sqlite:
            back_up(database, file)
    if database.is_sqlite:
        assert_holds(f"sqlite:///{file}", before)
        return
    require_program("pg_dump")
    restore = require_program("pg_restore")
    back_up(database, file)
    with fresh_database(server_url()) as url:
        plain = url.replace("postgresql+psycopg", "postgresql")
        subprocess.run([restore, "--no-owner", f"--dbname={plain}", str(file)], check=True, capture_output=True)
        assert_holds(url, before)


def assert_holds(url: str, before: dict[str, int]) -> None:
    copy = Database(make_settings(url))
    with copy.reading() as session:
        assert count_rows(session) == before
        assert list(verify_content(session)) == []
    copy.close()


def test_a_backup_does_not_overwrite_a_file(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("something else")
    with pytest.raises(BackupError, match="exists already"):
        back_up(database, file)
    assert file.read_text() == "something else"


def test_a_failed_backup_leaves_no_file(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError):
        back_up(database, tmp_path / "no" / "such" / "folder" / "backup")
    assert list(tmp_path.glob("*backup*")) == []


def test_a_missing_pg_dump_is_reported(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_sqlite:
        return
    monkeypatch.setattr(backup.shutil, "which", lambda name: None)
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        back_up(database, tmp_path / "backup")
