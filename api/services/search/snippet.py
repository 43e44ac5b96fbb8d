"""Snippets: the part of a text around the matching words, with their positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from api.domain.emoji import cut_text
from api.domain.kind import KINDS, Kind
from api.domain.word import Part, list_chunks
from api.services.search.plan import Clause, SearchPlan

MAX_SNIPPET_CHARACTERS = 240
_ELLIPSIS = "…"
Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text. ``marks`` are the start and end of each match in ``text``, in characters and in order."""

    text: str
    marks: tuple[Mark, ...]

    @property
    def html(self) -> str:
        """Return the text as HTML, with ``<mark>`` around each match."""
        parts, position = [], 0
        for start, end in self.marks:
            parts += [
                escape(self.text[position:start], quote=False),
                f"<mark>{escape(self.text[start:end], quote=False)}</mark>",
            ]
            position = end
        return "".join(parts) + escape(self.text[position:], quote=False)


def cut_snippet(kind: Kind, texts: Mapping[str, str | None], plan: SearchPlan) -> Snippet:
    """Return a snippet of the text that matches the most clauses.

    The snippet is from the title only if the title matches more clauses than any other text.
    """
    fields = [field.name for field in KINDS[kind.name].fields if field.name != kind.title_field]
    best: tuple[int, str, list[tuple[Mark, int]]] | None = None
    for name in (*fields, kind.title_field):
        text = " ".join((texts.get(name) or "").split())
        if text:
            marks = find_marks(text, plan)
            clauses = len({clause for _, clause in marks})
            if best is None or clauses > best[0]:
                best = (clauses, text, marks)
    assert best is not None, "an edition has a text"
    return _cut_window(best[1], best[2])


def find_marks(text: str, plan: SearchPlan) -> list[tuple[Mark, int]]:
    """Return the matches in ``text`` in order, each with the index of the clause that it matches."""
    parts: list[Part] = []
    marks: dict[Mark, int] = {}
    words_by_clause = [(index, {word.word for word in clause.words}) for index, clause in enumerate(plan.required)]
    for chunk in list_chunks(text, plan.language):
        parts += chunk.parts
        for part in (*chunk.parts, *([chunk.whole] if chunk.whole else [])):
            for index, words in words_by_clause:
                if part.form in words:
                    marks.setdefault((part.start, part.end), index)
    for index, clause in enumerate(plan.required):
        for mark in _find_phrase(parts, clause):
            marks.setdefault(mark, index)
    return _drop_overlaps(marks.items())


def _find_phrase(parts: Sequence[Part], clause: Clause) -> Iterable[Mark]:
    phrase = [word.word for word in clause.phrase]
    if not phrase:
        return
    for start in range(len(parts) - len(phrase) + 1):
        run = parts[start : start + len(phrase)]
        if [part.form for part in run] == phrase:
            yield run[0].start, run[-1].end


def _drop_overlaps(marks: Iterable[tuple[Mark, int]]) -> list[tuple[Mark, int]]:
    """Sort the marks. Drop a mark if it overlaps with an earlier mark, or with a longer mark at the same start."""
    remaining: list[tuple[Mark, int]] = []
    last_end = 0
    for (start, end), clause in sorted(marks, key=lambda item: (item[0][0], -item[0][1])):
        if start >= last_end:
            remaining.append(((start, end), clause))
            last_end = end
    return remaining


def _cut_window(text: str, marks: Sequence[tuple[Mark, int]]) -> Snippet:
    """Cut ``text`` to the maximum length of a snippet, at the ends of words."""
    if len(text) <= MAX_SNIPPET_CHARACTERS:
        return Snippet(text, tuple(mark for mark, _ in marks))
    start, end = _find_bounds(text, marks)
    before = _ELLIPSIS if start > 0 else ""
    after = _ELLIPSIS if end < len(text) else ""
    offset = len(before) - start
    visible = tuple((a + offset, b + offset) for (a, b), _ in marks if start <= a and b <= end)
    return Snippet(f"{before}{text[start:end]}{after}", visible)


def _find_bounds(text: str, marks: Sequence[tuple[Mark, int]]) -> tuple[int, int]:
    """Return the start and end of the window in which the most clauses match."""
    room = MAX_SNIPPET_CHARACTERS - 2 * len(_ELLIPSIS)
    first = max(
        (start for (start, _), _ in marks), key=lambda start: (_count_clauses(start, marks, room), -start), default=0
    )
    # Start the window up to a quarter of its length before the first match.
    start = max(0, min(first - room // 4, len(text) - room))
    if start > 0:
        start = text.find(" ", start, first) + 1 or first
    end = min(len(text), start + room)
    if end < len(text):
        cut = text.rfind(" ", start, end + 1)
        end = cut if cut > first else start + len(cut_text(text[start:], end - start))
    return start, end


def _count_clauses(first: int, marks: Sequence[tuple[Mark, int]], room: int) -> int:
    return len({clause for (start, end), clause in marks if start >= first and end <= first + room * 3 // 4})
