"""Reading the facts of a resource: publisher, year, author and the like."""

from __future__ import annotations

from collections.abc import Callable

from api.domain.kind import KINDS, Kind
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.nodes import MappingNode, Node, ScalarNode


def read_facts(reader: FieldReader, kind: Kind, mapping: MappingNode) -> dict[str, object]:
    """Return all facts of this kind of resource, by name. A missing fact is None, or an empty list for ``prompts``."""
    facts: dict[str, object] = {}
    for name in kind.facts:
        node = mapping.get(name)
        if node is not None:
            facts[name] = _READERS[name](reader, node, name)
        else:
            facts[name] = [] if name == "prompts" else None
    return facts


def read_facet(reader: FieldReader, kind: Kind, mapping: MappingNode) -> str | None:
    """Return a prompt's stage or a guide entry's part; None for a kind without a facet."""
    if kind.facet is None:
        return None
    return _read_choice(reader, mapping, kind.facet, kind.facet_values, name=kind.facet)


def _read_contents(reader: FieldReader, node: Node, name: str) -> dict[str, object] | None:
    """Return the kind, and the facet if any, of the list that a section introduces."""
    facets = [kind.facet for kind in KINDS.values() if kind.facet]
    mapping = reader.read_mapping(node, name, ("kind", *facets))
    if mapping is None:
        return None
    kind_name = _read_choice(reader, mapping, "kind", tuple(KINDS), name=f"{name}.kind")
    if kind_name is None:
        return None
    kind = KINDS[kind_name]
    contents: dict[str, object] = {"kind": kind_name}
    for facet in facets:
        if facet not in mapping.items:
            continue
        if facet == kind.facet:
            contents[facet] = _read_choice(reader, mapping, facet, kind.facet_values, name=f"{name}.{facet}")
        else:
            reader.add_issue(mapping.items[facet].line, f"{name}.{facet}", f"does not apply to kind {kind_name}")
    return contents


def _read_choice(
    reader: FieldReader, mapping: MappingNode, key: str, allowed: tuple[str, ...], *, name: str
) -> str | None:
    node = mapping.items.get(key)
    if isinstance(node, ScalarNode) and node.value in allowed:
        return node.value
    reader.add_issue((node or mapping).line, name, f"should be one of {', '.join(allowed)}")
    return None


_READERS: dict[str, Callable[[FieldReader, Node, str], object]] = {
    "position": FieldReader.read_number,
    "publisher": FieldReader.read_line,
    "year": FieldReader.read_number,
    "licence": FieldReader.read_line,
    "author": FieldReader.read_line,
    "part_of": FieldReader.read_slug,
    "contents": _read_contents,
    "prompts": FieldReader.read_slugs,
}
