"""Parity, its gaps, the documents that are cut, and places in a list."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.document import EditionSource, build_documents, format_time, random_position
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
from api.domain.rank import RANK_GAP, make_room_at, ranks_between
from api.domain.state import MinState, Origin, State
from tests.tools.properties import steady

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


def test_a_gap_is_told_once_with_all_its_units() -> None:
    units = [UnitTexts(n, f"field{n}", {EN: source()}) for n in range(3)]
    (blocker,) = find_gaps("moment.a", units, EN, MinState.TRANSLATED)
    assert blocker.units == ("moment.a.field0", "moment.a.field1", "moment.a.field2")


def test_a_resource_without_its_source_lacks_that() -> None:
    assert gaps() == [("missing", "en")]
    assert gaps({CY: target()}) == [("missing", "en")]


@pytest.mark.parametrize("waived", [set(pair) for pair in product((*OMITTING_GAPS, *PUBLISHED_GAPS), repeat=2)])
def test_only_what_is_missing_or_returned_leaves_its_language_out(waived: set[str]) -> None:
    texts = {EN: source(), CY: target(is_returned=True, is_outdated=True)}
    found = find_gaps("moment.a", [UnitTexts(1, "title", texts)], EN, MinState.REVIEWED)
    assert public_languages(found, waived) == ({EN} if "returned" in waived else {EN, CY})


def test_a_target_is_outdated_when_the_sense_has_changed() -> None:
    assert is_outdated(resolve_sense(5, None), resolve_sense(3, None))
    assert not is_outdated(resolve_sense(5, 3), resolve_sense(3, None)), "a minor change keeps the sense"
    assert not is_outdated(resolve_sense(9, 3), resolve_sense(5, 3))


def subject(**units: dict[Language, TextVersion]) -> EditionSource:
    texts = tuple(UnitTexts(n, name, said) for n, (name, said) in enumerate(units.items(), start=1))
    return EditionSource("moment.a", "moment", EN, {"en": "a", "cy": None}, 1, None, {}, texts)


def test_documents_are_the_same_bytes_whatever_order_things_come_in() -> None:
    title, body = {EN: source("EN t"), CY: target()}, {EN: source("EN *b*"), CY: target(State.REVIEWED)}
    one = build_documents(subject(title=title, body=body), [CY, EN])
    other = build_documents(subject(body=dict(reversed(body.items())), title=title), [EN, CY])
    assert one[EN].document == other[EN].document
    assert one[CY].document == other[CY].document
    said = json.loads(one[EN].document)
    assert said["texts"] == {
        "title": "EN t", "body": "EN b", "body_html": "<p>EN <em>b</em></p>", "highlight": None, "highlight_html": None
    }  # fmt: skip
    assert (one[CY].state, one[CY].origin, one[EN].state) == (State.TRANSLATED, Origin.MACHINE, State.SOURCE)


def test_a_language_that_stays_out_is_null_in_the_other_s_document() -> None:
    documents = build_documents(subject(title={EN: source(), CY: target()}), [EN])
    assert list(documents) == [EN]
    assert json.loads(documents[EN].document)["translations"]["cy"] is None


def test_times_are_in_utc_and_whole_seconds() -> None:
    summer = timezone(timedelta(hours=1))
    assert format_time(datetime(2026, 6, 1, 0, 30, 5, 999, tzinfo=summer)) == "2026-05-31T23:30:05Z"


def test_a_place_on_the_circle_fits_a_signed_column() -> None:
    places = [random_position(f"moment.{n}") for n in range(500)]
    assert all(0 <= place < 2**62 for place in places)
    assert len(set(places)) == 500


@steady
@given(st.integers(-(2**40), 2**40), st.integers(1, 500), st.integers(1, 2**30))
def test_ranks_rise_strictly_between_two_that_exist(after: int, count: int, room: int) -> None:
    before = after + room
    if room // (count + 1) < 1:
        with pytest.raises(ValueError, match="no room"):
            list(ranks_between(after, before, count))
        return
    ranks = list(ranks_between(after, before, count))
    assert len(ranks) == count
    assert all(a < b for a, b in zip([after, *ranks], [*ranks, before], strict=True))


@steady
@given(st.integers(-(2**40), 2**40), st.integers(1, 50))
def test_ranks_at_either_end_leave_gaps(place: int, count: int) -> None:
    assert list(ranks_between(place, None, count)) == [place + RANK_GAP * n for n in range(1, count + 1)]
    first = list(ranks_between(None, place, count))
    assert all(a < b for a, b in zip(first, [*first[1:], place], strict=True))


@steady
@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=40, unique=True), st.data())
def test_a_place_is_always_found_and_nobody_overtakes_anybody(ranks: list[int], data: st.DataObject) -> None:
    ranks.sort()
    place = data.draw(st.integers(0, len(ranks)))
    for _ in range(30):
        taken, moved = make_room_at(ranks, place)
        after = [moved.get(at, rank) for at, rank in enumerate(ranks)]
        after.insert(place, taken)
        assert after == sorted(set(after))
        ranks = after


def test_room_is_made_seldom_and_by_few() -> None:
    ranks, moves, spreads = [RANK_GAP * n for n in range(1, 1001)], 0, 0
    for _ in range(500):
        taken, moved = make_room_at(ranks, 500)
        moves, spreads = moves + len(moved), spreads + bool(moved)
        ranks = [moved.get(at, rank) for at, rank in enumerate(ranks)]
        ranks.insert(500, taken)
    assert 0 < spreads <= 50
    assert moves < 500 * 40
