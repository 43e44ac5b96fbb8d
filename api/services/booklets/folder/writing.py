"""Writing a content folder as YAML. The same folder always gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from api.domain.kind import COLLECTION, KINDS
from api.domain.state import Origin
from api.services.booklets.folder.model import FILES, Folder, FolderResource, FolderUnit
from api.services.booklets.folder.nodes import resolve_plain

# Longer texts are written as block scalars, which need no quotes.
LONGEST_INLINE = 80
# Letters, digits and opening quotation marks never start YAML syntax.
_PLAIN = re.compile(r"[^\W_]|[“‘]")
_NEEDS_ESCAPE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def write_folder(folder: Folder, path: Path) -> None:
    """Write one file for each kind to ``path``, and delete the file of a kind without resources.

    Creates ``path`` if it does not exist. Files for editors and a README are not changed.
    """
    path.mkdir(parents=True, exist_ok=True)
    for kind in KINDS.values():
        resources = [resource for resource in folder.resources if resource.id.kind == kind.name]
        file = path / FILES[kind.name]
        if not resources:
            file.unlink(missing_ok=True)
        elif kind is COLLECTION:
            file.write_bytes("\n".join([*_resource_lines(resources[0]), ""]).encode())
        else:
            file.write_bytes("\n".join("\n".join([*_list_item_lines(resource), ""]) for resource in resources).encode())


def _list_item_lines(resource: FolderResource) -> Iterator[str]:
    for index, line in enumerate(_resource_lines(resource)):
        yield ("- " if index == 0 else "  " if line else "") + line


def _resource_lines(resource: FolderResource) -> Iterator[str]:
    kind = KINDS[resource.id.kind]
    languages = (resource.source_language, resource.source_language.other)
    yield from _entry_lines("key", resource.id.key)
    yield from _entry_lines("source_language", resource.source_language.value)
    yield from _entry_lines("slugs", {language.value: resource.slugs.get(language) for language in languages})
    if kind.has_number:
        yield from _entry_lines("number", resource.number)
    if kind.has_category:
        yield from _entry_lines("category", resource.category)
    if kind.facet:
        yield from _entry_lines(kind.facet, resource.facet)
    for name in kind.facts:
        yield from _entry_lines(name, resource.facts.get(name))
    yield "units:"
    units = {unit.field: unit for unit in resource.units}
    for field in kind.fields:
        if field.name in units:
            yield f"  {field.name}:"
            yield from _indented("    ", _unit_lines(resource, units[field.name]))


def _unit_lines(resource: FolderResource, unit: FolderUnit) -> Iterator[str]:
    for language in (resource.source_language, resource.source_language.other):
        if language in unit.texts:
            yield from _entry_lines(language.value, unit.texts[language])
    entries = {
        "state": unit.state and unit.state.value,
        "origin": unit.origin and unit.origin.value,
        "tool": unit.tool,
        "reviewed_by": unit.reviewed_by,
        "source_origin": None if unit.source_origin is Origin.HUMAN else unit.source_origin.value,
    }
    for key, value in entries.items():
        if value is not None:
            yield from _entry_lines(key, value)
    if unit.printed is not None:
        # Always write quotes. Without them, YAML would read "14" as a number.
        yield f'printed: "{unit.printed}"'
    for key, value in {"note": unit.note, "stands_in": unit.stands_in}.items():
        if value is not None:
            yield from _entry_lines(key, value)


def _entry_lines(key: str, value: object) -> Iterator[str]:
    """Yield the lines of one key and its value, without indentation."""
    if isinstance(value, dict) and value:
        yield f"{key}:"
        for inner, item in value.items():
            yield from _indented("  ", _entry_lines(inner, item))
    elif isinstance(value, list) and value:
        yield f"{key}:"
        yield from (f"  - {_scalar(item)}" for item in value)
    elif isinstance(value, str) and _is_block(value):
        yield f"{key}: |-"
        yield from _indented("  ", iter(value.split("\n")))
    else:
        yield f"{key}: {_scalar(value)}"


def _indented(indent: str, lines: Iterator[str]) -> Iterator[str]:
    return (indent + line if line else line for line in lines)


def _is_block(text: str) -> bool:
    is_long = "\n" in text or (len(text) > LONGEST_INLINE and " " in text)
    # Block scalars have no escape sequences.
    return is_long and not _NEEDS_ESCAPE.search(text.replace("\n", ""))


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return "null" if value is None else str(value)  # Python writes [] and {} as YAML does
    return value if _is_plain(value) else _quoted(value)


def _quoted(text: str) -> str:
    if _NEEDS_ESCAPE.search(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + _NEEDS_ESCAPE.sub(lambda match: f"\\U{ord(match[0]):08x}", escaped) + '"'
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def _is_plain(text: str) -> bool:
    """Return whether YAML reads the unquoted ``text`` as the same string."""
    return (
        _PLAIN.match(text) is not None
        and not text.endswith(":")
        and not any(sign in text for sign in (": ", " #"))
        and not _NEEDS_ESCAPE.search(text)
        and resolve_plain(text) == "str"
    )
