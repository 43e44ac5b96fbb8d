"""Differences between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.domain.text import split_tokens

# The maximum number of steps of one comparison, enough for a few hundred changed words. A limit is needed so that no
# pair of texts can block other requests. Text beyond the limit is returned as one deletion and one insertion.
MAX_STEPS = 150_000
_PARAGRAPHS = re.compile(r"\n\n|(?:(?!\n\n)[\s\S])+")


@dataclass(frozen=True, slots=True)
class TextChangePart:
    """A part of a text that is unchanged (``equal``), inserted (``insert``) or deleted (``delete``)."""

    op: str
    text: str


@lru_cache(maxsize=256)
def find_changes(old: str, new: str) -> tuple[TextChangePart, ...]:
    """Return the changes from ``old`` to ``new``.

    Joining the equal and deleted parts gives the old text. Joining the equal and inserted parts gives the new text.
    Unchanged paragraphs are found first, then unchanged words between them. Both steps use Myers' algorithm ("An O(ND)
    Difference Algorithm and Its Variations", 1986), which finds the fewest insertions and deletions.
    """
    budget = _Budget()
    parts: list[tuple[str, str]] = []
    for is_equal, before, after in _align(_PARAGRAPHS.findall(old), _PARAGRAPHS.findall(new), budget):
        if is_equal:
            parts.append(("equal", before))
            continue
        for is_same, deleted, inserted in _align(list(split_tokens(before)), list(split_tokens(after)), budget):
            parts += [("equal", deleted)] if is_same else [("delete", deleted), ("insert", inserted)]
    return tuple(_merge_runs(parts))


def _merge_runs(parts: Sequence[tuple[str, str]]) -> Iterator[TextChangePart]:
    """Drop empty parts and join adjacent parts of the same kind. Put each deletion before the insertion next to it."""
    texts = {"equal": "", "delete": "", "insert": ""}
    for op, text in (*parts, ("end", "")):
        if op == "equal" and text and (texts["delete"] or texts["insert"]):
            yield from _flush(texts, "delete", "insert")
        elif op != "equal" and (text or op == "end") and texts["equal"]:
            yield from _flush(texts, "equal")
        if op != "end":
            texts[op] += text
    yield from _flush(texts, "delete", "insert")


def _flush(texts: dict[str, str], *ops: str) -> Iterator[TextChangePart]:
    for op in ops:
        if texts[op]:
            yield TextChangePart(op, texts[op])
            texts[op] = ""


class _Budget:
    """The steps that one comparison may still take."""

    def __init__(self) -> None:
        self.steps_left = MAX_STEPS


def _align(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[bool, str, str]]:
    """Yield aligned runs of two sequences, as tuples: whether the runs are equal, the old run, the new run."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    head, tail = "".join(old[:start]), "".join(old[len(old) - end :])
    yield True, head, head
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    at_a = at_b = 0
    for i, j in (*_match(a, b, budget), (len(a), len(b))):
        if (i, j) != (at_a, at_b):
            yield False, "".join(a[at_a:i]), "".join(b[at_b:j])
        if i < len(a):
            yield True, a[i], b[j]
        at_a, at_b = i + 1, j + 1
    yield True, tail, tail


def _match(a: Sequence[str], b: Sequence[str], budget: _Budget) -> list[tuple[int, int]]:
    """Return the indexes, in ``a`` and ``b``, of the items that a shortest edit from ``a`` to ``b`` leaves unchanged.

    Return no pairs if the search would exceed the budget.
    """
    if not a or not b:
        return []
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(len(a) + len(b) + 1):
        trace.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            x = _step(furthest, edits, diagonal)
            budget.steps_left -= 1
            while x < len(a) and x - diagonal < len(b) and a[x] == b[x - diagonal]:
                x += 1
                budget.steps_left -= 1
            furthest[diagonal] = x
            if x >= len(a) and x - diagonal >= len(b):
                return _walk_back(trace, len(a), len(b))
        if budget.steps_left < 0:
            break
    return []


def _step(furthest: dict[int, int], edits: int, diagonal: int) -> int:
    """Return the furthest position on this diagonal after one more edit: an insertion or a deletion."""
    is_insert = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
    return furthest[diagonal + 1] if is_insert else furthest[diagonal - 1] + 1


def _walk_back(trace: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    matches: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, diagonal = trace[edits], x - y
        start = _step(furthest, edits, diagonal)
        while x > start and x > 0 and y > 0:
            x, y = x - 1, y - 1
            matches.append((x, y))
        is_insert = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        x, y = (x, y - 1) if is_insert else (x - 1, y)
    return matches[::-1]
