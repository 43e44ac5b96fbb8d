"""Suppression: the texts of a resource disappear from every release, and from the bytes of the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.db.database import Database
from api.domain.errors import NothingToReleaseError, ReleaseBlockedError, WorkingResourceNotFoundError
from api.models import Audit, Base
from api.services.authoring.units import NewText
from api.services.booklets.verify import verify_content
from api.services.maintenance.suppression import suppress
from api.services.publishing.reverts import revert_release
from tests.conftest import MakeApp
from tests.tools.booklets import editor, get_row_ids, load, small_booklet
from tests.tools.edits import write_target
from tests.tools.rows import change_text

NAME = "moment.first"
SECRET = "a word that must vanish"


@pytest.fixture
def database(empty_database: Database) -> Database:
    """Suppress a moment with the secret in all its texts, in both of its releases, in a waiver and in a suggestion."""
    texts = {"en": f"EN {SECRET} one", "cy": f"CY {SECRET} un"}
    with empty_database.writing() as session:
        load(session, change_text(small_booklet(), NAME, "body", **texts))
        load(session, change_text(small_booklet(), NAME, "body", en=f"EN {SECRET} two", cy=texts["cy"]), waive=True)
        write_target(session, editor(session), f"{NAME}.body", NewText(f"CY {SECRET} tri", comment=SECRET))
        load(session, change_text(small_booklet(), NAME, "body", en=f"EN {SECRET} two", cy=f"CY {SECRET} pedwar"))
    with empty_database.writing() as session:
        assert suppress(session, editor(session, "an operator"), NAME, "asked for by the family") == 3
    return empty_database


@pytest.fixture
def client(database: Database, empty_url: str, make_app: MakeApp) -> FlaskClient:
    return make_app(empty_url).test_client()


def test_the_urls_of_a_suppressed_resource_return_410_at_every_release(client: FlaskClient) -> None:
    for release in ("", "release=1", "release=2", "release=3"):
        for path in ("moments/first", "moments/cyntaf", "bilingual/moments/first"):
            response = client.get(f"/v1/{path}?{release}")
            assert (response.status_code, response.json["type"].rpartition("/")[2]) == (410, "suppressed")
            assert response.json["resource"] == NAME


def test_a_suppressed_resource_is_in_no_list_or_count_of_any_release(client: FlaskClient) -> None:
    for release in (1, 2, 3):
        for lang in ("cy", "en"):
            page = client.get(f"/v1/moments?lang={lang}&release={release}").json
            assert (page["total"], page["omitted"], len(page["items"])) == (4, 0, 4)
            assert NAME not in [item["id"] for item in page["items"]]
        assert client.get(f"/v1/moments?number=1&release={release}").json["items"] == []
        assert client.get(f"/v1/categories/care?lang=en&release={release}").json["moments"]["total"] == 2
        status = client.get(f"/v1/translation-status?release={release}").json
        assert status["by_kind"]["moment"]["total"] == 4
        assert status["waived"] == []


def test_the_change_feed_reports_a_suppression(client: FlaskClient) -> None:
    for since in (0, 2):
        changes = client.get(f"/v1/changes?since={since}&include=content&limit=100").json["items"]
        changes_of_moment = [change for change in changes if change["id"] == NAME]
        assert [(change["change"], change["release"], change["content"]) for change in changes_of_moment] == [
            ("withdrawn", 3, None)
        ]
    assert client.get("/v1/releases/3").json["changes"][0]["change"] == "withdrawn"


def test_no_column_of_any_table_contains_the_suppressed_text(database: Database) -> None:
    with database.reading() as session:
        for table in Base.metadata.tables.values():
            for row in session.execute(select(table)):
                assert SECRET not in repr(tuple(row)), table.name


def test_neither_the_sqlite_file_nor_its_log_contains_the_suppressed_text(database: Database) -> None:
    if not database.is_sqlite:
        return  # PostgreSQL keeps deleted rows in its files until the next VACUUM
    name = database.engine.url.database
    database.truncate_wal()
    files = [file for file in Path(name).parent.glob(Path(name).name + "*") if file.is_file()]
    assert files
    for file in files:
        assert SECRET.encode() not in file.read_bytes(), file.name


def test_the_audit_log_records_who_suppressed_a_resource_and_why(database: Database) -> None:
    with database.reading() as session:
        row = session.scalars(select(Audit).where(Audit.act == "suppress")).one()
    assert (row.subject, row.detail) == (NAME, {"reason": "asked for by the family", "release": 3})


def test_verification_finds_no_issue_after_a_suppression(database: Database) -> None:
    with database.reading() as session:
        assert list(verify_content(session)) == []


def test_neither_a_load_nor_a_revert_restores_a_suppressed_resource(database: Database) -> None:
    with database.writing() as session:
        again = change_text(small_booklet(), NAME, "body", en=f"EN {SECRET} again", cy=f"CY {SECRET} eto")
        assert load(session, again).suppressed == (NAME,)
        with pytest.raises(NothingToReleaseError):
            revert_release(session, editor(session), 1, note="a release", row_ids=get_row_ids(session, NAME))
    test_no_column_of_any_table_contains_the_suppressed_text(database)


def test_a_category_in_use_cannot_be_suppressed(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet())
    with pytest.raises(ReleaseBlockedError) as caught, empty_database.writing() as session:
        suppress(session, editor(session), "category.care", "no")
    assert [(b.resource, b.gap) for b in caught.value.blockers] == [("category.care", "in_use")]


def test_an_unknown_resource_cannot_be_suppressed(empty_database: Database) -> None:
    with pytest.raises(WorkingResourceNotFoundError), empty_database.writing() as session:
        suppress(session, editor(session), "moment.none", "no")


def test_suppressing_an_unreleased_resource_makes_no_release(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load(session, small_booklet(), is_released=False)
        assert suppress(session, editor(session), NAME, "a slip") is None
        assert load(session, small_booklet()).release == 1
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []
