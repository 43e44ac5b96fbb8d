"""A content folder in memory: its resources, their units, and where in which file each stands."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from api.domain.errors import WorkingResourceNotFoundError
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State

BOOKLET_FILE = "booklet.en.md"
FURNITURE_FILE = "furniture.yaml"
# The file of each kind; the first is required, and holds one resource instead of a list.
FILES: dict[str, str] = {
    kind.name: f"{kind.name if kind.name == 'collection' else kind.plural}.yaml" for kind in KINDS.values()
}


@dataclass(frozen=True, slots=True)
class FolderUnit:
    """One field of a resource: its texts by language, and what is said of the target's.

    ``state`` and ``origin`` are None where there is no target; ``printed`` names lines of the booklet ("129+131").
    Where it stood (``file``, ``line``, the line of each key in ``lines``) is no part of what it says.
    """

    field: str
    texts: dict[Language, str]
    state: State | None = None
    origin: Origin | None = None
    tool: str | None = None
    source_origin: Origin = Origin.HUMAN
    reviewed_by: str | None = None
    note: str | None = None
    printed: str | None = None
    stands_in: str | None = None
    file: str = dataclasses.field(default="", compare=False)
    line: int = dataclasses.field(default=0, compare=False)
    lines: dict[str, int] = dataclasses.field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class FolderResource:
    """One resource. ``category`` is a category's key, ``facts`` has every fact of its kind, in JSON's types."""

    id: ResourceId
    source_language: Language
    slugs: dict[Language, str | None]
    number: int | None
    category: str | None
    facet: str | None
    facts: dict[str, object]
    units: tuple[FolderUnit, ...]
    file: str = dataclasses.field(default="", compare=False)
    line: int = dataclasses.field(default=0, compare=False)
    lines: dict[str, int] = dataclasses.field(default_factory=dict, compare=False)

    def find_unit(self, name: str) -> FolderUnit | None:
        return next((unit for unit in self.units if unit.field == name), None)


@dataclass(frozen=True, slots=True)
class OmittedLines:
    """Lines of the booklet that are nobody's text, and why they were left out."""

    lines: str
    reason: str


@dataclass(frozen=True, slots=True)
class Folder:
    """All of a folder: its resources in the order of KINDS, and, for checking, the booklet that they are from."""

    key: str
    resources: tuple[FolderResource, ...]
    booklet: str | None = dataclasses.field(default=None, compare=False)
    omitted_lines: tuple[OmittedLines, ...] = dataclasses.field(default=(), compare=False)
    questions: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    def get(self, resource_id: ResourceId | str) -> FolderResource:
        """The resource with this id. Raises UnknownResource."""
        name = str(resource_id)
        for resource in self.resources:
            if str(resource.id) == name:
                return resource
        raise WorkingResourceNotFoundError(name)
