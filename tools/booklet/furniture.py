"""Reading ``furniture.yaml``: the lines of a booklet that no text contains, and questions for the publisher."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from api.domain.errors import FolderIssue
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.files import read_yaml
from api.services.booklets.folder.line_reference import parse_line_reference
from api.services.booklets.folder.nodes import ListNode, MappingNode, Node

FURNITURE_FILE = "furniture.yaml"


@dataclass(frozen=True, slots=True)
class OmittedLines:
    """Lines of the booklet that are not part of any text ("5-7"), and why they were left out."""

    lines: str
    reason: str


def read_furniture(folder: Path) -> tuple[tuple[OmittedLines, ...], tuple[str, ...], list[FolderIssue]]:
    """Return the omitted lines, the questions and the issues; all are empty if there is no ``furniture.yaml``."""
    reader = FieldReader(FURNITURE_FILE)
    omitted_lines: list[OmittedLines | None] = []
    questions: list[str | None] = []
    for node in read_yaml(reader, folder, is_list=False):
        mapping = reader.read_mapping(node, "", ("left_out", "questions"))
        if mapping is not None:
            omitted_lines = [_read_omitted(reader, item, name) for item, name in _items(reader, mapping, "left_out")]
            questions = [reader.read_line(item, name) for item, name in _items(reader, mapping, "questions")]
    return tuple(filter(None, omitted_lines)), tuple(filter(None, questions)), reader.issues


def _items(reader: FieldReader, mapping: MappingNode, key: str) -> list[tuple[Node, str]]:
    """Return the items of the list at ``key``, each with its path."""
    node = mapping.items.get(key)
    if isinstance(node, ListNode):
        return [(item, f"{key}[{index}]") for index, item in enumerate(node.items)]
    reader.add_issue(mapping.lines.get(key, mapping.line), key, "should be a list")
    return []


def _read_omitted(reader: FieldReader, node: Node, name: str) -> OmittedLines | None:
    mapping = reader.read_mapping(node, name, ("lines", "reason"))
    if mapping is None:
        return None
    lines, reason = (_read_required(reader, mapping, key, name) for key in ("lines", "reason"))
    if lines is None or reason is None:
        return None
    if parse_line_reference(lines) is None:
        message = 'should be line numbers in ascending order, like "14" or "91-93"'
        reader.add_issue(mapping.lines["lines"], f"{name}.lines", message)
        return None
    return OmittedLines(lines, reason)


def _read_required(reader: FieldReader, mapping: MappingNode, key: str, name: str) -> str | None:
    node = mapping.items.get(key)
    if node is None:
        reader.add_issue(mapping.line, f"{name}.{key}", "is missing")
        return None
    return reader.read_line(node, f"{name}.{key}")
