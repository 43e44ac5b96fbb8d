"""A content folder together with its files for editors: the printed booklet and the list of omitted lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from api.domain.errors import InvalidFolderError
from api.services.booklets.folder import Folder, read_folder
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.files import read_text
from tools.booklet.furniture import OmittedLines, read_furniture
from tools.booklet.printed import split_lines

BOOKLET_FILE = "booklet.en.md"


@dataclass(frozen=True, slots=True)
class BookletSource:
    """A content folder with its files for editors. ``lines`` is None if there is no ``booklet.en.md``."""

    folder: Folder
    lines: list[str] | None = None
    omitted_lines: tuple[OmittedLines, ...] = ()
    questions: tuple[str, ...] = ()


def read_booklet_source(path: Path) -> BookletSource:
    """Return the folder at ``path`` with its files for editors. Raises InvalidFolderError with every issue."""
    folder = read_folder(path)
    omitted_lines, questions, issues = read_furniture(path)
    booklet = FieldReader(BOOKLET_FILE)
    text = read_text(booklet, path)
    issues += booklet.issues
    if issues:
        raise InvalidFolderError(issues)
    return BookletSource(folder, None if text is None else split_lines(text), omitted_lines, questions)
