"""Add a column to releases: the last audit entry up to which all changes are public.

Only later entries have to be searched for changes that are not public yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_settled"
down_revision = "0005_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("settled", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))


def downgrade() -> None:
    op.drop_column("release", "settled")
