"""Migrations up and down on both engines, with data, and the writes that the database itself refuses."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.db.database import Database
from api.models import Base, Resource, Revision, Unit
from api.services.access.audit_log import make_audit_context
from api.services.booklets.folder import read_folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.booklets.verify import verify_content
from api.services.maintenance.migrations import downgrade, make_config, upgrade
from api.services.maintenance.suppression import suppress
from api.settings import ROOT
from tests.conftest import BOOKLET
from tests.tools.booklets import execute_sql, loader, small_booklet
from tests.tools.booklets import load as load_entries


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(make_config())


def test_migrations_form_a_single_sequence() -> None:
    assert len(scripts().get_heads()) == 1
    assert len(scripts().get_bases()) == 1
    assert all(not script.is_branch_point for script in scripts().walk_revisions())


def test_each_migration_file_is_named_after_its_revision_id() -> None:
    files = {file.stem for file in (ROOT / "migrations" / "versions").glob("*.py")} - {"__init__"}
    assert files == {script.revision for script in scripts().walk_revisions()}
    assert all(name[:4].isdigit() for name in files)


def test_the_migrated_tables_match_the_models(empty_database: Database) -> None:
    with empty_database.engine.connect() as connection:
        # The full-text table differs by engine and has no model; tests/services/search/test_index.py tests it.
        options = {
            "compare_type": True,
            "compare_server_default": False,
            "include_name": lambda name, kind, _: kind != "table" or not str(name).startswith("search_text"),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_all_migrations_can_be_reverted_and_applied_to_a_loaded_database(loaded_database: Database) -> None:
    downgrade(loaded_database.engine, "base")
    assert set(inspect(loaded_database.engine).get_table_names()) <= {"alembic_version"}
    upgrade(loaded_database.engine)
    with loaded_database.writing() as session:
        assert load_folder(session, loader(session), read_folder(BOOKLET), LoadOptions()).release == 1


def test_content_is_still_valid_after_each_migration_is_reverted_and_applied_again(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load_entries(session, small_booklet())
    engine = empty_database.engine
    for script in scripts().walk_revisions():
        if script.down_revision is None:
            break
        downgrade(engine, str(script.down_revision))
        upgrade(engine, script.revision)
    upgrade(engine)
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []


def test_a_migration_folds_the_texts_that_are_stored_already(empty_database: Database) -> None:
    with empty_database.writing() as session:
        load_entries(session, small_booklet())
        record = make_audit_context(session, "operator", "cli")
        suppress(session, record, "moment.second", "a story that must go")
    downgrade(empty_database.engine, "0006_settled")
    upgrade(empty_database.engine)
    with empty_database.reading() as session:
        assert list(verify_content(session)) == []
        folded = session.scalars(select(Revision.folded).where(Revision.text == "CY first title")).all()
        assert folded == ["cy first title"]


def test_only_suppression_can_change_folded_texts_and_it_empties_them(database: Database) -> None:
    with pytest.raises(DBAPIError, match="revision is append-only"):
        execute_sql(database, "UPDATE revision SET folded = 'x'")
    with database.writing() as session:
        suppress(session, make_audit_context(session, "operator", "cli"), "moment.second", "a story that must go")
        texts = select(Revision.text, Revision.folded).join(Unit, Unit.id == Revision.unit_id).join(Resource)
        rows = session.execute(texts.where(Resource.kind == "moment", Resource.key == "second")).all()
        assert {tuple(row) for row in rows} == {("", "")}


@pytest.fixture
def database(empty_database: Database) -> Database:
    with empty_database.writing() as session:
        load_entries(session, small_booklet())
    return empty_database


@pytest.mark.parametrize("table", ["revision", "review", "audit"])
def test_append_only_tables_cannot_be_changed_by_plain_sql(database: Database, table: str) -> None:
    column = {"revision": "text", "review": "decision", "audit": "act"}[table]
    for statement in (
        f"UPDATE {table} SET {column} = 'approve'",
        f"UPDATE {table} SET {column} = ''",
        f"DELETE FROM {table}",
    ):
        with pytest.raises(DBAPIError, match=f"{table} is append-only"):
            execute_sql(database, statement)


def test_append_only_tables_cannot_be_truncated(database: Database) -> None:
    if database.is_sqlite:
        return  # SQLite has no TRUNCATE
    for table in ("revision", "review", "audit", "release", "waiver"):
        with pytest.raises(DBAPIError, match=r"is append-only|is a public record"):
            execute_sql(database, f"TRUNCATE {table} CASCADE")


WAIVE = """INSERT INTO waiver (release, resource_id, gap, language, reason, actor_id)
SELECT release.number, resource.id, 'outdated', 'cy', '{"en": "x", "cy": "y"}', release.actor_id
FROM release, resource WHERE resource.key = 'first'"""
SUPPRESS = """INSERT INTO suppression (resource_id, reason, actor_id, at)
SELECT resource.id, 'x', release.actor_id, release.at FROM release, resource WHERE resource.key = 'first'"""
# The keys of each protected table. An INSERT with an existing key must not replace the row with this key.
REPLACED = {
    "audit": ["id"],
    "revision": ["id", "unit_id, language, number"],
    "review": ["id"],
    "release": ["number"],
    "waiver": ["release, resource_id, gap"],
}


def _rows(database: Database, table: str) -> list[tuple[object, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")]


@pytest.mark.parametrize("table", REPLACED)
def test_no_row_of_a_protected_table_can_be_replaced(database: Database, table: str) -> None:
    execute_sql(database, WAIVE, "UPDATE resource SET number = 9 WHERE key = 'first'")
    before = _rows(database, table)
    assert before
    columns = [column["name"] for column in inspect(database.engine).get_columns(table)]
    for key in REPLACED[table]:
        # Insert a copy of each row, with a new id unless the id is the key under test.
        values = ", ".join("-id" if name == "id" and key != "id" else name for name in columns)
        copy = f"INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
        statement = f"INSERT OR REPLACE {copy}" if database.is_sqlite else f"INSERT {copy}"
        more = "" if database.is_sqlite else f" ON CONFLICT ({key}) DO UPDATE SET {columns[1]} = NULL"
        with pytest.raises(DBAPIError, match=r"is append-only|is a public record"):
            execute_sql(database, statement + more)
    assert _rows(database, table) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE release SET note = 'another'",
        "UPDATE release SET at = '2001-01-01 00:00:00'",
        "UPDATE release SET actor_id = actor_id + 1",
        "UPDATE release SET reverts = 1",
        "DELETE FROM release",
        "UPDATE waiver SET language = 'en'",
        "UPDATE waiver SET reason = '{}'",
        "DELETE FROM waiver",
    ],
)
def test_releases_and_waivers_cannot_be_changed(database: Database, statement: str) -> None:
    execute_sql(database, WAIVE)
    with pytest.raises(IntegrityError, match="is a public record"):
        execute_sql(database, statement)


def test_a_waiver_can_be_deleted_only_if_its_resource_is_suppressed(database: Database) -> None:
    execute_sql(database, WAIVE, WAIVE.replace("'first'", "'second'"), SUPPRESS)
    with pytest.raises(IntegrityError, match="is a public record"):
        execute_sql(database, "DELETE FROM waiver")
    execute_sql(database, "DELETE FROM waiver WHERE resource_id = (SELECT resource_id FROM suppression)")
    assert len(_rows(database, "waiver")) == 1


REVIEW = """INSERT INTO review (revision_id, author_id, reviewer_id, decision, at)
SELECT id, {author}, {reviewer}, 'approve', at FROM revision WHERE state = 'translated' LIMIT 1"""


@pytest.mark.parametrize(
    ("author", "reviewer"),
    [
        # In both cases the author reviews the revision. In the second case, the row falsely names another author.
        ("author_id", "author_id"),
        ("(SELECT id FROM actor WHERE name = 'a reader')", "author_id"),
    ],
)
def test_the_database_refuses_a_review_by_the_author_of_the_text(
    database: Database, author: str, reviewer: str
) -> None:
    with pytest.raises(IntegrityError):
        execute_sql(database, REVIEW.format(author=author, reviewer=reviewer))
    execute_sql(database, REVIEW.format(author="author_id", reviewer="(SELECT id FROM actor WHERE name = 'a reader')"))


@pytest.mark.parametrize(
    "statement",
    [
        # A slug leads to one resource, whatever the language of the slug.
        "INSERT INTO slug (kind, slug, resource_id) SELECT kind, 'first', id FROM resource WHERE key = 'second'",
        "UPDATE resource_slug SET slug = 'first' WHERE kind = 'moment' AND slug = 'ail'",
        # Two editions of a resource in one language cannot both be public.
        "UPDATE edition SET language = 'cy' WHERE language = 'en' AND kind = 'prompt'",
        "UPDATE edition SET end_release = first_release",
        "UPDATE edition SET withdrawn = TRUE",
        "UPDATE edition SET state = NULL",
        "UPDATE edition SET first_release = 99",
        "UPDATE resource SET source_language = 'fr'",
        "UPDATE resource SET category_id = 99999 WHERE kind = 'moment'",
        "UPDATE unit SET source_id = 99999",
        "UPDATE release SET number = 2",
        "INSERT INTO actor (name, kind) SELECT name, kind FROM actor",
        "DELETE FROM resource WHERE key = 'first'",
        "DELETE FROM release",
    ],
)
def test_the_database_refuses_invalid_rows(database: Database, statement: str) -> None:
    with pytest.raises(IntegrityError):
        execute_sql(database, statement)


def test_the_database_does_not_generate_release_numbers_itself(database: Database) -> None:
    with database.engine.connect() as connection:
        column = next(c for c in inspect(connection).get_columns("release") if c["name"] == "number")
        assert column.get("default") is None
        assert connection.execute(select(text("max(number)")).select_from(text("release"))).scalar() == 1
