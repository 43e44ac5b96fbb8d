"""The line map: a markdown page for editors that shows which text each line of a booklet became."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from api.domain.kind import KINDS
from api.services.booklets.folder import Folder, FolderUnit
from api.services.booklets.folder.line_reference import parse_line_reference
from tools.booklet.printed import get_printed_lines
from tools.booklet.source import BookletSource

_INTRODUCTION = """\
# Where each line of the booklet went

Generated from `content/{key}/`; a test compares the two. Do not edit this page. Change the content,
then run `.venv/bin/python -m tools.booklet map content/{key} docs/booklet-map.md`.

Line numbers are those of `booklet.en.md`. `–` means "to"; `+` joins the parts of a text that a column or page break
separates. Blank lines are left out. The last column lists texts that are printed inside the text of that row and are
also served on their own, such as a prompt inside its step.
"""


def make_line_map(source: BookletSource) -> str:
    """Return the page, which also lists the lines that are neither part of a text nor omitted for a reason."""
    booklet = source.lines or []
    sections = [
        _INTRODUCTION.format(key=source.folder.key),
        _count_table(source.folder),
        "## Line by line\n",
        "\n".join(["| lines | text | also printed there |", "| --- | --- | --- |", *_list_rows(source)]) + "\n",
    ]
    unplaced = _find_unplaced(source, booklet)
    if unplaced:
        items = "\n".join(f"- {number}: {booklet[number - 1]}" for number in unplaced)
        sections += ["## Placed nowhere\n", f"{items}\n"]
    if source.questions:
        items = "\n".join(f"{number}. {text}" for number, text in enumerate(source.questions, 1))
        sections += ["## Open questions for the publisher\n", f"{items}\n"]
    return "\n".join(sections)


def _count_table(folder: Folder) -> str:
    """Return a table with the numbers of resources and texts of each kind."""
    resources = Counter(resource.id.kind for resource in folder.resources)
    units = Counter(resource.id.kind for resource in folder.resources for _ in resource.units)
    rows = [f"| {kind} | {resources[kind]} | {units[kind]} |" for kind in KINDS if resources[kind]]
    total = f"| total | {resources.total()} | {units.total()} |"
    return "\n".join(["| kind | resources | texts |", "| --- | --- | --- |", *rows, total]) + "\n"


def _list_rows(source: BookletSource) -> list[str]:
    """Return the rows of the table in the order of the lines."""
    units = _list_printed_units(source.folder)
    inner = [(unit_id, unit) for unit_id, unit in units if unit.stands_in is not None]
    rows: list[tuple[int, str]] = []
    for unit_id, unit in units:
        if unit.stands_in is None:
            parts = [f"`{inner_id}` ({part.printed})" for inner_id, part in inner if part.stands_in == unit_id]
            cells = (_format_lines(unit.printed), f"`{unit_id}`", ", ".join(parts))
            rows.append((_first_line(unit.printed), _format_row(*cells)))
    for entry in source.omitted_lines:
        cells = (_format_lines(entry.lines), f"*left out:* {entry.reason}", "")
        rows.append((_first_line(entry.lines), _format_row(*cells)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _list_printed_units(folder: Folder) -> list[tuple[str, FolderUnit]]:
    """Return the units that have lines in the booklet, each with its id."""
    return [
        (f"{resource.id}.{unit.field}", unit)
        for resource in folder.resources
        for unit in resource.units
        if unit.printed is not None
    ]


def _find_unplaced(source: BookletSource, booklet: Sequence[str]) -> list[int]:
    """Return the numbers of the lines that have text, and are neither part of a unit nor omitted."""
    references = [entry.lines for entry in source.omitted_lines]
    references += [unit.printed for _, unit in _list_printed_units(source.folder) if unit.printed is not None]
    placed = {number for reference in references for number, _ in get_printed_lines(booklet, reference)}
    return [number for number, line in enumerate(booklet, 1) if line.strip() and number not in placed]


def _first_line(reference: str | None) -> int:
    return (parse_line_reference(reference or "") or [(0, 0)])[0][0]


def _format_lines(reference: str | None) -> str:
    return (reference or "").replace("-", "–").replace("+", " + ")


def _format_row(*cells: str) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
