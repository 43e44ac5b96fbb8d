"""Add indexes so that pages of lists, and the status report, are read without scanning other rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_cold_reads"
down_revision = "0003_replace_guards"
branch_labels = None
depends_on = None

OPEN = sa.text("end_release IS NULL")
ENDED = sa.text("end_release IS NOT NULL")
LACKING = sa.text("end_release IS NULL AND NOT withdrawn AND (state IS NULL OR outdated OR origin = 'machine')")
# The last column of each index is new.
WIDENED = {
    "rank": ["kind", "language", "rank", "resource_id", "state"],
    "category": ["category_id", "language", "rank", "resource_id", "state"],
    "title": ["kind", "language", "sort_key", "resource_id", "state"],
    "random": ["kind", "language", "random", "resource_id", "state"],
}
NEW = {
    "collection": ["collection_id", "kind", "language", "rank", "resource_id", "state"],
    "number": ["number", "kind", "language", "rank", "resource_id"],
}


def upgrade() -> None:
    for name, columns in WIDENED.items():
        op.drop_index(f"ix_edition_open_{name}", "edition")
        _create(f"ix_edition_open_{name}", columns, OPEN)
    for name, columns in NEW.items():
        _create(f"ix_edition_open_{name}", columns, OPEN)
    _create("ix_edition_lacking", ["kind", "rank", "resource_id", "language"], LACKING)
    op.drop_index("ix_edition_end_release", "edition")
    _create("ix_edition_end_release", ["end_release"], ENDED)


def downgrade() -> None:
    op.drop_index("ix_edition_end_release", "edition")
    _create("ix_edition_end_release", ["end_release"])
    op.drop_index("ix_edition_lacking", "edition")
    for name in NEW:
        op.drop_index(f"ix_edition_open_{name}", "edition")
    for name, columns in WIDENED.items():
        op.drop_index(f"ix_edition_open_{name}", "edition")
        _create(f"ix_edition_open_{name}", columns[:-1], OPEN)


def _create(name: str, columns: list[str], where: sa.TextClause | None = None) -> None:
    op.create_index(name, "edition", columns, sqlite_where=where, postgresql_where=where)
