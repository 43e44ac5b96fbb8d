"""The cache of a release is always valid, and its size is limited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.language import Language
from api.services.authoring.resources import set_slug
from api.services.delivery.release_cache import MAX_CACHE_ENTRIES, MAX_RELEASES, CachedRelease, ReleaseCache
from api.services.maintenance.suppression import suppress
from api.services.publishing.snapshot import Epoch, Snapshot
from tests.conftest import MakeApp
from tests.tools.booklets import editor, entry, load, small_booklet
from tests.tools.rows import change_text

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(empty_database: Database, empty_url: str, make_app: MakeApp) -> FlaskClient:
    """Return a client that reads a small booklet."""
    with empty_database.writing() as session:
        load(session, small_booklet())
    return make_app(empty_url).test_client()


def name_of(client: FlaskClient, query: str) -> str:
    name: str = client.get(f"/v1/moments?{query}").json["items"][0]["category"]["name"]
    return name


def test_category_names_come_from_the_release_that_is_read(client: FlaskClient, empty_database: Database) -> None:
    assert name_of(client, "lang=cy") == name_of(client, "lang=cy&release=1") == "CY care name"
    with empty_database.writing() as session:
        load(
            session, change_text(small_booklet(), "category.care", "name", en="EN care name", cy="CY gofal o’r newydd")
        )
    assert name_of(client, "lang=cy") == "CY gofal o’r newydd"
    assert name_of(client, "lang=cy&release=1") == "CY care name"


def test_filters_are_resolved_in_the_release_that_is_read(client: FlaskClient, empty_database: Database) -> None:
    assert client.get("/v1/moments?category=gofal").json["total"] == 3
    assert client.get("/v1/moments?category=gofalu").status_code == 400
    with empty_database.writing() as session:
        set_slug(session, editor(session), "category.care", Language.CY, "gofalu")
        load(session, [*small_booklet(), entry("moment.sixth", "sixth", number=6, category="category.care")])
    assert client.get("/v1/moments?category=gofal").json["total"] == 4
    assert client.get("/v1/moments?category=gofal&release=1").json["total"] == 3


def test_a_suppression_invalidates_cached_releases(client: FlaskClient, empty_database: Database) -> None:
    for query in ("", "release=1"):
        assert client.get(f"/v1/moments?{query}").json["total"] == 5
        assert client.get(f"/v1/collections/small?{query}").json["moments"]["total"] == 5
    with empty_database.writing() as session:
        suppress(session, editor(session), "moment.first", "asked for by the family")
    for query in ("", "release=1"):
        assert client.get(f"/v1/moments?{query}").json["total"] == 4
        assert client.get(f"/v1/collections/small?{query}").json["moments"]["total"] == 4


def test_the_cache_key_changes_with_a_suppression_and_with_the_time_of_the_release() -> None:
    cache = ReleaseCache()
    before, since = Epoch(1, AT, 0), Epoch(1, AT, 1)
    release = cache.get(Snapshot(1, True, AT, before))
    assert cache.get(Snapshot(1, False, AT, before)) is release
    assert cache.get(Snapshot(1, True, AT, since)) is not release
    # The database was restored from a backup, and then another release got the same number.
    assert cache.get(Snapshot(1, True, AT.replace(year=2027), before)) is not release


def test_only_the_most_recently_read_releases_are_cached() -> None:
    cache = ReleaseCache()
    first, second = (cache.get(Snapshot(number, False, AT)) for number in (1, 2))
    for number in range(3, MAX_RELEASES + 2):
        cache.get(Snapshot(1, False, AT))
        cache.get(Snapshot(number, False, AT))
    assert cache.get(Snapshot(1, False, AT)) is first
    assert cache.get(Snapshot(2, False, AT)) is not second


def test_the_number_of_entries_is_limited_and_the_value_none_is_not_cached() -> None:
    release = CachedRelease()
    for number in range(MAX_CACHE_ENTRIES + 10):
        assert release.get_or_compute(number, lambda number=number: number + 1) == number + 1
        assert release.get_or_compute(number, lambda: -1) == number + 1
    assert len(release.values) <= MAX_CACHE_ENTRIES
    assert release.get_or_compute("missing", lambda: None) is None
    assert release.get_or_compute("missing", lambda: 1) == 1
