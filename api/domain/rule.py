"""Which language of a resource a reader gets, and what they are told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.domain.language import Fallback, Language, Preference
from api.domain.state import MinState, State


@dataclass(frozen=True, slots=True)
class Served:
    """The language that is given for the one asked for; ``reason`` says why it is another one."""

    language: Language
    reason: str | None = None

    @property
    def is_fallback(self) -> bool:
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """What a reader asked for: a language, whether the other may stand in for it, and how far reviewed."""

    language: Language
    fallback: Fallback
    min_state: MinState

    def admits(self, state: State | None) -> bool:
        """May a text in this state be served? None is: not public in that language."""
        return state is not None and self.min_state.admits(state)

    def choose(self, states: Mapping[Language, State | None]) -> Served | None:
        """What to serve of a resource whose languages are public in these states; None is nothing."""
        if self.admits(states.get(self.language)):
            return Served(self.language)
        if self.fallback is Fallback.ALLOW and self.admits(states.get(self.language.other)):
            return Served(self.language.other, self.reason_against(states))
        return None

    def reason_against(self, states: Mapping[Language, State | None]) -> str:
        """Why the language asked for is not served."""
        return "missing" if states.get(self.language) is None else "below_min_state"


def decide_rule(
    lang: Language | None,
    fallback: Fallback | None,
    min_state: MinState,
    preference: Preference,
    default: Language,
) -> LanguageRule:
    """The rule for one request.

    Who names a language in the address means it: nothing stands in for it unless ``fallback`` allows. A header is a
    preference: there the other language may stand in, unless the header or ``fallback`` refuses it.
    """
    if lang is not None:
        return LanguageRule(lang, fallback or Fallback.NONE, min_state)
    if preference.is_other_refused:
        return LanguageRule(preference.language or default, Fallback.NONE, min_state)
    return LanguageRule(preference.language or default, fallback or Fallback.ALLOW, min_state)
