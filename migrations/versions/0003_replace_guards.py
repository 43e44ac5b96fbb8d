"""The trail, texts and reviews cannot be written over by INSERT OR REPLACE; releases and waivers stay as they were."""

from __future__ import annotations

from migrations.triggers import drop_protection, drop_replace_guards, guard_against_replace, protect

revision = "0003_replace_guards"
down_revision = "0002_access"
branch_labels = None
depends_on = None

# What a row is known by: one that is there already must not be written a second time.
KEYS = {
    "audit": [["id"]],
    "revision": [["id"], ["unit_id", "language", "number"]],
    "review": [["id"]],
    "release": [["number"]],
    "waiver": [["release", "resource_id", "gap"]],
}
# The counts follow from the editions, and a suppressed resource is counted no more.
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
