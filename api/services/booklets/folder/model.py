"""A content folder in memory: resources and their units, each with its file and line."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from api.domain.errors import WorkingResourceNotFoundError
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State

# The file of each kind. The file of the collection is required and holds one resource; the other files hold lists.
FILES: dict[str, str] = {
    kind.name: f"{kind.name if kind.name == 'collection' else kind.plural}.yaml" for kind in KINDS.values()
}
# Files for editors. A folder may contain them, but the service does not read them.
EDITORIAL_FILES = frozenset({"booklet.en.md", "furniture.yaml"})


@dataclass(frozen=True, slots=True)
class FolderUnit:
    """One field of a resource: its texts by language and the metadata of its translation.

    ``state`` and ``origin`` are None if there is no translation. ``printed`` refers to lines of the printed booklet
    ("129+131"); ``stands_in`` is the id of the unit whose text contains this one. ``file``, ``line`` and ``lines`` (by
    key) are for error messages; comparisons ignore them.
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
    """One resource. ``category`` is a category's key; ``facts`` has every fact of the kind, as JSON types."""

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


@dataclass(frozen=True, slots=True)
class Folder:
    """A whole folder. ``key`` is the key of the collection; the resources are in the order of KINDS."""

    key: str
    resources: tuple[FolderResource, ...]

    def get(self, resource_id: ResourceId | str) -> FolderResource:
        """Return the resource with this id. Raises WorkingResourceNotFoundError."""
        name = str(resource_id)
        for resource in self.resources:
            if str(resource.id) == name:
                return resource
        raise WorkingResourceNotFoundError(name)
