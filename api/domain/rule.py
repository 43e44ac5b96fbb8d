"""The rule that decides which language of a resource is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from api.domain.language import Fallback, Language, Preference
from api.domain.state import ADMITTED_STATES, MinState, State


class FallbackReason(StrEnum):
    """The reason why the requested language of a resource is not served."""

    MISSING = "missing"
    BELOW_MIN_STATE = "below_min_state"


class Served(NamedTuple):
    """The language that is served. If it is not the requested language, ``reason`` gives the reason."""

    language: Language
    reason: FallbackReason | None = None

    @property
    def is_fallback(self) -> bool:
        """Return whether the other language was requested."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """The requested language, whether the other language may be served instead, and the minimum review state."""

    language: Language
    fallback: Fallback
    min_state: MinState

    def admits(self, state: State | None) -> bool:
        """Return whether a text in this state may be served. None is the state of a text that is not public."""
        return state in ADMITTED_STATES[self.min_state]

    def choose(self, states: Mapping[Language, State | None]) -> Served | None:
        """Return the language to serve, or None if no language may be served.

        ``states`` contains the state of the resource in each language.
        """
        if self.admits(states.get(self.language)):
            return Served(self.language)
        if self.fallback is Fallback.ALLOW and self.admits(states.get(self.language.other)):
            return Served(self.language.other, self.reason_against(states))
        return None

    def reason_against(self, states: Mapping[Language, State | None]) -> FallbackReason:
        """Return the reason why the requested language is not served."""
        is_missing = states.get(self.language) is None
        return FallbackReason.MISSING if is_missing else FallbackReason.BELOW_MIN_STATE


def decide_rule(
    lang: Language | None,
    fallback: Fallback | None,
    min_state: MinState,
    preference: Preference,
    default: Language,
) -> LanguageRule:
    """Return the rule for one request.

    A language in the URL (``lang``) is strict: the other language is served only if ``fallback`` allows it. A language
    in a header is a preference: the other language may be served unless the header or ``fallback`` refuses it.
    """
    if lang is not None:
        return LanguageRule(lang, fallback or Fallback.NONE, min_state)
    if preference.is_other_refused:
        return LanguageRule(preference.language or default, Fallback.NONE, min_state)
    return LanguageRule(preference.language or default, fallback or Fallback.ALLOW, min_state)
