"""The facts of each kind as they stand in a folder: their form, one function a fact."""

from __future__ import annotations

from collections.abc import Callable

from api.domain.kind import KINDS, Kind
from api.services.booklets.folder.nodes import Node, Scalar, Table
from api.services.booklets.folder.shapes import FieldReader, is_null


def read_facts(page: FieldReader, kind: Kind, table: Table) -> dict[str, object]:
    """Every fact of the kind; what is not given is null (of a list: empty)."""
    return {name: _READERS[name](page, table.items.get(name), name) for name in kind.facts}


def read_facet(page: FieldReader, kind: Kind, table: Table) -> str | None:
    """A prompt's stage, a guide's part; None for a kind that has no such thing."""
    if kind.facet is None:
        return None
    return _one_of(page, table.items.get(kind.facet), kind.facet, kind.facet_values, table.line)


def _line(page: FieldReader, node: Node | None, name: str) -> object:
    return None if node is None or is_null(node) else page.text(node, name, is_block=False)


def _number(page: FieldReader, node: Node | None, name: str) -> object:
    return None if node is None or is_null(node) else page.whole_number(node, name)


def _key(page: FieldReader, node: Node | None, name: str) -> object:
    return None if node is None or is_null(node) else page.slug(node, name)


def _keys(page: FieldReader, node: Node | None, name: str) -> object:
    return [] if node is None or is_null(node) else page.slugs(node, name)


def _contents(page: FieldReader, node: Node | None, name: str) -> object:
    """The list that a section is printed around: a kind, and of a kind with parts the part."""
    if node is None or is_null(node):
        return None
    facets = tuple(kind.facet for kind in KINDS.values() if kind.facet)
    table = page.table(node, name, ("kind", *facets))
    if table is None:
        return None
    of = _one_of(page, table.items.get("kind"), f"{name}.kind", tuple(KINDS), table.line)
    if of is None:
        return None
    found: dict[str, object] = {"kind": of}
    for facet in facets:
        node = table.items.get(facet)
        if node is None:
            continue
        allowed = KINDS[of].facet_values if KINDS[of].facet == facet else ()
        found[facet] = _one_of(page, node, f"{name}.{facet}", allowed, table.line)
    return found


def _one_of(page: FieldReader, node: Node | None, name: str, allowed: tuple[str, ...], line: int) -> str | None:
    if isinstance(node, Scalar) and node.value in allowed:
        return node.value
    line = node.line if node is not None else line
    page.refuse(line, name, f"should be one of {', '.join(allowed)}" if allowed else "is not of this kind")
    return None


_READERS: dict[str, Callable[[FieldReader, Node | None, str], object]] = {
    "position": _number,
    "publisher": _line,
    "year": _number,
    "licence": _line,
    "author": _line,
    "part_of": _key,
    "contents": _contents,
    "prompts": _keys,
}
