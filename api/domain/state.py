"""The state of a text, and its origin: human or machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum


class State(StrEnum):
    """The state of a text. ``source`` is for the original language; the others are for translations, lowest first."""

    INITIAL = "initial"
    TRANSLATED = "translated"
    REVIEWED = "reviewed"
    SOURCE = "source"

    @property
    def rank(self) -> int:
        """Return the position of the state, the lowest first."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(State)}


class MinState(StrEnum):
    """The state that a translation must have reached to be served or released."""

    TRANSLATED = "translated"
    REVIEWED = "reviewed"

    def admits(self, state: State) -> bool:
        """Return whether a text in ``state`` may be served: any source, and a translation from this state up."""
        return state in ADMITTED_STATES[self]


ADMITTED_STATES: Mapping[MinState, Collection[State | None]] = {
    least: frozenset(state for state in State if state.rank >= State(least.value).rank) for least in MinState
}


class Origin(StrEnum):
    """The origin of a text. A resource whose parts have several origins has the first of them in this order."""

    MACHINE = "machine"
    POST_EDITED = "post-edited"
    UNKNOWN = "unknown"
    HUMAN = "human"


_ORIGIN_RANKS = {origin: rank for rank, origin in enumerate(Origin)}


def lowest_state(states: Iterable[State]) -> State:
    """Return the lowest of the states, which is the state of the whole."""
    return min(states, key=_RANKS.__getitem__)


def joint_origin(origins: Iterable[Origin]) -> Origin:
    """Return the origin of a whole: ``machine`` if any part is, so that it does not look more human than its parts."""
    return min(origins, key=_ORIGIN_RANKS.__getitem__)
