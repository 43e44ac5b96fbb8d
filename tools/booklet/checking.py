"""The check that English texts are worded as in the printed booklet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.domain.errors import FolderIssue
from api.domain.language import Language
from api.services.booklets.folder import FolderUnit
from api.services.booklets.folder.line_reference import parse_line_reference
from tools.booklet.printed import contains_words, get_printed_lines, split_words
from tools.booklet.source import BOOKLET_FILE, BookletSource


def find_printed_issues(source: BookletSource) -> list[FolderIssue]:
    """Return an issue for each English text that is not printed at its line numbers.

    Without a printed booklet there are no issues.
    """
    if source.lines is None:
        return []
    units = [unit for resource in source.folder.resources for unit in resource.units]
    return [issue for unit in units for issue in _check_unit(source.lines, unit)]


def _check_unit(booklet: Sequence[str], unit: FolderUnit) -> Iterator[FolderIssue]:
    if unit.printed is None:
        return
    spans = parse_line_reference(unit.printed)
    if spans is None or spans[-1][1] > len(booklet):
        line = unit.lines.get("printed", unit.line)
        message = f"{BOOKLET_FILE} has no lines {unit.printed}"
        yield FolderIssue(unit.file, line, f"units.{unit.field}.printed", message)
        return
    english = unit.texts.get(Language.EN)
    printed = [word for _, text in get_printed_lines(booklet, unit.printed) for word in split_words(text)]
    if english is not None and not contains_words(printed, split_words(english)):
        line = unit.lines.get(Language.EN.value, unit.line)
        message = f"is not printed in {BOOKLET_FILE} at {unit.printed}"
        yield FolderIssue(unit.file, line, f"units.{unit.field}.en", message)
