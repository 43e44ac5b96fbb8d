"""What a hit shows: a stretch of its text around the words that were found, and where they stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from api.domain.kind import KINDS, Kind
from api.domain.word import Part, list_chunks
from api.services.search.meaning import Clause, SearchPlan

MAX_SNIPPET_CHARACTERS = 240
_ELLIPSIS = "…"
Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """``marks`` are where the words found begin and end in ``text``, in characters, in order."""

    text: str
    marks: tuple[Mark, ...]

    @property
    def html(self) -> str:
        """The text, escaped, with each mark as ``<mark>``."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [
                escape(self.text[at:start], quote=False),
                f"<mark>{escape(self.text[start:end], quote=False)}</mark>",
            ]
            at = end
        return "".join(parts) + escape(self.text[at:], quote=False)


def cut_snippet(kind: Kind, texts: Mapping[str, str | None], plan: SearchPlan) -> Snippet:
    """The stretch of ``texts`` that shows the most of what was wanted; of the title only where it shows more."""
    fields = [field.name for field in KINDS[kind.name].fields if field.name != kind.title_field]
    best: tuple[int, str, list[tuple[Mark, int]]] | None = None
    for name in (*fields, kind.title_field):
        said = texts.get(name)
        if said:
            text = " ".join(said.split())
            found = find_marks(text, plan)
            distinct = len({clause for _, clause in found})
            if best is None or distinct > best[0]:
                best = (distinct, text, found)
    assert best is not None, "an edition has a text"
    return _cut_window(best[1], best[2])


def find_marks(text: str, plan: SearchPlan) -> list[tuple[Mark, int]]:
    """Where the words wanted stand in ``text``, each with the number of the clause that it answers to."""
    parts: list[Part] = []
    found: dict[Mark, int] = {}
    answers = [(place, {word.word for word in clause.words}) for place, clause in enumerate(plan.required)]
    for chunk in list_chunks(text, plan.language):
        parts += chunk.parts
        for part in (*chunk.parts, *([chunk.whole] if chunk.whole else [])):
            for place, words in answers:
                if part.form in words:
                    found.setdefault((part.start, part.end), place)
    for place, clause in enumerate(plan.required):
        for mark in _find_phrase(parts, clause):
            found.setdefault(mark, place)
    return _drop_overlaps(found.items())


def _find_phrase(parts: Sequence[Part], clause: Clause) -> Iterable[Mark]:
    wanted = [word.word for word in clause.phrase]
    if not wanted:
        return
    for at in range(len(parts) - len(wanted) + 1):
        run = parts[at : at + len(wanted)]
        if [part.form for part in run] == wanted:
            yield run[0].start, run[-1].end


def _drop_overlaps(found: Iterable[tuple[Mark, int]]) -> list[tuple[Mark, int]]:
    kept: list[tuple[Mark, int]] = []
    for (start, end), place in sorted(found, key=lambda each: (each[0][0], -each[0][1])):
        if not kept or start >= kept[-1][0][1]:
            kept.append(((start, end), place))
    return kept


def _cut_window(text: str, found: Sequence[tuple[Mark, int]]) -> Snippet:
    """At most so many characters of ``text``, from a word's beginning to a word's end."""
    if len(text) <= MAX_SNIPPET_CHARACTERS:
        return Snippet(text, tuple(mark for mark, _ in found))
    start, end = _find_bounds(text, found)
    before = _ELLIPSIS if start > 0 else ""
    after = _ELLIPSIS if end < len(text) else ""
    move = len(before) - start
    marks = tuple((a + move, b + move) for (a, b), _ in found if start <= a and b <= end)
    return Snippet(f"{before}{text[start:end]}{after}", marks)


def _find_bounds(text: str, found: Sequence[tuple[Mark, int]]) -> tuple[int, int]:
    room = MAX_SNIPPET_CHARACTERS - 2 * len(_ELLIPSIS)
    first = max(found, key=lambda each: (_count_clauses(each[0][0], found, room), -each[0][0]))[0][0] if found else 0
    # A little of what comes before, as far as the words that follow leave room.
    start = max(0, min(first - room // 4, len(text) - room))
    if start > 0:
        start = text.find(" ", start, first) + 1 or first
    end = min(len(text), start + room)
    if end < len(text):
        cut = text.rfind(" ", start, end + 1)
        end = cut if cut > first else end
    return start, end


def _count_clauses(first: int, found: Sequence[tuple[Mark, int]], room: int) -> int:
    return len({place for (start, end), place in found if start >= first and end <= first + room * 3 // 4})
