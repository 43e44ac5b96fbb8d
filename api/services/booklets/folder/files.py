"""The files of a content folder, read as text or YAML, with an issue for each file that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from api.domain.errors import FolderIssue
from api.domain.kind import COLLECTION
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.model import EDITORIAL_FILES, FILES
from api.services.booklets.folder.nodes import Node, find_unprintable, read_nodes

MAX_BYTES = 256 * 2**20


def find_file_issues(folder: Path) -> Iterator[FolderIssue]:
    """Return an issue for each file that a content folder may not contain, and for a missing collection file."""
    if not folder.is_dir():
        yield FolderIssue(folder.name, 1, "file", "is not a folder")
        return
    root = folder.resolve()
    allowed = {*FILES.values(), *EDITORIAL_FILES}
    for path in sorted(folder.iterdir()):
        if not path.resolve().is_relative_to(root):
            yield FolderIssue(path.name, 1, "file", "is a link to a file outside the folder")
        elif path.suffix in {".yaml", ".yml"} and path.name not in allowed:
            names = ", ".join(sorted(name for name in allowed if name.endswith(".yaml")))
            yield FolderIssue(path.name, 1, "file", f"is not a content file; these are: {names}")
        elif path.name in allowed and not path.is_file():
            yield FolderIssue(path.name, 1, "file", "is not a regular file")
    if not (folder / FILES[COLLECTION.name]).exists():
        yield FolderIssue(FILES[COLLECTION.name], 1, "file", "is missing; every folder needs one")


def read_yaml(reader: FieldReader, folder: Path, *, is_list: bool) -> Iterator[Node]:
    """Yield the items of the reader's file, each as soon as it has been parsed.

    If ``is_list`` is false, the file holds a single value. If the file does not exist, nothing is yielded.
    """
    text = read_text(reader, folder)
    if text is None:
        return
    try:
        yield from read_nodes(text, reader.add_issue, is_list=is_list)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _reject(reader, mark.line + 1 if mark else 1, f"is not valid YAML: {error.problem or error.context}")


def read_text(reader: FieldReader, folder: Path) -> str | None:
    """Return the text of the reader's file; None if there is no such file, or if it has an issue."""
    path = folder / reader.file
    if not path.exists():
        return None
    size = path.stat().st_size
    if size > MAX_BYTES:
        _reject(reader, 1, f"is {size:,} bytes, more than the {MAX_BYTES:,} allowed")
        return None
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _reject(reader, data.count(b"\n", 0, error.start) + 1, "is not UTF-8")
        return None
    unprintable = find_unprintable(text)
    if unprintable:
        line, code_point = unprintable
        _reject(reader, line, f"contains the character {code_point}, which is not allowed")
        return None
    return text


def _reject(reader: FieldReader, line: int, message: str) -> None:
    reader.add_issue(line, "file", message)
    reader.is_complete = False
