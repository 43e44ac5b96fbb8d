"""YAML as a tree of nodes with line numbers, built from the parser's events.

``yaml.compose()`` is not used because it resolves aliases, which are refused here, and because it builds the whole
document. Reading 60,000 moments one at a time takes 0.3 GB and 9 s instead of 1.4 GB and 63 s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

MAX_DEPTH = 8
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The characters that YAML does not allow. The parser refuses these characters too, but reports no line number.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESOLVER = yaml.SafeLoader("")

# A function that is called for each issue, with its line, the path of the field ("units.body.en") and the message.
ReportIssue = Callable[[int, str, str], None]


@dataclass(slots=True)
class ScalarNode:
    """A single value, as written."""

    value: str
    is_plain: bool
    line: int

    @property
    def type(self) -> str:
        """The YAML 1.1 type, such as ``str``, ``int``, ``null``, ``bool`` or ``timestamp``."""
        return resolve_plain(self.value) if self.is_plain else "str"


@dataclass(slots=True)
class ListNode:
    """A list of nodes."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """Values by key, with the line of each key."""

    line: int
    items: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``; None if the key is missing or its value is null."""
        node = self.items.get(key)
        return None if isinstance(node, ScalarNode) and node.type == "null" else node


@dataclass(slots=True)
class InvalidNode:
    """A placeholder for an invalid value that has already been reported."""

    line: int


Node = ScalarNode | ListNode | MappingNode | InvalidNode


@lru_cache(maxsize=2048)
def resolve_plain(value: str) -> str:
    """Return the type that YAML 1.1 gives to the unquoted ``value``."""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag.rpartition(":")[2]


def read_nodes(text: str, report: ReportIssue, *, is_list: bool) -> Iterator[Node]:
    """Yield the items of a list or, if ``is_list`` is false, the single value of the document.

    An empty document yields nothing. Aliases, tags and duplicate keys, which a content folder may not use, are
    reported, and reading continues. Raises yaml.MarkedYAMLError if the text is not YAML.
    """
    yield from _TreeBuilder(yaml.parse(text, Loader=_Loader), report).build(is_list=is_list)


def find_unprintable(text: str) -> tuple[int, str] | None:
    """Return the line and the code point (``U+0000``) of the first character that YAML does not allow."""
    match = _UNPRINTABLE.search(text)
    return (text.count("\n", 0, match.start()) + 1, f"U+{ord(match[0]):04X}") if match else None


class _TreeBuilder:
    def __init__(self, events: Iterator[yaml.Event], report: ReportIssue) -> None:
        self._events = events
        self._report = report

    def build(self, *, is_list: bool) -> Iterator[Node]:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._report(_line_of(event), "file", "should contain a single YAML document")
                    return
                yield from self._build_document(next(self._events), is_list=is_list)

    def _build_document(self, event: yaml.Event, *, is_list: bool) -> Iterator[Node]:
        if is_list and isinstance(event, yaml.SequenceStartEvent):
            self._check_properties(event, "file")
            for item in self._until(yaml.SequenceEndEvent):
                yield self._build_node(item, 2, "")
            return
        node = self._build_node(event, 1, "")
        if isinstance(node, ScalarNode) and node.type == "null":
            return
        if is_list and not isinstance(node, InvalidNode):
            self._report(node.line, "file", "should be a list, with a hyphen before each item")
        else:
            yield node

    def _build_node(self, event: yaml.Event, depth: int, path: str) -> Node:
        line = _line_of(event)
        is_valid = self._check_properties(event, path)
        if isinstance(event, yaml.AliasEvent):
            return InvalidNode(line)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(event.value, event.implicit[0], line)
        elif depth >= MAX_DEPTH:
            self._report(line, path, "is nested too deeply")
            self._skip_collection()
            return InvalidNode(line)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._build_list(line, depth, path)
        else:
            node = self._build_mapping(line, depth, path)
        return node if is_valid else InvalidNode(line)

    def _build_list(self, line: int, depth: int, path: str) -> ListNode:
        events = self._until(yaml.SequenceEndEvent)
        return ListNode(line, [self._build_node(event, depth + 1, f"{path}[{i}]") for i, event in enumerate(events)])

    def _build_mapping(self, line: int, depth: int, path: str) -> MappingNode:
        mapping = MappingNode(line)
        for event in self._until(yaml.MappingEndEvent):
            key = self._build_node(event, MAX_DEPTH - 1, path)
            name = key.value if isinstance(key, ScalarNode) else ""
            value_path = f"{path}.{name}" if path else name
            value = self._build_node(next(self._events), depth + 1, value_path)
            if not isinstance(key, ScalarNode):
                self._report(key.line, path or "file", "a key should be a single word")
            elif key.type == "merge":
                self._report(key.line, value_path, "merge keys are not allowed; write the keys out")
            elif name in mapping.items:
                self._report(key.line, value_path, "is a duplicate key")
            else:
                mapping.items[name] = value
                mapping.lines[name] = key.line
        return mapping

    def _check_properties(self, event: yaml.Event, path: str) -> bool:
        """Report an anchor, an alias or a tag. Return False for a tag, because a tagged value cannot be used."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = f"anchors and aliases ({sign}{anchor}) are not allowed; repeat the value"
            self._report(_line_of(event), path or "file", message)
        if tag is not None:
            self._report(_line_of(event), path or "file", f"tags ({tag}) are not allowed")
        return tag is None

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _skip_collection(self) -> None:
        """Skip the rest of the list or mapping that has just been started."""
        depth = 1
        while depth:
            event = next(self._events)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
