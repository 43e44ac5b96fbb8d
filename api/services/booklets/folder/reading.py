"""Reading a content folder from its YAML files. The result is the whole folder or a list of all issues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from api.domain.errors import InvalidFolderError
from api.domain.kind import COLLECTION, KINDS, Kind, ResourceId
from api.domain.language import Language
from api.services.booklets.folder.facts import read_facet, read_facts
from api.services.booklets.folder.field_reader import FieldReader
from api.services.booklets.folder.files import find_file_issues, read_yaml
from api.services.booklets.folder.model import FILES, Folder, FolderResource
from api.services.booklets.folder.nodes import InvalidNode, MappingNode, Node
from api.services.booklets.folder.references import find_reference_issues
from api.services.booklets.folder.units import read_units


def read_folder(path: Path) -> Folder:
    """Return the folder at ``path``.

    Raises InvalidFolderError with every issue. Each issue has a file, a line, a field and a message.
    """
    issues = list(find_file_issues(path))
    if issues:
        raise InvalidFolderError(issues)
    readers = {kind.name: FieldReader(FILES[kind.name]) for kind in KINDS.values()}
    resources = [resource for kind in KINDS.values() for resource in _read_kind(readers[kind.name], kind, path)]
    issues = [issue for reader in readers.values() for issue in reader.issues]
    # Skip this check if part of a file could not be read: references to that part would be reported as unknown.
    if all(reader.is_complete for reader in readers.values()):
        issues += find_reference_issues(resources)
    if issues:
        raise InvalidFolderError(issues)
    return Folder(resources[0].id.key, tuple(resources))


def _read_kind(reader: FieldReader, kind: Kind, path: Path) -> Iterator[FolderResource]:
    is_empty = True
    for node in read_yaml(reader, path, is_list=kind is not COLLECTION):
        is_empty = False
        resource = None if isinstance(node, InvalidNode) else _read_resource(reader, kind, node)
        if resource is None:
            reader.is_complete = False
        else:
            yield resource
    if kind is COLLECTION and is_empty and not reader.issues:
        reader.add_issue(1, "file", "is empty; it should contain the collection")


def _read_resource(reader: FieldReader, kind: Kind, node: Node) -> FolderResource | None:
    """Return a resource without its invalid fields; None if its key or its source language is invalid."""
    mapping = reader.read_mapping(node, "", _list_keys(kind))
    if mapping is None:
        return None
    key_node = _get_required(reader, mapping, "key")
    language_node = _get_required(reader, mapping, "source_language")
    key = reader.read_slug(key_node, "key") if key_node else None
    source = reader.read_member(language_node, "source_language", tuple(Language)) if language_node else None
    if key is None or source is None:
        return None
    units_node = _get_required(reader, mapping, "units")
    return FolderResource(
        id=ResourceId(kind.name, key),
        source_language=source,
        slugs=_read_slugs(reader, mapping, source),
        number=_read_number(reader, kind, mapping),
        category=_read_category(reader, kind, mapping),
        facet=read_facet(reader, kind, mapping),
        facts=read_facts(reader, kind, mapping),
        units=read_units(reader, kind, units_node, source) if units_node else (),
        file=reader.file,
        line=mapping.line,
        lines=_list_lines(mapping),
    )


def _list_keys(kind: Kind) -> list[str]:
    keys = ["key", "source_language", "slugs"]
    keys += ["number"] if kind.has_number else []
    keys += ["category"] if kind.has_category else []
    keys += [kind.facet] if kind.facet else []
    return [*keys, *kind.facts, "units"]


def _list_lines(mapping: MappingNode) -> dict[str, int]:
    """Return the line of each key, and of each language's slug."""
    slugs = mapping.items.get("slugs")
    slug_lines = slugs.lines if isinstance(slugs, MappingNode) else {}
    return mapping.lines | {f"slugs.{language}": line for language, line in slug_lines.items()}


def _get_required(reader: FieldReader, mapping: MappingNode, key: str) -> Node | None:
    """Return the value of a required key. The value may be null."""
    node = mapping.items.get(key)
    if node is None:
        reader.add_issue(mapping.line, key, "is missing")
    return node


def _read_slugs(reader: FieldReader, mapping: MappingNode, source: Language) -> dict[Language, str | None]:
    """Return a slug or None for each language. The slug in the source language is required."""
    node = _get_required(reader, mapping, "slugs")
    slugs = reader.read_mapping(node, "slugs", [language.value for language in Language]) if node else None
    if slugs is None:
        return dict.fromkeys(Language)
    if slugs.get(source.value) is None:
        message = f"is required: {source.value} is the source language"
        reader.add_issue(mapping.lines["slugs"], f"slugs.{source.value}", message)
    nodes = {language: slugs.get(language.value) for language in Language}
    return {
        language: reader.read_slug(slug_node, f"slugs.{language.value}") if slug_node else None
        for language, slug_node in nodes.items()
    }


def _read_number(reader: FieldReader, kind: Kind, mapping: MappingNode) -> int | None:
    if not kind.has_number:
        return None
    _get_required(reader, mapping, "number")
    node = mapping.get("number")
    return reader.read_number(node, "number") if node else None


def _read_category(reader: FieldReader, kind: Kind, mapping: MappingNode) -> str | None:
    if not kind.has_category:
        return None
    _get_required(reader, mapping, "category")
    node = mapping.get("category")
    return reader.read_slug(node, "category") if node else None
