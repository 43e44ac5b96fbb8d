"""An index of the neighbours of each resource, to find the responses whose links change in a release."""

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

# A kind, a collection and a facet. The resources with these three values form a group with its own order.
Group = tuple[str, int | None, str | None]
# For each rule in ``_RULES``, the slugs of the previous and the next resource. None in place of the pair if the
# resource is not served under that rule.
Neighbours = tuple[tuple[str | None, str | None] | None, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a resource in a group at one release. The group contains only public resources."""

    row_id: int
    group: Group
    rank: int
    slug: str
    states: tuple[State | None, State | None]
    is_public: bool


# All language rules. Each is a minimum state and the languages that may be served, as indices of ``Position.states``.
_RULES = tuple((min_state, indices) for min_state in MinState for indices in ((0,), (1,), (0, 1)))


class NeighbourIndex:
    """The positions of all public resources of some kinds at one release."""

    def __init__(self, positions: Iterable[Position]) -> None:
        self._by_row: dict[int, Position] = {}
        self._rows: dict[Group, set[int]] = {}
        for position in positions:
            self._put(position)

    def advance(self, positions: Iterable[Position]) -> set[int]:
        """Update the index to the next release. Return the row ids of the resources whose neighbours changed.

        ``positions`` holds the position of each edition that is new in the next release.
        """
        changed = [position for position in positions if self._by_row.get(position.row_id) != position]
        old = [self._by_row[position.row_id] for position in changed if position.row_id in self._by_row]
        groups = {position.group for position in chain(changed, old)}
        before = {row_id: neighbours for group in groups for row_id, neighbours in self._neighbours(group)}
        for position in changed:
            self._put(position)
        after = {row_id: neighbours for group in groups for row_id, neighbours in self._neighbours(group)}
        return {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)}

    def _put(self, position: Position) -> None:
        old = self._by_row.pop(position.row_id, None)
        if old is not None:
            self._rows[old.group].discard(position.row_id)
        if position.is_public:
            self._by_row[position.row_id] = position
            self._rows.setdefault(position.group, set()).add(position.row_id)

    def _neighbours(self, group: Group) -> Iterator[tuple[int, Neighbours]]:
        positions = sorted(
            (self._by_row[row_id] for row_id in self._rows.get(group, ())),
            key=lambda position: (position.rank, position.row_id),
        )
        by_rule: list[dict[int, tuple[str | None, str | None]]] = []
        for min_state, indices in _RULES:
            served = [p for p in positions if any(_admits(min_state, p.states[index]) for index in indices)]
            slugs = [None, *(position.slug for position in served), None]
            by_rule.append({position.row_id: (slugs[i], slugs[i + 2]) for i, position in enumerate(served)})
        for position in positions:
            yield position.row_id, tuple(neighbours.get(position.row_id) for neighbours in by_rule)


def _admits(min_state: MinState, state: State | None) -> bool:
    return state is not None and min_state.admits(state)


def read_positions(
    session: Session, number: int, kinds: set[str], suppressed: set[int], *, is_first: bool = False
) -> Iterator[Position]:
    """Read the positions of the resources of these kinds at a release.

    If ``is_first`` is true, read only the positions of editions that are new in this release. The states of a
    suppressed edition are no longer stored. Such an edition counts as a source text in both languages, because every
    language rule admits a source text.
    """
    cy, en = aliased(Edition), aliased(Edition)
    is_at_release = cy.first_release == number if is_first else at_release(cy, Snapshot(number, is_current=False))
    query = (
        select(
            cy.resource_id, cy.kind, cy.collection_id, cy.facet, cy.rank, cy.slugs, cy.source_language, cy.withdrawn,
            cy.end_release, cy.state.label("cy_state"), en.state.label("en_state"),
        )
        .join(en, and_(en.resource_id == cy.resource_id, en.first_release == cy.first_release))
        .where(cy.language == Language.CY.value, en.language == Language.EN.value, cy.kind.in_(kinds), is_at_release)
    )  # fmt: skip
    for row in session.execute(query):
        states, is_public = (_to_state(row.cy_state), _to_state(row.en_state)), not row.withdrawn
        if row.resource_id in suppressed and row.end_release is not None:
            states, is_public = (State.SOURCE, State.SOURCE), True
        group = (row.kind, row.collection_id, row.facet)
        yield Position(row.resource_id, group, row.rank, row.slugs[row.source_language], states, is_public)


def _to_state(value: str | None) -> State | None:
    return State(value) if value else None
