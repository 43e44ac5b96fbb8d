"""The committed booklet, read once, and its print without the marks of markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from api.domain.kind import KINDS
from api.services.booklets.folder import Folder, FolderResource, FolderUnit, read_folder
from api.services.booklets.folder.printed import lines_at, parse_printed, split_lines

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "content" / "consultant-social-workers"
SECTION = "section.consultant-social-workers-"
COLLECTION = "collection.consultant-social-workers"

_NUMBER = re.compile(r"^(#+ )(\**)\d+(?:\*\* | )")
_BLOCK_MARK = re.compile(r"^(?:#+ |- ✓ |- )")
_BOLD = re.compile(r"\*\*")


@cache
def booklet() -> Folder:
    return read_folder(FOLDER)


@cache
def lines() -> list[str]:
    return split_lines(booklet().booklet or "")


def units() -> Iterator[tuple[str, FolderResource, FolderUnit]]:
    """Every unit with its id and its resource."""
    for resource in booklet().resources:
        for unit in resource.units:
            yield f"{resource.id}.{unit.field}", resource, unit


def unmarked(line: str) -> str:
    """A line without a moment's number, and without what is typesetting: headings, bullets, bold. Italics stay."""
    without_number = _NUMBER.sub(r"\1\2", line)
    return _BOLD.sub("", _BLOCK_MARK.sub("", without_number)).strip()


def as_printed(resource: FolderResource, unit: FolderUnit) -> str:
    """What the unit's English should be, put together from the lines that it names, italics marked."""
    is_block = KINDS[resource.id.kind].get_field(unit.field).is_block
    text = ""
    for first, last in parse_printed(unit.printed or "") or []:
        text += " " if text else ""
        numbers = [number for number, _ in lines_at(lines(), f"{first}-{last}")]
        for place, number in enumerate(numbers):
            if place:
                is_line_break = numbers[place - 1] == number - 1
                text += ("\n" if is_line_break else "\n\n") if is_block else " "
            text += unmarked(lines()[number - 1])
    return text
