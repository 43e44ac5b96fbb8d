"""A load and somebody's work on the same text at the same moment: one waits for the other, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import pytest
from sqlalchemy import select

from api.app import create_app
from api.db.database import Database
from api.models import Suggestion
from api.services.booklets.load import LoadReport
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Desk
from tests.tools.rows import change_text, current_text

UNIT = "moment.first.title"
CHANGED = change_text(small_booklet(), "moment.first", "title", cy="CY o’r ffolder")


@dataclass(frozen=True)
class Sides:
    """The translator's service and the loader's, which share nothing but the database."""

    desk: Desk
    here: Database
    there: Database
    pool: ThreadPoolExecutor

    def load(self) -> LoadReport:
        with self.there.writing() as session:
            return load(session, CHANGED, is_released=False)

    def deliver(self, etag: str) -> int:
        body = {"text": "CY gan Twm"}
        return self.desk.ask("twm", "PUT", f"/units/{UNIT}/target", body, if_match=etag).status_code


@pytest.fixture
def sides(empty_url: str) -> Iterator[Sides]:
    app = create_app(make_settings(empty_url))
    here, there = app.extensions["eiliadau_hud"].database, Database(make_settings(empty_url))
    with there.writing() as session:
        load(session, small_booklet())
    with ThreadPoolExecutor(2) as pool:
        yield Sides(Desk.of(app), here, there, pool)
    for database in (here, there):
        database.close()


def while_held(
    database: Database, first: Callable[[], Future[object]], second: Callable[[], Future[object]]
) -> tuple[object, object]:
    """What both give; ``first`` is complete and not yet durable when ``second`` begins, and ``second`` waits for it."""
    is_complete, may_end = Event(), Event()

    def hold() -> None:
        is_complete.set()
        may_end.wait(10)

    database.before_commit = hold
    one = first()
    assert is_complete.wait(10)
    database.before_commit = may_end.wait  # type: ignore[assignment]
    two = second()
    with pytest.raises(TimeoutError):
        two.result(0.3)
    may_end.set()
    return one.result(10), two.result(10)


def test_a_load_waits_for_a_delivery_and_leaves_it_standing(sides: Sides) -> None:
    etag = sides.desk.ask("twm", "GET", f"/units/{UNIT}").headers["ETag"]
    status, report = while_held(
        sides.here, lambda: sides.pool.submit(sides.deliver, etag), lambda: sides.pool.submit(sides.load)
    )
    assert status == 200
    assert isinstance(report, LoadReport)
    assert report.conflicts == (f"{UNIT} (cy)",)
    with sides.there.reading() as session:
        assert current_text(session, UNIT)[1] == "CY gan Twm"
        assert session.scalars(select(Suggestion.text)).all() == ["CY o’r ffolder"]


def test_a_delivery_waits_for_a_load_and_is_told_what_stands(sides: Sides) -> None:
    etag = sides.desk.ask("twm", "GET", f"/units/{UNIT}").headers["ETag"]
    report, status = while_held(
        sides.there, lambda: sides.pool.submit(sides.load), lambda: sides.pool.submit(sides.deliver, etag)
    )
    assert isinstance(report, LoadReport)
    assert (report.changed, status) == (("moment.first",), 412)
    with sides.there.reading() as session:
        assert current_text(session, UNIT)[1] == "CY o’r ffolder"
