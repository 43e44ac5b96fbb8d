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
        """Return the position of the state in the order of states, the lowest first."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(State)}


class MinState(StrEnum):
    """The state that a translation must have reached to be served or released."""

    TRANSLATED = "translated"
    REVIEWED = "reviewed"

    def admits(self, state: State) -> bool:
        """Return True for a source, and for a translation that is in this state or a higher one."""
        return state in ADMITTED_STATES[self]


ADMITTED_STATES: Mapping[MinState, Collection[State | None]] = {
    least: frozenset(state for state in State if state.rank >= State(least.value).rank) for least in MinState
}


class Origin(StrEnum):
    """The origin of a text. If the texts of a resource have several origins, the first in this order counts."""

    MACHINE = "machine"
    POST_EDITED = "post-edited"
    UNKNOWN = "unknown"
    HUMAN = "human"


_ORIGIN_RANKS = {origin: rank for rank, origin in enumerate(Origin)}


def lowest_state(states: Iterable[State]) -> State:
    """Return the lowest of the states, which is the state of the whole resource."""
    return min(states, key=_RANKS.__getitem__)


def joint_origin(origins: Iterable[Origin]) -> Origin:
    """Return the origin of a resource from the origins of its texts: ``machine`` if any text is from a machine."""
    return min(origins, key=_ORIGIN_RANKS.__getitem__)
