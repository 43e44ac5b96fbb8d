"""What is remembered of a release: never longer than it is true, and never without bounds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.language import Language
from api.services.authoring.resources import set_slug
from api.services.delivery.release_cache import MAX_ENTRIES, MAX_RELEASES, CachedRelease, ReleaseCache
from api.services.maintenance.suppression import suppress
from api.services.publishing.snapshot import Epoch, Snapshot
from tests.conftest import MakeApp
from tests.tools.booklets import editor, entry, load, small_booklet
from tests.tools.rows import change_text

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(empty_database: Database, empty_url: str, make_app: MakeApp) -> FlaskClient:
    """Reads a small booklet; the service remembers what it read."""
    with empty_database.writing() as session:
        load(session, small_booklet())
    return make_app(empty_url).test_client()


def name_of(client: FlaskClient, query: str) -> str:
    name: str = client.get(f"/v1/moments?{query}").json["items"][0]["category"]["name"]
    return name


def test_a_name_is_that_of_the_release_that_is_read(client: FlaskClient, empty_database: Database) -> None:
    assert name_of(client, "lang=cy") == name_of(client, "lang=cy&release=1") == "CY care name"
    with empty_database.writing() as session:
        load(
            session, change_text(small_booklet(), "category.care", "name", en="EN care name", cy="CY gofal o’r newydd")
        )
    assert name_of(client, "lang=cy") == "CY gofal o’r newydd"
    assert name_of(client, "lang=cy&release=1") == "CY care name"


def test_a_filter_leads_where_the_release_that_is_read_has_it(client: FlaskClient, empty_database: Database) -> None:
    assert client.get("/v1/moments?category=gofal").json["total"] == 3
    assert client.get("/v1/moments?category=gofalu").status_code == 400
    with empty_database.writing() as session:
        set_slug(session, editor(session), "category.care", Language.CY, "gofalu")
        load(session, [*small_booklet(), entry("moment.sixth", "sixth", number=6, category="category.care")])
    assert client.get("/v1/moments?category=gofal").json["total"] == 4
    assert client.get("/v1/moments?category=gofal&release=1").json["total"] == 3


def test_a_suppression_reaches_into_what_is_remembered(client: FlaskClient, empty_database: Database) -> None:
    for query in ("", "release=1"):
        assert client.get(f"/v1/moments?{query}").json["total"] == 5
        assert client.get(f"/v1/collections/small?{query}").json["moments"]["total"] == 5
    with empty_database.writing() as session:
        suppress(session, editor(session), "moment.first", "asked for by the family")
    for query in ("", "release=1"):
        assert client.get(f"/v1/moments?{query}").json["total"] == 4
        assert client.get(f"/v1/collections/small?{query}").json["moments"]["total"] == 4


def test_a_release_with_a_suppression_since_is_another_one_to_remember() -> None:
    memory = ReleaseCache()
    before, since = Epoch(1, AT, 0), Epoch(1, AT, 1)
    held = memory.get(Snapshot(1, True, AT, before))
    assert memory.get(Snapshot(1, False, AT, before)) is held
    assert memory.get(Snapshot(1, True, AT, since)) is not held
    # A database put back to an older state, and another release made in it.
    assert memory.get(Snapshot(1, True, AT.replace(year=2027), before)) is not held


def test_the_releases_read_last_are_remembered_and_no_more() -> None:
    memory = ReleaseCache()
    first, second = (memory.get(Snapshot(number, False, AT)) for number in (1, 2))
    for number in range(3, MAX_RELEASES + 2):
        memory.get(Snapshot(1, False, AT))
        memory.get(Snapshot(number, False, AT))
    assert memory.get(Snapshot(1, False, AT)) is first
    assert memory.get(Snapshot(2, False, AT)) is not second


def test_what_is_kept_of_one_release_is_bounded_and_what_nobody_has_is_not_kept() -> None:
    held = CachedRelease()
    for number in range(MAX_ENTRIES + 10):
        assert held.get_or_compute(number, lambda number=number: number + 1) == number + 1
        assert held.get_or_compute(number, lambda: -1) == number + 1
    assert len(held.values) <= MAX_ENTRIES
    assert held.get_or_compute("nobody", lambda: None) is None
    assert held.get_or_compute("nobody", lambda: 1) == 1
