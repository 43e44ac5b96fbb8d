"""The kinds of resource, with the texts and facts of each.

The differences between kinds are in this table; few other modules test for a particular kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """A translatable text of a kind. ``is_block`` texts have paragraphs and are also served as HTML."""

    name: str
    is_block: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource. ``name`` is used in ids and JSON, ``plural`` in URLs.

    ``title_field`` is the text shown as the resource's name in other resources. Every resource has the ``required``
    texts; the other ``fields`` are optional.
    """

    name: str
    plural: str
    fields: tuple[Field, ...]
    title_field: str
    required: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    facet: str | None = None
    facet_values: tuple[str, ...] = ()
    has_category: bool = False
    has_number: bool = False
    has_collection_in_slug: bool = False
    slug_fields: tuple[str, ...] = ()

    def get_field(self, name: str) -> Field:
        """Return the field with this name. Raises StopIteration if there is none."""
        return next(f for f in self.fields if f.name == name)


def _line(name: str) -> Field:
    return Field(name)


def _block(name: str) -> Field:
    return Field(name, is_block=True)


COLLECTION = Kind(
    name="collection",
    plural="collections",
    fields=(_line("title"), _line("strapline"), _line("funding")),
    title_field="title",
    required=("title",),
    facts=("position", "publisher", "year", "licence"),
    slug_fields=("title",),
)
SECTION = Kind(
    name="section",
    plural="sections",
    fields=(
        _line("title"),
        _line("subtitle"),
        _block("body"),
        _block("closing"),
        _block("highlight"),
        _line("role"),
    ),
    title_field="title",
    required=("title",),
    facts=("author", "part_of", "contents"),
    has_collection_in_slug=True,
    slug_fields=("title",),
)
CATEGORY = Kind(
    name="category",
    plural="categories",
    fields=(_line("name"), _block("description")),
    title_field="name",
    required=("name",),
    slug_fields=("name",),
)
MOMENT = Kind(
    name="moment",
    plural="moments",
    fields=(_line("title"), _block("body"), _block("highlight")),
    title_field="title",
    required=("title", "body"),
    has_category=True,
    has_number=True,
    slug_fields=("title",),
)
GROUND_RULE = Kind(
    name="ground-rule", plural="ground-rules", fields=(_block("text"),), title_field="text", required=("text",)
)
PROMPT = Kind(
    name="prompt",
    plural="prompts",
    fields=(_block("text"),),
    title_field="text",
    required=("text",),
    facet="stage",
    facet_values=("framing", "response", "reflection", "after"),
)
GUIDE = Kind(
    name="guide",
    plural="guide",
    fields=(_line("title"), _block("body"), _block("text"), _line("heading"), _line("lead")),
    title_field="title",
    facts=("prompts",),
    facet="part",
    facet_values=("requirement", "step", "key-word"),
    # Key words have no title: the slugs of a key word are made from its text.
    slug_fields=("title", "text"),
)

# Kinds are loaded and listed in this order: a kind comes before the kinds that refer to it.
KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (COLLECTION, SECTION, CATEGORY, MOMENT, GROUND_RULE, PROMPT, GUIDE)
}
PLURALS: dict[str, Kind] = {kind.plural: kind for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The id of a resource, ``{kind}.{key}``. It is fixed when the resource is created, and never changed or reused."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.key}"


@dataclass(frozen=True, slots=True)
class UnitId:
    """The id of a unit, ``{kind}.{key}.{field}``: a valid id in XLIFF 2 (an NMTOKEN)."""

    resource: ResourceId
    field: str = field(default="")

    def __str__(self) -> str:
        return f"{self.resource}.{self.field}"


def parse_resource_id(text: str) -> ResourceId | None:
    """Return the id in ``text``, or None if it is malformed."""
    kind, dot, key = text.partition(".")
    return ResourceId(kind, key) if dot and kind in KINDS and key and "." not in key else None


def parse_unit_id(text: str) -> UnitId | None:
    """Return the unit's id in ``text``, or None if the id is malformed or the kind has no such field."""
    head, dot, name = text.rpartition(".")
    resource = parse_resource_id(head) if dot else None
    if resource is None or all(f.name != name for f in KINDS[resource.kind].fields):
        return None
    return UnitId(resource, name)
