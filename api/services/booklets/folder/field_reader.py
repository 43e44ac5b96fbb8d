"""Reading the fields of a content folder from YAML nodes, collecting issues with their lines."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from api.domain.errors import FolderIssue, InvalidTextError
from api.domain.issue_code import IssueCode
from api.domain.slug import MAX_SLUG_LENGTH, is_slug
from api.domain.text import normalise
from api.services.booklets.folder.nodes import InvalidNode, ListNode, MappingNode, Node, ScalarNode

_Member = TypeVar("_Member", bound=StrEnum)
_POSITIVE_INT = re.compile(r"[1-9][0-9]*")
MAX_WHOLE_NUMBER = 2**31 - 1

_TEXT_MESSAGES = {
    IssueCode.EMPTY: "is empty",
    IssueCode.TOO_LONG: "is longer than {limit} characters",
    IssueCode.NOT_ONE_LINE: "should be a single line",
    IssueCode.UNBALANCED_EMPHASIS: "has emphasis that is not one * before and one * after words of a paragraph",
    IssueCode.SURROGATE: "contains a lone surrogate ({character})",
    IssueCode.INVISIBLE_CHARACTER: "contains an invisible character ({character})",
    IssueCode.CONTROL_CHARACTER: "contains a control character ({character})",
}


@dataclass(slots=True)
class FieldReader:
    """A reader for the fields of one file. For an invalid value, a method adds an issue and returns None."""

    file: str
    issues: list[FolderIssue] = field(default_factory=list)
    # False if part of the file could not be read. References to resources in this part cannot be checked.
    is_complete: bool = True

    def add_issue(self, line: int, name: str, message: str) -> None:
        """Add an issue for the field ``name``, such as "units.body.en", or for the whole file ("file")."""
        self.issues.append(FolderIssue(self.file, line, name, message))

    def read_mapping(self, node: Node, name: str, allowed: Collection[str]) -> MappingNode | None:
        """Return a mapping. Keys that are not ``allowed`` are reported, but are not removed."""
        if not isinstance(node, MappingNode):
            self._expect(node, name, "a mapping (key: value)")
            return None
        for key in node.items:
            if key not in allowed:
                path = f"{name}.{key}" if name else key
                self.add_issue(node.lines[key], path, f"unknown key; allowed keys: {', '.join(allowed)}")
        return node

    def read_block(self, node: Node, name: str) -> str | None:
        """Return a text that may have several lines, normalised (see ``domain.text.normalise``)."""
        return self._read_text(node, name, is_block=True)

    def read_line(self, node: Node, name: str) -> str | None:
        """Return a text of a single line, normalised (see ``domain.text.normalise``)."""
        return self._read_text(node, name, is_block=False)

    def read_slug(self, node: Node, name: str) -> str | None:
        """Return a slug or key."""
        text = self.read_line(node, name)
        if text is not None and not is_slug(text):
            rule = f"a-z and 0-9, single hyphens between them, at most {MAX_SLUG_LENGTH} characters, not 'random'"
            self.add_issue(node.line, name, f"{text!r} is not a valid slug: {rule}")
            return None
        return text

    def read_slugs(self, node: Node, name: str) -> list[str] | None:
        """Return a list of slugs or keys without duplicates. Invalid items are reported and left out."""
        if not isinstance(node, ListNode):
            self._expect(node, name, "a list")
            return None
        items = [self.read_slug(item, f"{name}[{index}]") for index, item in enumerate(node.items)]
        slugs = [slug for slug in items if slug is not None]
        if len(set(slugs)) < len(slugs):
            self._expect(node, name, "a list without duplicates")
            return None
        return slugs

    def read_member(self, node: Node, name: str, allowed: Collection[_Member]) -> _Member | None:
        """Return the member of ``allowed`` that has this value."""
        value = node.value if isinstance(node, ScalarNode) else None
        member = next((member for member in allowed if member.value == value), None)
        if member is None:
            self._expect(node, name, "one of " + ", ".join(member.value for member in allowed))
        return member

    def read_number(self, node: Node, name: str) -> int | None:
        """Return a whole number from 1 to MAX_WHOLE_NUMBER."""
        if not isinstance(node, ScalarNode) or node.type != "int" or not _POSITIVE_INT.fullmatch(node.value):
            self._expect(node, name, "a whole number, 1 or more")
            return None
        # Check the length first: converting a million digits takes too long.
        number = int(node.value) if len(node.value) < 12 else MAX_WHOLE_NUMBER + 1
        if number > MAX_WHOLE_NUMBER:
            self._expect(node, name, f"at most {MAX_WHOLE_NUMBER}")
            return None
        return number

    def _read_text(self, node: Node, name: str, *, is_block: bool) -> str | None:
        if not isinstance(node, ScalarNode):
            self._expect(node, name, "text")
            return None
        if node.type != "str":
            self._expect(node, name, f"text; put {node.value!r} in quotes, because YAML reads it as {node.type}")
            return None
        try:
            return normalise(node.value, is_block=is_block)
        except InvalidTextError as error:
            self.add_issue(node.line, name, "the text " + _TEXT_MESSAGES[error.code].format(**error.data))
            return None

    def _expect(self, node: Node, name: str, expected: str) -> None:
        if not isinstance(node, InvalidNode):
            self.add_issue(node.line, name or "file", f"should be {expected}")
