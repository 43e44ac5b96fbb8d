"""The preference in an Accept-Language header, and the language served to the reader."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.language import Fallback, Language, Preference, parse_accept_language
from api.domain.rule import LanguageRule, Served, decide_rule
from api.domain.state import MinState, Origin, State, joint_origin, lowest_state
from tests.tools.properties import steady

CY, EN = Language.CY, Language.EN
NOTHING = Preference(None)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, NOTHING),
        ("", NOTHING),
        ("cy", Preference(CY)),
        ("en", Preference(EN)),
        ("cy-GB", Preference(CY)),
        ("CY", Preference(CY)),
        (" en-US ", Preference(EN)),
        ("fr", NOTHING),
        ("cym", Preference(CY)),
        ("cy_GB", Preference(CY)),
        ("Cy-Latn-GB", Preference(CY)),
        ("wel;q=0.5, eng;q=0.4", Preference(CY)),
        ("cyf, cy!, cy-, -cy", NOTHING),
        ("*", NOTHING),
        ("*;q=0", NOTHING),
        ("fr, cy;q=0.1", Preference(CY)),
        ("en, cy", Preference(EN)),
        ("cy, en", Preference(CY)),
        ("en;q=0.5, cy;q=0.8", Preference(CY)),
        ("en;q=0.8, cy;q=0.8", Preference(EN)),
        ("cy;q=0.3, *;q=0.9", Preference(CY)),
        ("cy-GB;q=0, cy", Preference(CY)),
        ("cy, en;q=0", Preference(CY, is_other_refused=True)),
        ("en-GB, cy;q=0.0", Preference(EN, is_other_refused=True)),
        ("en;q=0", Preference(CY, is_other_refused=True)),
        ("cy;q=0", Preference(EN, is_other_refused=True)),
        ("cy;q=0, *", Preference(EN, is_other_refused=True)),
        ("cy;q=0, en;q=0", NOTHING),
        ("cy;q=2, en", Preference(EN)),
        ("cy;q=-1, en;q=nan", NOTHING),
        ("cy;q=much, en;q=0.1", Preference(EN)),
        ("cy;level=1", Preference(CY)),
        (";;;,,,=", NOTHING),
        ("fr," * 40 + "cy", NOTHING),  # only the first 32 ranges are read
        ("x" * 2_000 + ",cy", NOTHING),
    ],
)
def test_accept_language_headers_give_the_expected_preference(header: str | None, expected: Preference) -> None:
    assert parse_accept_language(header) == expected


@steady
@given(st.text(max_size=3_000))
def test_parsing_an_accept_language_header_never_fails(header: str) -> None:
    assert parse_accept_language(header).language in {None, CY, EN}


@pytest.mark.parametrize(
    ("lang", "fallback", "preference", "expected"),
    [
        (CY, None, Preference(EN), (CY, Fallback.NONE)),
        (CY, Fallback.ALLOW, Preference(EN, True), (CY, Fallback.ALLOW)),
        (None, None, NOTHING, (EN, Fallback.ALLOW)),
        (None, None, Preference(CY), (CY, Fallback.ALLOW)),
        (None, Fallback.NONE, Preference(CY), (CY, Fallback.NONE)),
        (None, None, Preference(CY, True), (CY, Fallback.NONE)),
        (None, Fallback.ALLOW, Preference(CY, True), (CY, Fallback.NONE)),
    ],
)
def test_by_default_a_header_allows_the_fallback_language_and_the_lang_parameter_does_not(
    lang: Language | None, fallback: Fallback | None, preference: Preference, expected: tuple[Language, Fallback]
) -> None:
    rule = decide_rule(lang, fallback, MinState.REVIEWED, preference, EN)
    assert (rule.language, rule.fallback, rule.min_state) == (*expected, MinState.REVIEWED)


# True if a text in this state is served with this minimum state. None means not public, `initial` means a draft.
IS_SERVED = {
    MinState.TRANSLATED: {None: False, "initial": False, "translated": True, "reviewed": True, "source": True},
    MinState.REVIEWED: {None: False, "initial": False, "translated": False, "reviewed": True, "source": True},
}
STATES = [None, *State]


@pytest.mark.parametrize(("language", "fallback", "min_state"), list(product(Language, Fallback, MinState)))
def test_the_served_language_is_correct_for_every_pair_of_states(
    language: Language, fallback: Fallback, min_state: MinState
) -> None:
    rule = LanguageRule(language, fallback, min_state)
    for own, other in product(STATES, STATES):
        served = rule.choose({language: own, language.other: other})
        if IS_SERVED[min_state][own]:
            assert served == Served(language)
        elif fallback is Fallback.ALLOW and IS_SERVED[min_state][other]:
            assert served == Served(language.other, "missing" if own is None else "below_min_state")
            assert served.is_fallback
        else:
            assert served is None


def test_a_resource_has_the_lowest_state_and_the_least_human_origin_among_its_texts() -> None:
    assert lowest_state([State.REVIEWED, State.TRANSLATED, State.REVIEWED]) is State.TRANSLATED
    assert lowest_state([State.SOURCE, State.INITIAL]) is State.INITIAL
    assert joint_origin([Origin.HUMAN, Origin.MACHINE, Origin.POST_EDITED]) is Origin.MACHINE
    assert joint_origin([Origin.HUMAN, Origin.UNKNOWN]) is Origin.UNKNOWN
    assert joint_origin([Origin.HUMAN]) is Origin.HUMAN
