"""Parity: whether a resource is complete and current in both languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS, Blocker, Gap
from api.domain.language import Language
from api.domain.state import MinState, Origin, State

MIN_REASON_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class TextVersion:
    """The current text of a unit in one language, with its revision, state and origin."""

    revision_id: int
    text: str
    state: State
    origin: Origin
    updated_at: datetime
    is_outdated: bool = False
    is_returned: bool = False
    review_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnitTexts:
    """The texts of a unit by language. A language without a text, or with only a draft, is absent."""

    unit_id: int
    field: str
    texts: dict[Language, TextVersion]


def is_outdated(source_sense: int, based_on_sense: int) -> bool:
    """Return whether the sense of the source has changed since the target was made or confirmed."""
    return source_sense != based_on_sense


def resolve_sense(revision_id: int, sense_id: int | None) -> int:
    """Return the sense of a source revision: ``sense_id``, or the revision's own id if ``sense_id`` is None."""
    return revision_id if sense_id is None else sense_id


def find_gaps(resource: str, units: Iterable[UnitTexts], source: Language, required: MinState) -> list[Blocker]:
    """Return the gaps of a resource: one Blocker for each language and gap, with the units that have the gap."""
    units = list(units)
    blockers: list[Blocker] = []
    target = source.other
    missing_source = [unit.field for unit in units if source not in unit.texts]
    if missing_source or not units:
        blockers.append(_blocker(resource, Gap.MISSING, source, missing_source))
    by_gap: dict[Gap, list[str]] = {}
    for unit in units:
        for gap in _find_text_gaps(unit.texts.get(target), required):
            by_gap.setdefault(gap, []).append(unit.field)
    return blockers + [
        _blocker(resource, gap, target, by_gap[gap]) for gap in (*OMITTING_GAPS, *PUBLISHED_GAPS) if gap in by_gap
    ]


def _find_text_gaps(text: TextVersion | None, required: MinState) -> list[Gap]:
    if text is None or text.state is State.INITIAL:
        return [Gap.MISSING]
    gaps = [Gap.RETURNED] if text.is_returned else []
    gaps += [Gap.OUTDATED] if text.is_outdated else []
    return gaps + ([] if required.admits(text.state) else [Gap.BELOW_REQUIRED_STATE])


def _blocker(resource: str, gap: Gap, language: Language, fields: Iterable[str]) -> Blocker:
    return Blocker(resource, gap, language.value, tuple(f"{resource}.{field}" for field in fields))


def public_languages(gaps: Iterable[Blocker], waived: Collection[str]) -> set[Language]:
    """Return the languages to publish if the gaps in ``waived`` are waived.

    A language is omitted if one of its waived gaps is in OMITTING_GAPS.
    """
    omitted = {gap.language for gap in gaps if gap.gap in OMITTING_GAPS and gap.gap in waived}
    return {language for language in Language if language.value not in omitted}
