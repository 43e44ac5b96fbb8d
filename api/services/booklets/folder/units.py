"""The units of one resource of a folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from api.domain.kind import Field, Kind, parse_unit_id
from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.booklets.folder.model import FolderUnit
from api.services.booklets.folder.nodes import Node, Table
from api.services.booklets.folder.printed import parse_printed
from api.services.booklets.folder.shapes import FieldReader, is_null

_Word = TypeVar("_Word", bound=StrEnum)
ABOUT_TARGET = ("state", "origin", "tool", "reviewed_by")
UNIT_KEYS = ("en", "cy", "state", "origin", "tool", "reviewed_by", "source_origin", "printed", "stands_in", "note")
_TARGET_STATES = (State.INITIAL, State.TRANSLATED, State.REVIEWED)


def read_units(page: FieldReader, kind: Kind, node: Node, source: Language) -> tuple[FolderUnit, ...]:
    """The units in the order of the kind's fields; at least one, or it is a fault."""
    table = page.table(node, "units", [field.name for field in kind.fields])
    if table is None:
        return ()
    if not table.items:
        page.refuse(table.line, "units", "a resource has at least one text")
    found = []
    for field in kind.fields:
        given = table.items.get(field.name)
        inner = page.table(given, f"units.{field.name}", UNIT_KEYS) if given is not None else None
        if inner is not None:
            found.append(_Reading(page, field, inner, table.lines[field.name], source).read())
    return tuple(found)


@dataclass(slots=True)
class _Reading:
    page: FieldReader
    field: Field
    table: Table
    line: int
    source: Language

    def read(self) -> FolderUnit:
        texts = {language: text for language in Language if (text := self._text(language.value))}
        if is_null(self.table.items.get(self.source.value)):
            self._refuse(
                self.source.value, self.source.value, f"has no text in its source language, {self.source.value}"
            )
        origin = self._word("origin", tuple(Origin))
        state = self._word("state", _TARGET_STATES)
        unit = FolderUnit(
            field=self.field.name,
            texts=texts,
            state=state,
            origin=origin,
            tool=self._line("tool"),
            source_origin=self._word("source_origin", tuple(Origin)) or Origin.HUMAN,
            reviewed_by=self._line("reviewed_by"),
            note=self._text("note", is_block=True),
            printed=self._line("printed"),
            stands_in=self._line("stands_in"),
            file=self.page.file,
            line=self.line,
            lines=self.table.lines,
        )
        self._check_target()
        self._check_places(unit)
        return unit

    def _check_target(self) -> None:
        """What goes with a target stands there with it, and only with it."""
        if is_null(self.table.items.get(self.source.other.value)):
            for key in ABOUT_TARGET:
                if not is_null(self.table.items.get(key)):
                    self._refuse(key, key, f"is said of a text in {self.source.other.value}, and there is none")
            return
        for key in ("state", "origin"):
            if is_null(self.table.items.get(key)):
                self._refuse("", key, f"is needed with a text in {self.source.other.value}")
        self._check_pair("origin", Origin.MACHINE.value, "tool")
        self._check_pair("state", State.REVIEWED.value, "reviewed_by")

    def _check_pair(self, key: str, value: str, partner: str) -> None:
        has_value = getattr(self.table.items.get(key), "value", None) == value
        has_partner = not is_null(self.table.items.get(partner))
        if has_value and not has_partner:
            self._refuse(key, partner, f"is needed where {key} is {value}")
        elif has_partner and not has_value:
            self._refuse(partner, partner, f"is only said where {key} is {value}")

    def _check_places(self, unit: FolderUnit) -> None:
        if unit.printed is not None and parse_printed(unit.printed) is None:
            self._refuse("printed", "printed", 'should name lines in order, like "14", "91-93" or "129+131"')
        if unit.stands_in is not None and parse_unit_id(unit.stands_in) is None:
            self._refuse("stands_in", "stands_in", f"{unit.stands_in!r} is no unit's id (kind.key.field)")

    def _refuse(self, at: str, name: str, message: str) -> None:
        self.page.refuse(self.table.lines.get(at, self.line), f"units.{self.field.name}.{name}", message)

    def _text(self, key: str, *, is_block: bool | None = None) -> str | None:
        node = self.table.items.get(key)
        if node is None or is_null(node):
            return None
        block = self.field.is_block if is_block is None else is_block
        return self.page.text(node, f"units.{self.field.name}.{key}", is_block=block)

    def _line(self, key: str) -> str | None:
        return self._text(key, is_block=False)

    def _word(self, key: str, allowed: Collection[_Word]) -> _Word | None:
        node = self.table.items.get(key)
        if node is None or is_null(node):
            return None
        return self.page.word(node, f"units.{self.field.name}.{key}", allowed)
