"""The map of a booklet: where each of its lines went, as a page of markdown for editors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from api.domain.kind import KINDS
from api.services.booklets.folder.model import Folder, FolderUnit
from api.services.booklets.folder.printed import lines_at, parse_printed, split_lines

_INTRODUCTION = """\
# Where each line of the booklet went

Made from `content/{key}/` by `booklet_map()` in `api/services/folder/mapping.py`; a test holds
the two together. Change the content, not this page.

Line numbers are those of `booklet.en.md`. `–` is "to"; `+` joins what a break of a column or a page parts in
mid-sentence. Lines without text are not named. What is printed inside another text and served by itself too (a prompt
inside its step) stands in the last column, beside the text that it is part of.
"""


def booklet_map(folder: Folder, booklet_text: str) -> str:
    """A page that places every line of ``booklet_text`` that holds text, and says which are placed nowhere."""
    booklet = split_lines(booklet_text)
    parts = [
        _INTRODUCTION.format(key=folder.key),
        _tell_counts(folder),
        "## Line by line\n",
        "\n".join(["| lines | text | also printed there |", "| --- | --- | --- |", *_rows(folder)]) + "\n",
    ]
    lost = _find_lost(folder, booklet)
    if lost:
        parts += ["## Placed nowhere\n", "\n".join(f"- {number}: {booklet[number - 1]}" for number in lost) + "\n"]
    if folder.questions:
        questions = "\n".join(f"{place}. {text}" for place, text in enumerate(folder.questions, 1))
        parts += ["## Open questions for the publisher\n", questions + "\n"]
    return "\n".join(parts)


def _tell_counts(folder: Folder) -> str:
    """One row a kind: resources and texts."""
    resources = Counter(resource.id.kind for resource in folder.resources)
    units = Counter(resource.id.kind for resource in folder.resources for _ in resource.units)
    rows = [f"| {kind} | {resources[kind]} | {units[kind]} |" for kind in KINDS if resources[kind]]
    total = f"| together | {resources.total()} | {units.total()} |"
    return "\n".join(["| kind | resources | texts |", "| --- | --- | --- |", *rows, total]) + "\n"


def _rows(folder: Folder) -> Iterator[str]:
    """The table's rows in the order of the lines."""
    inner = [(name, unit) for name, unit in _printed_units(folder) if unit.stands_in is not None]
    found: list[tuple[int, str]] = []
    for name, unit in _printed_units(folder):
        if unit.stands_in is None:
            beside = [f"`{short}` ({part.printed})" for short, part in inner if part.stands_in == name]
            found.append((_first(unit.printed), f"| {_pretty(unit.printed)} | `{name}` | {', '.join(beside)} |"))
    for entry in folder.omitted_lines:
        found.append((_first(entry.lines), f"| {_pretty(entry.lines)} | *left out:* {entry.reason} | |"))
    return (row.replace("|  |", "| |") for _, row in sorted(found, key=lambda pair: pair[0]))


def _printed_units(folder: Folder) -> list[tuple[str, FolderUnit]]:
    return [
        (f"{resource.id}.{unit.field}", unit)
        for resource in folder.resources
        for unit in resource.units
        if unit.printed is not None
    ]


def _find_lost(folder: Folder, booklet: Sequence[str]) -> list[int]:
    references = [entry.lines for entry in folder.omitted_lines]
    references += [unit.printed for _, unit in _printed_units(folder) if unit.printed is not None]
    placed = {number for reference in references for number, _ in lines_at(booklet, reference)}
    return [number for number, line in enumerate(booklet, 1) if line.strip() and number not in placed]


def _first(printed: str | None) -> int:
    return (parse_printed(printed or "") or [(0, 0)])[0][0]


def _pretty(printed: str | None) -> str:
    return (printed or "").replace("-", "–").replace("+", " + ")
