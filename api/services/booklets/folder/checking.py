"""Checks of a readable folder: invalid ids, and texts that should be part of another text but are not."""

from __future__ import annotations

from collections.abc import Iterator

from api.domain.errors import FolderIssue
from api.domain.kind import parse_resource_id, parse_unit_id
from api.domain.language import Language
from api.domain.slug import is_slug
from api.domain.text import contains_phrase
from api.services.booklets.folder.model import Folder, FolderResource, FolderUnit


def check_folder(folder: Folder) -> list[FolderIssue]:
    """Check a folder for issues that ``read_folder`` does not find, and return them."""
    return [*_find_invalid_ids(folder), *_find_mismatches(folder)]


def _find_invalid_ids(folder: Folder) -> Iterator[FolderIssue]:
    for resource in folder.resources:
        if parse_resource_id(str(resource.id)) != resource.id or not is_slug(resource.id.key):
            yield FolderIssue(resource.file, resource.line, "key", f"{resource.id} is not a valid id")
        for unit in resource.units:
            if parse_unit_id(f"{resource.id}.{unit.field}") is None:
                message = f"{resource.id}.{unit.field} is not a valid id"
                yield FolderIssue(unit.file, unit.line, f"units.{unit.field}", message)


def _find_mismatches(folder: Folder) -> Iterator[FolderIssue]:
    """Find texts that are not contained, word for word, in their outer text.

    A highlight should be part of the body. A text with ``stands_in`` should be part of the text of that unit. Each
    language is checked.
    """
    units = {f"{resource.id}.{unit.field}": unit for resource in folder.resources for unit in resource.units}
    for resource in folder.resources:
        for unit in resource.units:
            for outer_id in _list_outer_ids(resource, unit):
                yield from _compare(unit, outer_id, units.get(outer_id))


def _list_outer_ids(resource: FolderResource, unit: FolderUnit) -> list[str]:
    outer_ids = [f"{resource.id}.body"] if unit.field == "highlight" else []
    return outer_ids + ([unit.stands_in] if unit.stands_in is not None else [])


def _compare(unit: FolderUnit, outer_id: str, outer: FolderUnit | None) -> Iterator[FolderIssue]:
    for language in Language:
        inner_text = unit.texts.get(language)
        outer_text = outer.texts.get(language) if outer else ""
        if inner_text is None or outer_text is None:
            continue
        if not contains_phrase(inner_text, outer_text):
            line = unit.lines.get(language.value, unit.line)
            message = f"is not part of {outer_id}, word for word"
            yield FolderIssue(unit.file, line, f"units.{unit.field}.{language.value}", message)
