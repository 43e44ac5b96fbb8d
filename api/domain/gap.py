"""Gaps: the reasons why a resource cannot be released in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """Why a resource cannot be released. The values are stored with waivers and sent to clients."""

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


# A waived gap of the first group omits its language from the release. With a waived gap of the second group, the
# language is published and marked. Both groups are in the order in which gaps are listed.
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
