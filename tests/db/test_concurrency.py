"""Concurrent transactions: releases wait for each other, nothing is lost, and a reader sees one release."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from api.db.database import Database
from api.domain.state import MinState
from api.models import Edition, Release
from api.services.authoring.units import NewText
from api.services.booklets.verify import verify_content
from api.services.publishing.releases import publish
from api.services.publishing.snapshot import read_snapshot
from tests.tools.booklets import editor, get_row_ids, load, small_booklet
from tests.tools.edits import write_target
from tests.tools.programs import require_program

NAMES = ("moment.first", "moment.second")


def test_concurrent_releases_get_different_numbers_and_no_change_is_lost(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    barrier = threading.Barrier(2, timeout=60)

    def work(name: str) -> int:
        barrier.wait()
        with empty_database.writing() as session:
            write_target(session, editor(session), f"{name}.body", NewText(f"CY {name}"))
        barrier.wait()
        with empty_database.writing() as session:
            return publish(
                session, editor(session), get_row_ids(session, name), note="a release", required=MinState.TRANSLATED
            )

    with empty_database.writing() as session:
        editor(session)  # create the actor now: the threads must wait for the release, not for this row
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, NAMES)) == [2, 3]
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []
        for name in NAMES:
            count = select(func.count()).where(Edition.end_release.is_(None), Edition.document.contains(f"CY {name}"))
            assert session.scalar(count) == 1


def test_a_reader_during_a_long_release_gets_the_whole_old_release(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    with empty_database.writing() as writer:
        audit = editor(writer)
        for name in NAMES:
            write_target(writer, audit, f"{name}.body", NewText("CY yr un newydd"))
        with empty_database.reading() as reader:
            assert read_snapshot(reader).release == 1
            publish(writer, audit, get_row_ids(writer, *NAMES), note="a release", required=MinState.TRANSLATED)
            assert reader.scalar(select(func.max(Release.number))) == 1
            new = select(func.count()).where(Edition.document.contains("CY yr un newydd"))
            assert reader.scalar(new) == 0
    with empty_database.reading() as reader:
        assert read_snapshot(reader).release == 2


def test_a_read_session_sees_one_release_until_it_ends(empty_database: Database) -> None:
    if empty_database.is_sqlite:
        require_program("sqlite-wal")
    with empty_database.writing() as session:
        load(session, small_booklet())
    with empty_database.reading() as reader:
        assert read_snapshot(reader).release == 1
        with empty_database.writing() as writer:
            audit = editor(writer)
            write_target(writer, audit, "moment.first.body", NewText("CY yr un newydd"))
            publish(writer, audit, get_row_ids(writer, "moment.first"), note="a release", required=MinState.TRANSLATED)
        assert reader.scalar(select(func.max(Release.number))) == 1
        current_editions = select(func.count()).where(Edition.end_release.is_(None))
        assert reader.scalar(current_editions) == 2 * len(small_booklet())
