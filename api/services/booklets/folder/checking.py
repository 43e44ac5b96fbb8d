"""What a folder that can be read may still have wrong: texts that drifted apart, English that is not the booklet's."""

from __future__ import annotations

from collections.abc import Iterator

from api.domain.errors import FolderIssue
from api.domain.kind import parse_resource_id, parse_unit_id
from api.domain.language import Language
from api.domain.slug import is_slug
from api.domain.text import contains_phrase
from api.services.booklets.folder.model import BOOKLET_FILE, Folder, FolderResource, FolderUnit
from api.services.booklets.folder.printed import has_words, lines_at, parse_printed, split_lines, words_of


def check_folder(folder: Folder) -> list[FolderIssue]:
    """What is wrong with its ids, with texts that stand twice, and with the English against the printed booklet."""
    faults = list(_find_id_faults(folder))
    faults += _find_drift(folder)
    if folder.booklet is not None:
        faults += _find_unprinted(folder, split_lines(folder.booklet))
    return faults


def _find_id_faults(folder: Folder) -> Iterator[FolderIssue]:
    for resource in folder.resources:
        if parse_resource_id(str(resource.id)) != resource.id or not is_slug(resource.id.key):
            yield FolderIssue(resource.file, resource.line, "key", f"{resource.id} is no valid id")
        for unit in resource.units:
            if parse_unit_id(f"{resource.id}.{unit.field}") is None:
                message = f"{resource.id}.{unit.field} is no valid id"
                yield FolderIssue(unit.file, unit.line, f"units.{unit.field}", message)


def _find_drift(folder: Folder) -> Iterator[FolderIssue]:
    """A highlight, or what ``stands_in`` another unit, that is not word for word inside it, in each language."""
    units = {f"{resource.id}.{unit.field}": unit for resource in folder.resources for unit in resource.units}
    for resource in folder.resources:
        for unit in resource.units:
            for name in _wholes_of(resource, unit):
                yield from _compare(unit, name, units.get(name))


def _wholes_of(resource: FolderResource, unit: FolderUnit) -> list[str]:
    wholes = [f"{resource.id}.body"] if unit.field == "highlight" else []
    return wholes + ([unit.stands_in] if unit.stands_in is not None else [])


def _compare(unit: FolderUnit, name: str, whole: FolderUnit | None) -> Iterator[FolderIssue]:
    for language in Language:
        short = unit.texts.get(language)
        long = whole.texts.get(language) if whole else None
        if short is not None and (long is not None or whole is None) and not contains_phrase(short, long or ""):
            line = unit.lines.get(language.value, unit.line)
            message = f"does not stand word for word in {name}"
            yield FolderIssue(unit.file, line, f"units.{unit.field}.{language.value}", message)


def _find_unprinted(folder: Folder, booklet: list[str]) -> Iterator[FolderIssue]:
    for resource in folder.resources:
        for unit in resource.units:
            english = unit.texts.get(Language.EN)
            if unit.printed is None:
                continue
            spans = parse_printed(unit.printed)
            if spans is None or spans[-1][1] > len(booklet):
                line = unit.lines.get("printed", unit.line)
                message = f"{BOOKLET_FILE} has no lines {unit.printed}"
                yield FolderIssue(unit.file, line, f"units.{unit.field}.printed", message)
            elif english is not None:
                printed = [word for _, text in lines_at(booklet, unit.printed) for word in words_of(text)]
                if not has_words(words_of(english), printed):
                    line = unit.lines.get(Language.EN.value, unit.line)
                    message = f"does not stand in {BOOKLET_FILE} at {unit.printed}"
                    yield FolderIssue(unit.file, line, f"units.{unit.field}.en", message)
