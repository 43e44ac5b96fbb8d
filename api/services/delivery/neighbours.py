"""What stands beside what, release by release: whose answers link to another neighbour after one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from api.domain.language import Language
from api.domain.state import MinState, State
from api.models import Edition
from api.services.publishing.snapshot import Snapshot, at_release

Group = tuple[str, int | None, str | None]
# By each rule that a reader may have (a language, or either; how far reviewed): who is before, and who is after.
Sides = tuple[tuple[str | None, str | None] | None, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A resource's place among its own kind from one release on; not public, it stands nowhere."""

    row_id: int
    shelf: Group
    rank: int
    slug: str
    states: tuple[State | None, State | None]
    is_public: bool


# By each rule: in which of a resource's two languages it may be served, at which state.
_RULES = tuple((min_state, languages) for min_state in MinState for languages in ((0,), (1,), (0, 1)))


class NeighbourIndex:
    """The resources of some kinds, in order, as public at a release."""

    def __init__(self, standing: Iterable[Position]) -> None:
        self._by_row: dict[int, Position] = {}
        self._rows: dict[Group, set[int]] = {}
        for one in standing:
            self._put(one)

    def advance(self, begun: Iterable[Position]) -> set[int]:
        """Go on to the next release, with what begins there. The row ids of those that have other neighbours now."""
        moved = [one for one in begun if self._by_row.get(one.row_id) != one]
        old = [self._by_row[one.row_id] for one in moved if one.row_id in self._by_row]
        shelves = {one.shelf for one in chain(moved, old)}
        before = {row_id: sides for shelf in shelves for row_id, sides in self._neighbours(shelf)}
        for one in moved:
            self._put(one)
        after = {row_id: sides for shelf in shelves for row_id, sides in self._neighbours(shelf)}
        return {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)}

    def _put(self, one: Position) -> None:
        old = self._by_row.pop(one.row_id, None)
        if old is not None:
            self._rows[old.shelf].discard(one.row_id)
        if one.is_public:
            self._by_row[one.row_id] = one
            self._rows.setdefault(one.shelf, set()).add(one.row_id)

    def _neighbours(self, shelf: Group) -> Iterator[tuple[int, Sides]]:
        row = sorted((self._by_row[i] for i in self._rows.get(shelf, ())), key=lambda one: (one.rank, one.row_id))
        by_rule: list[dict[int, tuple[str | None, str | None]]] = []
        for min_state, languages in _RULES:
            served = [one for one in row if any(_admits(min_state, one.states[place]) for place in languages)]
            slugs = [None, *(one.slug for one in served), None]
            by_rule.append({one.row_id: (slugs[i], slugs[i + 2]) for i, one in enumerate(served)})
        for one in row:
            yield one.row_id, tuple(sides.get(one.row_id) for sides in by_rule)


def _admits(min_state: MinState, state: State | None) -> bool:
    return state is not None and min_state.admits(state)


def read_positions(
    session: Session, number: int, kinds: set[str], suppressed: set[int], *, is_begun: bool = False
) -> Iterator[Position]:
    """Where the resources of these kinds stand at a release, or those whose editions begin with it.

    What was emptied since does not say any more where it stood: it counts as having been public in every state.
    """
    cy, en = aliased(Edition), aliased(Edition)
    when = cy.first_release == number if is_begun else at_release(cy, Snapshot(number, is_current=False))
    query = (
        select(
            cy.resource_id, cy.kind, cy.collection_id, cy.facet, cy.rank, cy.slugs, cy.source_language, cy.withdrawn,
            cy.end_release, cy.state, en.state,
        )
        .join(en, and_(en.resource_id == cy.resource_id, en.first_release == cy.first_release))
        .where(cy.language == Language.CY.value, en.language == Language.EN.value, cy.kind.in_(kinds), when)
    )  # fmt: skip
    for row in session.execute(query):
        states = tuple(State(state) if state else None for state in row[-2:])
        is_public = not row.withdrawn
        if row.resource_id in suppressed and row.end_release is not None:
            states, is_public = (State.SOURCE, State.SOURCE), True
        shelf = (row.kind, row.collection_id, row.facet)
        slug = row.slugs[row.source_language]
        yield Position(row.resource_id, shelf, row.rank, slug, (states[0], states[1]), is_public)
