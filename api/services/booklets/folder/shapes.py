"""Values of a YAML tree as what a content folder means by them; what is none is refused with its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from api.domain.errors import FolderIssue, InvalidTextError
from api.domain.slug import is_slug
from api.domain.text import normalise
from api.services.booklets.folder.nodes import Broken, Listing, Node, Scalar, Table

_Word = TypeVar("_Word", bound=StrEnum)
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]*")
MAX_NUMBER = 2**31 - 1

_TEXT_FAULTS = {
    "empty": "is empty",
    "too-long": "is longer than {limit} characters",
    "not-one-line": "has a line break, and is a text of one line",
    "unbalanced-emphasis": "has a * without its other half in the same paragraph",
    "surrogate": "has half a character ({character})",
    "invisible-character": "has an invisible character ({character})",
    "control-character": "has a control character ({character})",
}


@dataclass(slots=True)
class FieldReader:
    """One file while it is read. Methods give None, and note a fault, for what they cannot take."""

    file: str
    faults: list[FolderIssue] = field(default_factory=list)
    # False once a part could not even be told from the rest: then nothing is said about what may stand in it.
    is_whole: bool = True

    def refuse(self, line: int, name: str, message: str) -> None:
        self.faults.append(FolderIssue(self.file, line, name, message))

    def table(self, node: Node, name: str, allowed: Collection[str]) -> Table | None:
        """A mapping; keys that are not ``allowed`` are refused, the others still read."""
        if not isinstance(node, Table):
            self._not_a(node, name, "a mapping (key: value)")
            return None
        for key in node.items:
            if key not in allowed:
                where = f"{name}.{key}" if name else key
                self.refuse(node.lines[key], where, f"unknown key; known are {', '.join(allowed)}")
        return node

    def text(self, node: Node, name: str, *, is_block: bool) -> str | None:
        """A text as it is kept: NFC, tidy, see ``domain.text.normalise``."""
        if not isinstance(node, Scalar):
            self._not_a(node, name, "a text")
            return None
        if node.tag != "str":
            self._not_a(node, name, f"a text; put {node.value!r} in quotes, or YAML reads it as a {node.tag}")
            return None
        try:
            return normalise(node.value, is_block=is_block)
        except InvalidTextError as refused:
            self.refuse(node.line, name, "the text " + _TEXT_FAULTS[refused.code].format(**refused.data))
            return None

    def slug(self, node: Node, name: str) -> str | None:
        text = self.text(node, name, is_block=False)
        if text is not None and not is_slug(text):
            line = node.line
            self.refuse(line, name, f"{text!r} is no slug: a-z and 0-9, single hyphens between, not the word 'random'")
            return None
        return text

    def word(self, node: Node, name: str, allowed: Collection[_Word]) -> _Word | None:
        """One of ``allowed``."""
        word = next((word for word in allowed if isinstance(node, Scalar) and node.value == word.value), None)
        if word is None:
            self._not_a(node, name, "one of " + ", ".join(word.value for word in allowed))
        return word

    def whole_number(self, node: Node, name: str) -> int | None:
        """1 or more."""
        if not isinstance(node, Scalar) or node.tag != "int" or not _WHOLE_NUMBER.fullmatch(node.value):
            self._not_a(node, name, "a whole number of 1 or more")
            return None
        # A number of a million digits is refused for its length before it is made one.
        number = int(node.value) if len(node.value) < 12 else MAX_NUMBER + 1
        if number > MAX_NUMBER:
            self._not_a(node, name, f"{MAX_NUMBER} at most")
            return None
        return number

    def slugs(self, node: Node, name: str) -> list[str] | None:
        """A list of keys, none of them twice."""
        if not isinstance(node, Listing):
            self._not_a(node, name, "a list")
            return None
        keys = [self.slug(item, f"{name}[{place}]") for place, item in enumerate(node.items)]
        known = [key for key in keys if key is not None]
        if len(set(known)) < len(known):
            self._not_a(node, name, "a list in which no key stands twice")
            return None
        return known

    def _not_a(self, node: Node, name: str, wanted: str) -> None:
        if not isinstance(node, Broken):
            self.refuse(node.line, name or "file", f"should be {wanted}")


def is_null(node: Node | None) -> bool:
    """Is nothing said here: no such key, or an explicit null?"""
    return node is None or (isinstance(node, Scalar) and node.tag == "null")
