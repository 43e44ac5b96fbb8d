"""Gaps: the reasons why a resource cannot be released in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """A reason why a resource cannot be released. The values are stored with waivers and sent to clients."""

    # Gaps in the text of one language.
    MISSING = "missing"
    RETURNED = "returned"
    OUTDATED = "outdated"
    BELOW_REQUIRED_STATE = "below_required_state"
    # Gaps between the resource and other resources.
    CATEGORY_NOT_PUBLIC = "category_not_public"
    COLLECTION_NOT_PUBLIC = "collection_not_public"
    IN_USE = "in_use"
    NUMBER_TAKEN = "number_taken"


# If a gap in OMITTING_GAPS is waived, the language with the gap is omitted from the release. If a gap in PUBLISHED_GAPS
# is waived, the language is published with a mark. Gaps of texts are listed in this order.
OMITTING_GAPS = (Gap.MISSING, Gap.RETURNED)
PUBLISHED_GAPS = (Gap.OUTDATED, Gap.BELOW_REQUIRED_STATE)
WAIVABLE = frozenset(OMITTING_GAPS + PUBLISHED_GAPS)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A gap of one resource. Gaps of texts also have a ``language`` and the ids of ``units``."""

    resource: str
    gap: Gap
    language: str | None = None
    units: tuple[str, ...] = ()
