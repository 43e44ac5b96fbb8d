"""What changed between two texts, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from api.domain.text import tokens


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that stayed (``equal``), is new (``insert``) or is gone (``delete``)."""

    op: str
    text: str


def find_changes(old: str, new: str) -> list[Change]:
    """How ``new`` came from ``old``: the equal and deleted stretches joined are the old text, without them the new."""
    before, after = list(tokens(old)), list(tokens(new))
    found: list[Change] = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for op, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if op == "equal":
            found.append(Change("equal", "".join(before[a_from:a_to])))
            continue
        if a_from < a_to:
            found.append(Change("delete", "".join(before[a_from:a_to])))
        if b_from < b_to:
            found.append(Change("insert", "".join(after[b_from:b_to])))
    return found
