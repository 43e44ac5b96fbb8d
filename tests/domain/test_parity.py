"""Parity of languages: the gaps of a resource, and the languages that are published despite gaps."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.language import Language
from api.domain.parity import (
    TextVersion,
    UnitTexts,
    find_gaps,
    is_outdated,
    public_languages,
    resolve_sense,
)
from api.domain.state import MinState, Origin, State

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CY, EN = Language.CY, Language.EN


def source(text: str = "EN") -> TextVersion:
    return TextVersion(1, text, State.SOURCE, Origin.HUMAN, AT)


def target(state: State = State.TRANSLATED, *, is_outdated: bool = False, is_returned: bool = False) -> TextVersion:
    return TextVersion(2, "CY", state, Origin.MACHINE, AT, is_outdated, is_returned)


def gaps(*units: dict[Language, TextVersion], required: MinState = MinState.TRANSLATED) -> list[tuple[str, str | None]]:
    named = [UnitTexts(n, f"field{n}", texts) for n, texts in enumerate(units)]
    return [(b.gap, b.language) for b in find_gaps("moment.a", named, EN, required)]


@pytest.mark.parametrize(
    ("text", "required", "expected"),
    [
        (target(), MinState.TRANSLATED, []),
        (target(State.REVIEWED), MinState.REVIEWED, []),
        (target(), MinState.REVIEWED, ["below_required_state"]),
        (target(is_outdated=True), MinState.TRANSLATED, ["outdated"]),
        (target(State.REVIEWED, is_outdated=True), MinState.REVIEWED, ["outdated"]),
        (target(is_returned=True), MinState.TRANSLATED, ["returned"]),
        (target(is_returned=True, is_outdated=True), MinState.REVIEWED, [*OMITTING_GAPS[1:], *PUBLISHED_GAPS]),
        (target(State.INITIAL), MinState.TRANSLATED, ["missing"]),
        (None, MinState.REVIEWED, ["missing"]),
    ],
)
def test_each_gap_of_a_target_is_found(text: TextVersion | None, required: MinState, expected: list[str]) -> None:
    texts = {EN: source(), **({CY: text} if text else {})}
    assert gaps(texts, required=required) == [(gap, "cy") for gap in expected]


def test_each_gap_is_listed_once_with_all_affected_units() -> None:
    units = [UnitTexts(n, f"field{n}", {EN: source()}) for n in range(3)]
    (blocker,) = find_gaps("moment.a", units, EN, MinState.TRANSLATED)
    assert blocker.units == ("moment.a.field0", "moment.a.field1", "moment.a.field2")


def test_a_resource_without_source_text_has_a_gap_in_the_source_language() -> None:
    assert gaps() == [("missing", "en")]
    assert gaps({CY: target()}) == [("missing", "en")]


@pytest.mark.parametrize("waived", [set(pair) for pair in product((*OMITTING_GAPS, *PUBLISHED_GAPS), repeat=2)])
def test_a_language_is_omitted_only_if_a_text_is_missing_or_returned(waived: set[str]) -> None:
    texts = {EN: source(), CY: target(is_returned=True, is_outdated=True)}
    blockers = find_gaps("moment.a", [UnitTexts(1, "title", texts)], EN, MinState.REVIEWED)
    assert public_languages(blockers, waived) == ({EN} if "returned" in waived else {EN, CY})


def test_a_target_is_outdated_when_the_sense_of_its_source_has_changed() -> None:
    assert is_outdated(resolve_sense(5, None), resolve_sense(3, None))
    assert not is_outdated(resolve_sense(5, 3), resolve_sense(3, None)), "a minor change keeps the sense"
    assert not is_outdated(resolve_sense(9, 3), resolve_sense(5, 3))
