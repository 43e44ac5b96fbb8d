"""YAML as a small tree in which every value knows its line, built from the parser's events.

Events and not the parser's own tree, for two reasons: that tree has already followed the aliases that are refused here,
and of a list of 60,000 resources it would hold all at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

MAX_DEPTH = 8
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML may hold unescaped; a parser's own complaint would not name the line.
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESOLVER = yaml.SafeLoader("")

Refuse = Callable[[int, str, str], None]


@dataclass(slots=True)
class Scalar:
    value: str
    is_plain: bool
    line: int

    @property
    def tag(self) -> str:
        """What YAML takes it for: ``str``, ``int``, ``null``, ``bool``, ``timestamp`` …"""
        if not self.is_plain:
            return "str"
        return resolve_plain(self.value)


@dataclass(slots=True)
class Listing:
    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    line: int
    items: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Broken:
    """Stands for a value that was refused already."""

    line: int


Node = Scalar | Listing | Table | Broken


@lru_cache(maxsize=2048)
def resolve_plain(value: str) -> str:
    """What a YAML 1.1 reader takes the unquoted ``value`` for."""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag.rpartition(":")[2]


def read_nodes(text: str, refuse: Refuse, *, is_list: bool) -> Iterator[Node]:
    """The items of a document that is a list, one at a time, or the one value that it is; nothing of an empty one.

    What YAML allows and a content folder does not (aliases, tags, a key twice) is refused with line, field and what it
    is, and reading goes on. Raises yaml.MarkedYAMLError where there is no going on.
    """
    yield from _Composer(yaml.parse(text, Loader=_Loader), refuse).read(is_list=is_list)


def find_unprintable(text: str) -> tuple[int, str] | None:
    """The line and the code of the first character that may not stand in YAML."""
    match = _NOT_PRINTABLE.search(text)
    return (text.count("\n", 0, match.start()) + 1, f"U+{ord(match[0]):04X}") if match else None


class _Composer:
    def __init__(self, events: Iterator[yaml.Event], refuse: Refuse) -> None:
        self._events = events
        self._refuse = refuse

    def read(self, *, is_list: bool) -> Iterator[Node]:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(_line(event), "file", "a file holds one document")
                    return
                yield from self._top(next(self._events), is_list=is_list)

    def _top(self, event: yaml.Event, *, is_list: bool) -> Iterator[Node]:
        if is_list and isinstance(event, yaml.SequenceStartEvent):
            self._refuse_marks(event, "file")
            for inner in self._until(yaml.SequenceEndEvent):
                yield self._node(inner, 2, "")
            return
        node = self._node(event, 1, "")
        if isinstance(node, Scalar) and node.tag == "null":
            return
        if is_list and not isinstance(node, Broken):
            self._refuse(node.line, "file", "should hold a list, each item beginning with a hyphen")
        else:
            yield node

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _node(self, event: yaml.Event, depth: int, path: str) -> Node:
        line = _line(event)
        is_refused = self._refuse_marks(event, path)
        if isinstance(event, yaml.AliasEvent):
            return Broken(line)
        if isinstance(event, yaml.ScalarEvent):
            return Broken(line) if is_refused else Scalar(event.value, event.implicit[0], line)
        if depth >= MAX_DEPTH:
            self._refuse(line, path, "is nested too deeply")
            self._skip()
            return Broken(line)
        node: Node
        if isinstance(event, yaml.SequenceStartEvent):
            items = self._until(yaml.SequenceEndEvent)
            node = Listing(line, [self._node(inner, depth + 1, f"{path}[{i}]") for i, inner in enumerate(items)])
        else:
            node = self._table(line, depth, path)
        return Broken(line) if is_refused else node

    def _table(self, line: int, depth: int, path: str) -> Table:
        table = Table(line)
        for event in self._until(yaml.MappingEndEvent):
            key = self._node(event, MAX_DEPTH - 1, path)
            name = key.value if isinstance(key, Scalar) else ""
            where = f"{path}.{name}" if path else name
            value = self._node(next(self._events), depth + 1, where)
            if not isinstance(key, Scalar):
                self._refuse(key.line, path or "file", "a key is one word")
            elif key.tag == "merge":
                self._refuse(key.line, where, "merge keys are not allowed: write it out")
            elif name in table.items:
                self._refuse(key.line, where, "stands here a second time")
            else:
                table.items[name] = value
                table.lines[name] = key.line
        return table

    def _refuse_marks(self, event: yaml.Event, path: str) -> bool:
        """Refuse an anchor, an alias or a tag; True for one that leaves no value to read."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._refuse(
                _line(event), path or "file", f"anchors and aliases ({sign}{anchor}) are not allowed: write it out"
            )
        if tag is not None:
            self._refuse(_line(event), path or "file", f"tags ({tag}) are not allowed")
        return tag is not None

    def _skip(self) -> None:
        depth = 1
        while depth:
            event = next(self._events)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
