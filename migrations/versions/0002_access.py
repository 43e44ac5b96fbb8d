"""Create the tables of tokens and idempotency keys, and mark deleted resources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_access"
down_revision = "0001_content"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("prefix", KEY, nullable=False),
        sa.Column("hash", KEY, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('cy', 'en')", name=op.f("ck_token_language")),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_token_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
        sa.UniqueConstraint("prefix", name=op.f("uq_token_prefix")),
    )
    op.create_index(op.f("ix_token_actor_id"), "token", ["actor_id"])
    op.create_table(
        "idempotency",
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_idempotency_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    op.add_column("resource", sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("resource") as resource:
        resource.drop_column("deleted")
    op.drop_table("idempotency")
    op.drop_table("token")
