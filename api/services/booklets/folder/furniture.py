"""What of the booklet was left out, and why, and what only its publisher can answer."""

from __future__ import annotations

from collections.abc import Iterable

from api.services.booklets.folder.model import OmittedLines
from api.services.booklets.folder.nodes import Listing, Node, Table
from api.services.booklets.folder.printed import parse_printed
from api.services.booklets.folder.shapes import FieldReader


def read_omitted_lines(page: FieldReader, nodes: Iterable[Node]) -> tuple[tuple[OmittedLines, ...], tuple[str, ...]]:
    """The lines that were left out, and the open questions; neither where there is no such file."""
    for node in nodes:
        table = page.table(node, "", ("left_out", "questions"))
        if table is not None:
            left_out = [_read_left_out(page, item, name) for item, name in _items(page, table, "left_out")]
            questions = [page.text(item, name, is_block=False) for item, name in _items(page, table, "questions")]
            return tuple(entry for entry in left_out if entry), tuple(text for text in questions if text)
    return (), ()


def _items(page: FieldReader, table: Table, key: str) -> list[tuple[Node, str]]:
    node = table.items.get(key)
    if isinstance(node, Listing):
        return [(item, f"{key}[{place}]") for place, item in enumerate(node.items)]
    page.refuse(table.lines.get(key, table.line), key, "should be a list")
    return []


def _read_left_out(page: FieldReader, node: Node, name: str) -> OmittedLines | None:
    table = page.table(node, name, ("lines", "reason"))
    if table is None:
        return None
    texts = []
    for key in ("lines", "reason"):
        item = table.items.get(key)
        if item is None:
            page.refuse(table.line, f"{name}.{key}", "is missing")
        else:
            texts.append(page.text(item, f"{name}.{key}", is_block=False))
    if len(texts) < 2 or texts[0] is None or texts[1] is None:
        return None
    if parse_printed(texts[0]) is None:
        page.refuse(table.lines["lines"], f"{name}.lines", 'should name lines, like "14" or "91-93"')
        return None
    return OmittedLines(texts[0], texts[1])
