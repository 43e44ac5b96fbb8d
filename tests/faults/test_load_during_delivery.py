"""A load and a delivery of the same text at the same time: the second waits for the first, and no text is lost."""

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
from tests.tools.clients import Clients
from tests.tools.rows import change_text, current_text

UNIT = "moment.first.title"
CHANGED = change_text(small_booklet(), "moment.first", "title", cy="CY o’r ffolder")


@dataclass(frozen=True)
class TwoServices:
    """A service for the translator and a database connection for the loader, both on one database."""

    clients: Clients
    api_database: Database
    loader_database: Database
    pool: ThreadPoolExecutor

    def load(self) -> LoadReport:
        with self.loader_database.writing() as session:
            return load(session, CHANGED, is_released=False)

    def deliver(self, etag: str) -> int:
        body = {"text": "CY gan Twm"}
        return self.clients.request("twm", "PUT", f"/units/{UNIT}/target", body, if_match=etag).status_code


@pytest.fixture
def services(empty_url: str) -> Iterator[TwoServices]:
    app = create_app(make_settings(empty_url))
    api_database, loader_database = app.extensions["eiliadau_hud"].database, Database(make_settings(empty_url))
    with loader_database.writing() as session:
        load(session, small_booklet())
    with ThreadPoolExecutor(2) as pool:
        yield TwoServices(Clients.of(app), api_database, loader_database, pool)
    for database in (api_database, loader_database):
        database.close()


def run_during_commit(
    database: Database, first: Callable[[], Future[object]], second: Callable[[], Future[object]]
) -> tuple[object, object]:
    """Start ``second`` just before ``first`` commits; check that ``second`` waits; return both results."""
    is_complete, may_end = Event(), Event()

    def hold() -> None:
        is_complete.set()
        may_end.wait(10)

    database.before_commit = hold
    first_result = first()
    assert is_complete.wait(10)
    database.before_commit = may_end.wait  # type: ignore[assignment]
    second_result = second()
    with pytest.raises(TimeoutError):
        second_result.result(0.3)
    may_end.set()
    return first_result.result(10), second_result.result(10)


def test_a_load_waits_for_a_delivery_and_keeps_the_delivered_text(services: TwoServices) -> None:
    etag = services.clients.request("twm", "GET", f"/units/{UNIT}").headers["ETag"]
    status, report = run_during_commit(
        services.api_database,
        lambda: services.pool.submit(services.deliver, etag),
        lambda: services.pool.submit(services.load),
    )
    assert status == 200
    assert isinstance(report, LoadReport)
    assert report.conflicts == (f"{UNIT} (cy)",)
    with services.loader_database.reading() as session:
        assert current_text(session, UNIT)[1] == "CY gan Twm"
        assert session.scalars(select(Suggestion.text)).all() == ["CY o’r ffolder"]


def test_a_delivery_waits_for_a_load_and_is_refused_as_outdated(services: TwoServices) -> None:
    etag = services.clients.request("twm", "GET", f"/units/{UNIT}").headers["ETag"]
    report, status = run_during_commit(
        services.loader_database,
        lambda: services.pool.submit(services.load),
        lambda: services.pool.submit(services.deliver, etag),
    )
    assert isinstance(report, LoadReport)
    assert (report.changed, status) == (("moment.first",), 412)
    with services.loader_database.reading() as session:
        assert current_text(session, UNIT)[1] == "CY o’r ffolder"
