"""Create the tables of the search index, which the upgrade command fills after the newest migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_search"
down_revision = "0004_cold_reads"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("edition_id", ID, autoincrement=False, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("language", KEY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("kind_place", sa.Integer(), nullable=False),
        sa.Column("collection_id", ID, nullable=False),
        sa.Column("category_id", ID, nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("facet", sa.String(), nullable=True),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_search_entry_language")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_search_entry_edition_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_search_entry_resource_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("resource_id", "language", name=op.f("uq_search_entry_resource_id_language")),
    )
    op.create_table(
        "search_counted",
        sa.Column("edition_id", ID, autoincrement=False, nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["search_entry.edition_id"], name=op.f("fk_search_counted_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_search_counted")),
    )
    op.create_table(
        "search_word",
        sa.Column("id", ID, nullable=False),
        sa.Column("language", KEY, nullable=False),
        sa.Column("word", KEY, nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_search_word_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
        sa.UniqueConstraint("language", "word", name=op.f("uq_search_word_language_word")),
    )
    op.create_table(
        "search_key",
        sa.Column("language", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("word_id", ID, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["word_id"], ["search_word.id"], name=op.f("fk_search_key_word_id")),
        sa.PrimaryKeyConstraint("language", "key", "word_id", name=op.f("pk_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_key_word_id", "search_key", ["word_id"])
    op.create_table(
        "search_state",
        sa.Column("language", KEY, nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_search_state_language")),
        sa.PrimaryKeyConstraint("language", name=op.f("pk_search_state")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_text (id bigint NOT NULL, words tsvector NOT NULL, "
            "CONSTRAINT pk_search_text PRIMARY KEY (id))"
        )
        op.execute("CREATE INDEX ix_search_text_words ON search_text USING gin (words)")
    else:
        version = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar_one()
        # Before SQLite 3.43, FTS5 can delete a text only if the text itself is stored in the index.
        is_contentless = tuple(map(int, version.split("."))) >= (3, 43)
        content = "content='', contentless_delete=1, " if is_contentless else ""
        op.execute(f"CREATE VIRTUAL TABLE search_text USING fts5(words, {content}tokenize='ascii')")


def downgrade() -> None:
    for table in ("search_text", "search_state", "search_key", "search_word", "search_counted", "search_entry"):
        op.drop_table(table)
