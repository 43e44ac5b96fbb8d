"""Protect the audit log, revisions and reviews against INSERT OR REPLACE, and releases and waivers against changes."""

from __future__ import annotations

from migrations.triggers import drop_protection, drop_replace_guards, guard_against_replace, protect

revision = "0003_replace_guards"
down_revision = "0002_access"
branch_labels = None
depends_on = None

# The keys of each table: a row with an existing key must not be inserted.
KEYS = {
    "audit": [["id"]],
    "revision": [["id"], ["unit_id", "language", "number"]],
    "review": [["id"]],
    "release": [["number"]],
    "waiver": [["release", "resource_id", "gap"]],
}
# The counts of a release are computed from its editions, and must change when a resource is suppressed.
COUNTS_ALONE = (
    "NEW.number = OLD.number AND NEW.at = OLD.at AND NEW.actor_id = OLD.actor_id AND NEW.note = OLD.note "
    "AND NEW.reverts IS NOT DISTINCT FROM OLD.reverts"
)
OF_A_SUPPRESSED_RESOURCE = "EXISTS (SELECT 1 FROM suppression WHERE suppression.resource_id = OLD.resource_id)"


def upgrade() -> None:
    protect("release", update=COUNTS_ALONE)
    protect("waiver", delete=OF_A_SUPPRESSED_RESOURCE)
    for table, keys in KEYS.items():
        guard_against_replace(table, keys)


def downgrade() -> None:
    for table, keys in KEYS.items():
        drop_replace_guards(table, keys)
    drop_protection("release", "waiver")
