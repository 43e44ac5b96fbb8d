"""Add indexes for lists sorted by number, and by the release that last changed each resource."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_list_orders"
down_revision = "0007_folded_texts"
branch_labels = None
depends_on = None

OPEN = sa.text("end_release IS NULL")
NEW = {
    "ix_edition_open_sorted_number": ["kind", "language", "number", "resource_id", "state"],
    "ix_edition_open_sorted_release": ["kind", "language", "first_release", "resource_id", "state"],
}


def upgrade() -> None:
    for name, columns in NEW.items():
        op.create_index(name, "edition", columns, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    for name in NEW:
        op.drop_index(name, "edition")
