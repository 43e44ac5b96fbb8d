"""Create the tables of content: resources, units, revisions, releases, editions, waivers, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.triggers import drop_triggers, make_append_only

revision = "0001_content"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Keys are compared byte by byte on both engines.
KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STILL = {"sqlite_where": sa.text("end_release IS NULL"), "postgresql_where": sa.text("end_release IS NULL")}

# Suppressed text must be removed from revisions too: emptying the text is the only change that a revision allows.
EMPTIES_A_SUPPRESSED_TEXT = (
    "NEW.text = '' AND NEW.id = OLD.id AND NEW.unit_id = OLD.unit_id AND EXISTS (SELECT 1 FROM unit "
    "JOIN suppression ON suppression.resource_id = unit.resource_id WHERE unit.id = OLD.unit_id)"
)

EMPTIES_A_SUPPRESSED_COMMENT = (
    "NEW.comment IS NULL AND NEW.id = OLD.id AND NEW.revision_id = OLD.revision_id AND NEW.decision = OLD.decision "
    "AND NEW.reviewer_id = OLD.reviewer_id AND EXISTS (SELECT 1 FROM revision "
    "JOIN unit ON unit.id = revision.unit_id JOIN suppression ON suppression.resource_id = unit.resource_id "
    "WHERE revision.id = OLD.revision_id)"
)


def upgrade() -> None:
    op.create_table(
        "actor",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'machine')", name=op.f("ck_actor_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
        sa.UniqueConstraint("name", name=op.f("uq_actor_name")),
    )
    op.create_table(
        "resource",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("collection_id", ID, nullable=True),
        sa.Column("category_id", ID, nullable=True),
        sa.Column("source_language", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("facet", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("loaded", sa.JSON(), nullable=True),
        sa.CheckConstraint("source_language IN ('cy', 'en')", name=op.f("ck_resource_source_language")),
        sa.ForeignKeyConstraint(["category_id"], ["resource.id"], name=op.f("fk_resource_category_id")),
        sa.ForeignKeyConstraint(["collection_id"], ["resource.id"], name=op.f("fk_resource_collection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_resource_kind_key")),
    )
    op.create_index("ix_resource_category_id", "resource", ["category_id"])
    op.create_index("ix_resource_kind_rank", "resource", ["kind", "rank", "id"])

    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("act", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("from_revision", sa.Integer(), nullable=True),
        sa.Column("to_revision", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_audit_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])

    op.create_table(
        "release",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reverts", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_release_actor_id")),
        sa.ForeignKeyConstraint(["reverts"], ["release.number"], name=op.f("fk_release_reverts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_release")),
    )
    op.create_table(
        "suppression",
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_suppression_actor_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_suppression_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_suppression")),
    )
    op.create_table(
        "unit",
        sa.Column("id", ID, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("field", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source_id", ID, nullable=True),
        sa.Column("target_id", ID, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("printed", sa.String(), nullable=True),
        sa.Column("stands_in", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_unit_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("resource_id", "field", name=op.f("uq_unit_resource_id_field")),
    )
    op.create_table(
        "edition",
        sa.Column("id", ID, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("language", KEY, nullable=False),
        sa.Column("first_release", sa.Integer(), nullable=False),
        sa.Column("end_release", sa.Integer(), nullable=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("resource_version", sa.Integer(), nullable=False),
        sa.Column("source_language", sa.String(), nullable=False),
        sa.Column("slugs", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("collection_id", ID, nullable=True),
        sa.Column("category_id", ID, nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("facet", sa.String(), nullable=True),
        sa.Column("random", sa.BigInteger(), nullable=False),
        sa.Column("sort_key", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("outdated", sa.Boolean(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_edition_language")),
        sa.CheckConstraint("(document IS NULL) = (state IS NULL)", name=op.f("ck_edition_document_has_state")),
        sa.CheckConstraint("NOT withdrawn OR document IS NULL", name=op.f("ck_edition_withdrawn_is_empty")),
        sa.CheckConstraint("end_release > first_release", name=op.f("ck_edition_interval")),
        sa.ForeignKeyConstraint(["end_release"], ["release.number"], name=op.f("fk_edition_end_release")),
        sa.ForeignKeyConstraint(["first_release"], ["release.number"], name=op.f("fk_edition_first_release")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_edition_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint(
            "resource_id", "language", "first_release", name=op.f("uq_edition_resource_id_language_first_release")
        ),
    )
    op.create_index("ix_edition_end_release", "edition", ["end_release"])
    op.create_index("ix_edition_first_release", "edition", ["first_release"])
    op.create_index(
        "ix_edition_history", "edition", ["kind", "language", "rank", "resource_id", "first_release", "end_release"]
    )
    op.create_index("ix_edition_open_category", "edition", ["category_id", "language", "rank", "resource_id"], **STILL)
    op.create_index("ix_edition_open_random", "edition", ["kind", "language", "random", "resource_id"], **STILL)
    op.create_index("ix_edition_open_rank", "edition", ["kind", "language", "rank", "resource_id"], **STILL)
    op.create_index("ix_edition_open_since", "edition", ["first_release", "resource_id"], **STILL)
    op.create_index("ix_edition_open_title", "edition", ["kind", "language", "sort_key", "resource_id"], **STILL)
    op.create_index("uq_edition_open", "edition", ["resource_id", "language"], unique=True, **STILL)

    op.create_table(
        "revision",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sense_id", ID, nullable=True),
        sa.Column("is_minor", sa.Boolean(), nullable=True),
        sa.Column("about_id", ID, nullable=True),
        sa.Column("based_on_id", ID, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'source') = (based_on_id IS NULL)", name=op.f("ck_revision_based_on")),
        sa.CheckConstraint(
            "act IN ('write', 'minor', 'confirm', 'revert', 'import', 'load')", name=op.f("ck_revision_act")
        ),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_revision_language")),
        sa.CheckConstraint("origin <> 'machine' OR tool IS NOT NULL", name=op.f("ck_revision_tool")),
        sa.CheckConstraint("origin IN ('human', 'machine', 'post-edited', 'unknown')", name=op.f("ck_revision_origin")),
        sa.CheckConstraint("state IN ('source', 'initial', 'translated')", name=op.f("ck_revision_state")),
        sa.ForeignKeyConstraint(["author_id"], ["actor.id"], name=op.f("fk_revision_author_id")),
        sa.ForeignKeyConstraint(["about_id"], ["revision.id"], name=op.f("fk_revision_about_id")),
        sa.ForeignKeyConstraint(["based_on_id"], ["revision.id"], name=op.f("fk_revision_based_on_id")),
        sa.ForeignKeyConstraint(["sense_id"], ["revision.id"], name=op.f("fk_revision_sense_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_revision_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("id", "author_id", name=op.f("uq_revision_id_author_id")),
        sa.UniqueConstraint("unit_id", "language", "number", name=op.f("uq_revision_unit_id_language_number")),
    )
    op.create_table(
        "sense",
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("sense_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_sense_revision_id")),
        sa.ForeignKeyConstraint(["sense_id"], ["revision.id"], name=op.f("fk_sense_sense_id")),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_sense")),
    )
    op.create_table(
        "slug",
        sa.Column("kind", KEY, nullable=False),
        sa.Column("slug", KEY, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("first_release", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["first_release"], ["release.number"], name=op.f("fk_slug_first_release")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_slug_resource_id")),
        sa.PrimaryKeyConstraint("kind", "slug", name=op.f("pk_slug")),
        sa.UniqueConstraint("kind", "slug", "resource_id", name=op.f("uq_slug_kind_slug_resource_id")),
    )
    op.create_index("ix_slug_resource_id", "slug", ["resource_id"])

    op.create_table(
        "suggestion",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_suggestion_actor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_suggestion_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("unit_id", "language", "hash", name=op.f("uq_suggestion_unit_id_language_hash")),
    )
    op.create_table(
        "waiver",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("gap", KEY, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_waiver_language")),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_waiver_actor_id")),
        sa.ForeignKeyConstraint(["release"], ["release.number"], name=op.f("fk_waiver_release")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_waiver_resource_id")),
        sa.PrimaryKeyConstraint("release", "resource_id", "gap", name=op.f("pk_waiver")),
    )
    op.create_table(
        "resource_slug",
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("slug", KEY, nullable=False),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_resource_slug_language")),
        sa.ForeignKeyConstraint(
            ["kind", "slug", "resource_id"],
            ["slug.kind", "slug.slug", "slug.resource_id"],
            name="fk_resource_slug_its_own",
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_slug_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "language", name=op.f("pk_resource_slug")),
    )
    op.create_table(
        "review",
        sa.Column("id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("reviewer_id", ID, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('approve', 'return')", name=op.f("ck_review_decision")),
        sa.CheckConstraint("reviewer_id <> author_id", name=op.f("ck_review_nobody_reviews_their_own")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["actor.id"], name=op.f("fk_review_reviewer_id")),
        sa.ForeignKeyConstraint(
            ["revision_id", "author_id"], ["revision.id", "revision.author_id"], name="fk_review_its_author"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_revision_id", "review", ["revision_id", "id"])

    op.create_table(
        "edition_unit",
        sa.Column("edition_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.Column("review_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_unit_edition_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_edition_unit_review_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_edition_unit_revision_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_edition_unit_unit_id")),
        sa.PrimaryKeyConstraint("edition_id", "unit_id", name=op.f("pk_edition_unit")),
    )
    with op.batch_alter_table("unit") as unit:
        unit.create_foreign_key("fk_unit_source_id", "revision", ["source_id"], ["id"])
        unit.create_foreign_key("fk_unit_target_id", "revision", ["target_id"], ["id"])
    make_append_only("revision", unless=EMPTIES_A_SUPPRESSED_TEXT)
    make_append_only("review", unless=EMPTIES_A_SUPPRESSED_COMMENT)
    make_append_only("audit")


def downgrade() -> None:
    drop_triggers("audit", "review", "revision")
    with op.batch_alter_table("unit") as unit:
        unit.drop_constraint("fk_unit_source_id", type_="foreignkey")
        unit.drop_constraint("fk_unit_target_id", type_="foreignkey")
    op.drop_table("edition_unit")
    op.drop_table("review")
    op.drop_table("resource_slug")
    op.drop_table("waiver")
    op.drop_table("suggestion")
    op.drop_table("slug")
    op.drop_table("sense")
    op.drop_table("revision")
    op.drop_table("edition")
    op.drop_table("unit")
    op.drop_table("suppression")
    op.drop_table("release")
    op.drop_table("audit")
    op.drop_table("resource")
    op.drop_table("actor")
