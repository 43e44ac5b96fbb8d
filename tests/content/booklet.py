"""Helpers that read the committed booklet once, and strip markdown from printed lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from api.domain.kind import KINDS
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.folder.line_reference import parse_line_reference
from tools.booklet.printed import get_printed_lines
from tools.booklet.source import BookletSource, read_booklet_source

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "content" / "consultant-social-workers"
SECTION = "section.consultant-social-workers-"
COLLECTION = "collection.consultant-social-workers"

_NUMBER = re.compile(r"^(#+ )(\**)\d+(?:\*\* | )")
_BLOCK_MARK = re.compile(r"^(?:#+ |- ✓ |- )")
_BOLD = re.compile(r"\*\*")


@cache
def source() -> BookletSource:
    """Return the committed booklet, including the files for editors."""
    return read_booklet_source(FOLDER)


def booklet() -> Folder:
    return source().folder


def lines() -> list[str]:
    """Return the lines of the printed booklet."""
    printed = source().lines
    assert printed is not None
    return printed


def units() -> Iterator[tuple[str, FolderResource, FolderUnit]]:
    """Yield the unit id, the resource and the unit, for every unit of the booklet."""
    for resource in booklet().resources:
        for unit in resource.units:
            yield f"{resource.id}.{unit.field}", resource, unit


def strip_markdown(line: str) -> str:
    """Remove heading marks, bullets, bold and a moment's number from a line; keep italics."""
    without_number = _NUMBER.sub(r"\1\2", line)
    return _BOLD.sub("", _BLOCK_MARK.sub("", without_number)).strip()


def join_printed_lines(resource: FolderResource, unit: FolderUnit) -> str:
    """Join the printed lines that the unit refers to, without removing the markup of italics."""
    is_block = KINDS[resource.id.kind].get_field(unit.field).is_block
    text = ""
    for first, last in parse_line_reference(unit.printed or "") or []:
        text += " " if text else ""
        previous = None
        for number, line in get_printed_lines(lines(), f"{first}-{last}"):
            if previous is not None:
                line_break = "\n" if previous == number - 1 else "\n\n"
                text += line_break if is_block else " "
            text += strip_markdown(line)
            previous = number
    return text
