"""Reading the units of a resource: texts in both languages, with the metadata of the translation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from api.domain.kind import Field, Kind, parse_unit_id
from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.line_reference import parse_line_reference
from api.services.booklets.folder.model import FolderUnit
from api.services.booklets.folder.nodes import MappingNode, Node, ScalarNode

_Member = TypeVar("_Member", bound=StrEnum)
_TARGET_KEYS = ("state", "origin", "tool", "reviewed_by")
_UNIT_KEYS = ("en", "cy", *_TARGET_KEYS, "source_origin", "printed", "stands_in", "note")
_TARGET_STATES = (State.INITIAL, State.TRANSLATED, State.REVIEWED)


def read_units(reader: FieldReader, kind: Kind, node: Node, source: Language) -> tuple[FolderUnit, ...]:
    """Return the units of a resource in the order of the kind's fields. Report a resource without units."""
    mapping = reader.read_mapping(node, "units", [field.name for field in kind.fields])
    if mapping is None:
        return ()
    if not mapping.items:
        reader.add_issue(mapping.line, "units", "should contain at least one text")
    units = []
    for field in kind.fields:
        unit_node = mapping.items.get(field.name)
        if unit_node is None:
            continue
        unit_mapping = reader.read_mapping(unit_node, f"units.{field.name}", _UNIT_KEYS)
        if unit_mapping is not None:
            units.append(_UnitReader(reader, field, unit_mapping, mapping.lines[field.name], source).read())
    return tuple(units)


@dataclass(slots=True)
class _UnitReader:
    reader: FieldReader
    field: Field
    mapping: MappingNode
    line: int
    source: Language

    def read(self) -> FolderUnit:
        unit = FolderUnit(
            field=self.field.name,
            texts=self._read_texts(),
            origin=self._read_member("origin", tuple(Origin)),
            state=self._read_member("state", _TARGET_STATES),
            tool=self._read_line("tool"),
            source_origin=self._read_member("source_origin", tuple(Origin)) or Origin.HUMAN,
            reviewed_by=self._read_line("reviewed_by"),
            note=self._read_block("note"),
            printed=self._read_line("printed"),
            stands_in=self._read_line("stands_in"),
            file=self.reader.file,
            line=self.line,
            lines=self.mapping.lines,
        )
        self._check_target_keys()
        self._check_references(unit)
        return unit

    def _read_texts(self) -> dict[Language, str]:
        read = self._read_block if self.field.is_block else self._read_line
        texts = {language: text for language in Language if (text := read(language.value))}
        source = self.source.value
        if self.mapping.get(source) is None:
            self._add_issue(source, f"is required: {source} is the source language")
        return texts

    def _check_target_keys(self) -> None:
        """Check the keys that describe a translation.

        A unit without a translation may not have these keys. A unit with a translation needs ``state`` and ``origin``.
        """
        target = self.source.other.value
        if self.mapping.get(target) is None:
            for key in _TARGET_KEYS:
                if self.mapping.get(key) is not None:
                    self._add_issue(key, f"is only allowed with a text in {target}")
            return
        for key in ("state", "origin"):
            if self.mapping.get(key) is None:
                self._add_issue(key, f"is required with a text in {target}", line=self.line)
        self._check_pair("origin", Origin.MACHINE.value, "tool")
        self._check_pair("state", State.REVIEWED.value, "reviewed_by")

    def _check_pair(self, key: str, value: str, partner: str) -> None:
        """Check that ``partner`` is present if ``key`` has this value, and absent otherwise."""
        node = self.mapping.get(key)
        has_value = isinstance(node, ScalarNode) and node.value == value
        has_partner = self.mapping.get(partner) is not None
        if has_value and not has_partner:
            self._add_issue(partner, f"is required if {key} is {value}", line=self.mapping.lines[key])
        elif has_partner and not has_value:
            self._add_issue(partner, f"is only allowed if {key} is {value}")

    def _check_references(self, unit: FolderUnit) -> None:
        if unit.printed is not None and parse_line_reference(unit.printed) is None:
            self._add_issue("printed", 'should be line numbers in ascending order, like "14", "91-93" or "129+131"')
        if unit.stands_in is not None and parse_unit_id(unit.stands_in) is None:
            self._add_issue("stands_in", f"{unit.stands_in!r} is not a unit id (kind.key.field)")

    def _add_issue(self, key: str, message: str, *, line: int | None = None) -> None:
        line = line or self.mapping.lines.get(key, self.line)
        self.reader.add_issue(line, self._path_of(key), message)

    def _read_block(self, key: str) -> str | None:
        node = self.mapping.get(key)
        return None if node is None else self.reader.read_block(node, self._path_of(key))

    def _read_line(self, key: str) -> str | None:
        node = self.mapping.get(key)
        return None if node is None else self.reader.read_line(node, self._path_of(key))

    def _read_member(self, key: str, allowed: Collection[_Member]) -> _Member | None:
        node = self.mapping.get(key)
        return None if node is None else self.reader.read_member(node, self._path_of(key), allowed)

    def _path_of(self, key: str) -> str:
        return f"units.{self.field.name}.{key}"
