"""Add the folded form of each text to revisions, for finding texts whatever their accents and apostrophes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.domain.folding import fold_text
from migrations.triggers import drop_triggers, make_append_only

revision = "0007_folded_texts"
down_revision = "0006_settled"
branch_labels = None
depends_on = None

BATCH = 1_000
EMPTIES_A_SUPPRESSED_TEXT = (
    "NEW.text = '' AND NEW.id = OLD.id AND NEW.unit_id = OLD.unit_id AND EXISTS (SELECT 1 FROM unit "
    "JOIN suppression ON suppression.resource_id = unit.resource_id WHERE unit.id = OLD.unit_id)"
)


def upgrade() -> None:
    drop_triggers("revision")
    op.add_column("revision", sa.Column("folded", sa.String(), server_default="", nullable=False))
    _fold_texts()
    make_append_only("revision", unless=f"NEW.folded = '' AND {EMPTIES_A_SUPPRESSED_TEXT}")


def downgrade() -> None:
    drop_triggers("revision")
    op.drop_column("revision", "folded")
    make_append_only("revision", unless=EMPTIES_A_SUPPRESSED_TEXT)


def _fold_texts() -> None:
    connection = op.get_bind()
    revisions = sa.table("revision", sa.column("id"), sa.column("text"), sa.column("folded"))
    query = sa.select(revisions.c.id, revisions.c.text).order_by(revisions.c.id).limit(BATCH)
    change = sa.update(revisions).where(revisions.c.id == sa.bindparam("row")).values(folded=sa.bindparam("folded"))
    last = 0
    while rows := connection.execute(query.where(revisions.c.id > last)).all():
        connection.execute(change, [{"row": row.id, "folded": fold_text(row.text)} for row in rows])
        last = rows[-1].id
