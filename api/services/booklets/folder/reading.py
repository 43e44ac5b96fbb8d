"""Reading a content folder: all of it, or none of it and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from api.domain.errors import FolderIssue, InvalidFolderError
from api.domain.kind import COLLECTION, KINDS, Kind, ResourceId
from api.domain.language import Language
from api.services.booklets.folder.facts import read_facet, read_facts
from api.services.booklets.folder.furniture import read_omitted_lines
from api.services.booklets.folder.model import BOOKLET_FILE, FILES, FURNITURE_FILE, Folder, FolderResource
from api.services.booklets.folder.nodes import Broken, Node, Table, find_unprintable, read_nodes
from api.services.booklets.folder.references import find_reference_faults
from api.services.booklets.folder.shapes import FieldReader, is_null
from api.services.booklets.folder.units import read_units

MAX_BYTES = 256 * 2**20


def read_folder(path: Path) -> Folder:
    """The folder at ``path``. Raises FolderRefused with every fault: file, line, field and what is wrong."""
    faults = list(_find_file_faults(path))
    if faults:
        raise InvalidFolderError(faults)
    pages = {name: FieldReader(name) for name in (*FILES.values(), FURNITURE_FILE, BOOKLET_FILE)}
    resources = [r for kind in KINDS.values() for r in _read_kind(pages[FILES[kind.name]], kind, path)]
    furniture, questions = read_omitted_lines(pages[FURNITURE_FILE], _nodes(pages[FURNITURE_FILE], path))
    booklet = _read_text(pages[BOOKLET_FILE], path)
    faults = [fault for page in pages.values() for fault in page.faults]
    # Of a file that is half unread, every name in the other half would be reported as missing.
    if all(page.is_whole for page in pages.values()):
        faults += find_reference_faults(resources)
    if faults:
        raise InvalidFolderError(faults)
    return Folder(resources[0].id.key, tuple(resources), booklet, furniture, questions)


def _find_file_faults(path: Path) -> Iterator[FolderIssue]:
    if not path.is_dir():
        yield FolderIssue(path.name, 1, "file", "there is no such folder")
        return
    root = path.resolve()
    known = {*FILES.values(), FURNITURE_FILE}
    for entry in sorted(path.iterdir()):
        if not entry.resolve().is_relative_to(root):
            yield FolderIssue(entry.name, 1, "file", "leads out of the folder")
        elif entry.suffix in {".yaml", ".yml"} and entry.name not in known:
            yield FolderIssue(entry.name, 1, "file", f"is no file of a content folder; these are: {', '.join(known)}")
        elif entry.name in known | {BOOKLET_FILE} and not entry.is_file():
            yield FolderIssue(entry.name, 1, "file", "is no file")
    if not (path / FILES[COLLECTION.name]).exists():
        yield FolderIssue(FILES[COLLECTION.name], 1, "file", "is missing; every folder has one")


def _read_kind(page: FieldReader, kind: Kind, path: Path) -> Iterator[FolderResource]:
    count = 0
    for node in _nodes(page, path):
        count += 1
        resource = None if isinstance(node, Broken) else _read_resource(page, kind, node)
        if resource is None:
            page.is_whole = False
        else:
            yield resource
    if kind is COLLECTION and not count and not page.faults:
        page.refuse(1, "file", "is empty; it should hold the collection")


def _nodes(page: FieldReader, path: Path) -> Iterator[Node]:
    """What the file holds, each item as soon as it is read; nothing of a file that is not there."""
    text = _read_text(page, path)
    if text is None:
        return
    is_list = page.file not in {FILES[COLLECTION.name], FURNITURE_FILE}
    try:
        yield from read_nodes(text, page.refuse, is_list=is_list)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse_whole(page, mark.line + 1 if mark else 1, f"cannot be read as YAML: {error.problem or error.context}")


def _read_text(page: FieldReader, path: Path) -> str | None:
    """The file's text; None where there is no such file, or where it was refused."""
    file = path / page.file
    if not file.exists():
        return None
    size = file.stat().st_size
    if size > MAX_BYTES:
        _refuse_whole(page, 1, f"is larger than {MAX_BYTES:,} bytes ({size:,})")
        return None
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_whole(page, data.count(b"\n", 0, error.start) + 1, "is not UTF-8")
        return None
    unprintable = find_unprintable(text)
    if unprintable:
        line, code = unprintable
        _refuse_whole(page, line, f"holds the character {code}, which is no text")
        return None
    return text


def _refuse_whole(page: FieldReader, line: int, message: str) -> None:
    page.refuse(line, "file", message)
    page.is_whole = False


def _read_resource(page: FieldReader, kind: Kind, node: Node) -> FolderResource | None:
    """One resource, as far as it could be read; None where not even its key and its language can be told."""
    table = page.table(node, "", _keys_of(kind))
    if table is None:
        return None
    key = _needed(page, table, "key")
    language = _needed(page, table, "source_language")
    source = page.word(language, "source_language", tuple(Language)) if language else None
    name = page.slug(key, "key") if key else None
    if name is None or source is None:
        return None
    units = _needed(page, table, "units")
    return FolderResource(
        id=ResourceId(kind.name, name),
        source_language=source,
        slugs=_read_slugs(page, table, source),
        number=_read_number(page, kind, table),
        category=_read_category(page, kind, table),
        facet=read_facet(page, kind, table),
        facts=read_facts(page, kind, table),
        units=read_units(page, kind, units, source) if units else (),
        file=page.file,
        line=table.line,
        lines=_lines_of(table),
    )


def _lines_of(table: Table) -> dict[str, int]:
    slugs = table.items.get("slugs")
    inner = slugs.lines if isinstance(slugs, Table) else {}
    return table.lines | {f"slugs.{language}": line for language, line in inner.items()}


def _keys_of(kind: Kind) -> list[str]:
    keys = ["key", "source_language", "slugs"]
    keys += ["number"] if kind.has_number else []
    keys += ["category"] if kind.has_category else []
    keys += [kind.facet] if kind.facet else []
    return [*keys, *kind.facts, "units"]


def _needed(page: FieldReader, table: Table, key: str) -> Node | None:
    node = table.items.get(key)
    if node is None:
        page.refuse(table.line, key, "is missing")
    return node


def _read_slugs(page: FieldReader, table: Table, source: Language) -> dict[Language, str | None]:
    """A slug or None for each language; one in the source language, or it is a fault."""
    node = _needed(page, table, "slugs")
    given = page.table(node, "slugs", [language.value for language in Language]) if node else None
    if given is None:
        return dict.fromkeys(Language)
    if is_null(given.items.get(source.value)):
        page.refuse(table.lines["slugs"], f"slugs.{source.value}", "is missing; it is the source language's")
    items = {language: given.items.get(language.value) for language in Language}
    return {
        language: None if item is None or is_null(item) else page.slug(item, f"slugs.{language.value}")
        for language, item in items.items()
    }


def _read_number(page: FieldReader, kind: Kind, table: Table) -> int | None:
    node = _needed(page, table, "number") if kind.has_number else None
    return None if node is None or is_null(node) else page.whole_number(node, "number")


def _read_category(page: FieldReader, kind: Kind, table: Table) -> str | None:
    node = _needed(page, table, "category") if kind.has_category else None
    return None if node is None or is_null(node) else page.slug(node, "category")
