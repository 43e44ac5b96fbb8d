"""Checks across the resources of a folder: duplicates, and references to resources that do not exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.domain.errors import FolderIssue
from api.domain.kind import COLLECTION, KINDS, ResourceId
from api.domain.language import Language
from api.services.booklets.folder.model import FolderResource


def find_reference_issues(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """Find duplicate keys, slugs and numbers, slugs without the collection's prefix, and unknown references."""
    yield from _find_duplicate_keys(resources)
    yield from _find_duplicate_slugs(resources)
    yield from _find_duplicate_numbers(resources)
    yield from _find_slugs_without_collection_prefix(resources)
    ids = {resource.id for resource in resources}
    unit_ids = {f"{resource.id}.{unit.field}" for resource in resources for unit in resource.units}
    for resource in resources:
        yield from _find_unknown_references(resource, ids)
        for unit in resource.units:
            if unit.stands_in is not None and unit.stands_in not in unit_ids:
                line = unit.lines.get("stands_in", unit.line)
                message = f"there is no unit {unit.stands_in} in this folder"
                yield FolderIssue(unit.file, line, f"units.{unit.field}.stands_in", message)


def _issue(resource: FolderResource, name: str, message: str) -> FolderIssue:
    return FolderIssue(resource.file, resource.lines.get(name, resource.line), name, message)


def _find_duplicate_keys(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    by_id: dict[ResourceId, FolderResource] = {}
    for resource in resources:
        first = by_id.setdefault(resource.id, resource)
        if first is not resource:
            message = f"key {resource.id.key!r} is already used at line {first.line}"
            yield _issue(resource, "key", message)


def _find_duplicate_slugs(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """Find slugs that two resources of the same kind share, in the same language or across languages."""
    by_slug: dict[tuple[str, str], FolderResource] = {}
    for resource in resources:
        for language, slug in resource.slugs.items():
            if slug is None:
                continue
            first = by_slug.setdefault((resource.id.kind, slug), resource)
            if first is not resource:
                message = f"slug {slug!r} is already used by {first.id} at line {first.line}"
                yield _issue(resource, f"slugs.{language}", message)


def _find_duplicate_numbers(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    by_number: dict[tuple[str, int], FolderResource] = {}
    for resource in resources:
        if resource.number is None:
            continue
        first = by_number.setdefault((resource.id.kind, resource.number), resource)
        if first is not resource:
            message = f"number {resource.number} is already used by {first.id} at line {first.line}"
            yield _issue(resource, "number", message)


def _find_slugs_without_collection_prefix(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """Find section slugs that do not start with the collection's slug in the same language."""
    prefixes: dict[Language, str | None] = next((r.slugs for r in resources if r.id.kind == COLLECTION.name), {})
    for resource in resources:
        if not KINDS[resource.id.kind].has_collection_in_slug:
            continue
        for language, slug in resource.slugs.items():
            prefix = prefixes.get(language)
            if slug is None or (prefix is not None and slug.startswith(f"{prefix}-")):
                continue
            rule = f"should start with the collection's slug in {language.value}"
            message = f"{rule}, which is missing" if prefix is None else f"{rule} and a hyphen: {prefix}-"
            yield _issue(resource, f"slugs.{language}", message)


def _find_unknown_references(resource: FolderResource, ids: set[ResourceId]) -> Iterator[FolderIssue]:
    if resource.category is not None and ResourceId("category", resource.category) not in ids:
        yield _issue(resource, "category", f"there is no category {resource.category}")
    part_of = resource.facts.get("part_of")
    if isinstance(part_of, str) and (ResourceId("section", part_of) not in ids or part_of == resource.id.key):
        yield _issue(resource, "part_of", f"there is no other section {part_of}")
    prompts = resource.facts.get("prompts")
    for prompt in prompts if isinstance(prompts, list) else ():
        if ResourceId("prompt", prompt) not in ids:
            yield _issue(resource, "prompts", f"there is no prompt {prompt}")
