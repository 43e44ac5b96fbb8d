"""How far a text has come, and who wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """Of a text. ``source`` is what the resource was written in; the others are a target's, lowest first."""

    INITIAL = "initial"
    TRANSLATED = "translated"
    REVIEWED = "reviewed"
    SOURCE = "source"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(State)}


class MinState(StrEnum):
    """How far reviewed a target must be, to be served or to be released."""

    TRANSLATED = "translated"
    REVIEWED = "reviewed"

    def admits(self, state: State) -> bool:
        """True for a source always, for a target from this state on."""
        return state in _ADMITTED[self]


_ADMITTED = {least: frozenset(state for state in State if state.rank >= State(least.value).rank) for least in MinState}


class Origin(StrEnum):
    """Who wrote a text. The order is the one in which an origin speaks for a whole that has several."""

    MACHINE = "machine"
    POST_EDITED = "post-edited"
    UNKNOWN = "unknown"
    HUMAN = "human"


_ORIGIN_RANKS = {origin: place for place, origin in enumerate(Origin)}


def lowest_state(states: Iterable[State]) -> State:
    """The state of a whole is that of its part that has come least far."""
    return min(states, key=_RANKS.__getitem__)


def joint_origin(origins: Iterable[Origin]) -> Origin:
    """``machine`` if any part is: a whole may not look more human than its parts."""
    return min(origins, key=_ORIGIN_RANKS.__getitem__)
