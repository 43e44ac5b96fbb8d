"""What holds between the resources of a folder: nothing twice, and every name names something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.domain.errors import FolderIssue
from api.domain.kind import COLLECTION, KINDS, ResourceId
from api.domain.language import Language
from api.services.booklets.folder.model import FolderResource


def find_reference_faults(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """Keys, slugs and numbers that stand twice, names of what is not in the folder, slugs without the collection's."""
    yield from _keys_twice(resources)
    yield from _slugs_twice(resources)
    yield from _numbers_twice(resources)
    yield from _slugs_without_collection_prefix(resources)
    known = {resource.id for resource in resources}
    units = {f"{resource.id}.{unit.field}" for resource in resources for unit in resource.units}
    for resource in resources:
        yield from _unknown_names(resource, known)
        for unit in resource.units:
            if unit.stands_in is not None and unit.stands_in not in units:
                line = unit.lines.get("stands_in", unit.line)
                message = f"{unit.stands_in} is no unit of this folder"
                yield FolderIssue(unit.file, line, f"units.{unit.field}.stands_in", message)


def _fault(resource: FolderResource, name: str, message: str) -> FolderIssue:
    return FolderIssue(resource.file, resource.lines.get(name.partition("[")[0], resource.line), name, message)


def _keys_twice(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    first: dict[ResourceId, FolderResource] = {}
    for resource in resources:
        before = first.setdefault(resource.id, resource)
        if before is not resource:
            yield _fault(resource, "key", f"{resource.id} stands at line {before.line} already")


def _slugs_twice(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """A slug leads to one resource of its kind, whatever the language."""
    first: dict[tuple[str, str], FolderResource] = {}
    for resource in resources:
        for language, slug in resource.slugs.items():
            if slug is None:
                continue
            before = first.setdefault((resource.id.kind, slug), resource)
            if before is not resource:
                yield _fault(resource, f"slugs.{language}", f"{slug} is a slug of {before.id} at line {before.line}")


def _numbers_twice(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    first: dict[tuple[str, int], FolderResource] = {}
    for resource in resources:
        if resource.number is not None:
            before = first.setdefault((resource.id.kind, resource.number), resource)
            if before is not resource:
                yield _fault(resource, "number", f"{resource.number} is the number of {before.id} already")


def _slugs_without_collection_prefix(resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    slugs: dict[Language, str | None] = next((r.slugs for r in resources if r.id.kind == COLLECTION.name), {})
    for resource in resources:
        if not KINDS[resource.id.kind].has_collection_in_slug:
            continue
        for language, slug in resource.slugs.items():
            whole = slugs.get(language)
            if slug is not None and (whole is None or not slug.startswith(f"{whole}-")):
                message = f"should begin with the collection's slug in {language.value} ({whole}) and a hyphen"
                yield _fault(resource, f"slugs.{language}", message)


def _unknown_names(resource: FolderResource, known: set[ResourceId]) -> Iterator[FolderIssue]:
    if resource.category is not None and ResourceId("category", resource.category) not in known:
        yield _fault(resource, "category", f"there is no category {resource.category}")
    part_of = resource.facts.get("part_of")
    if isinstance(part_of, str) and (ResourceId("section", part_of) not in known or part_of == resource.id.key):
        yield _fault(resource, "part_of", f"there is no other section {part_of}")
    prompts = resource.facts.get("prompts")
    for prompt in prompts if isinstance(prompts, list) else ():
        if ResourceId("prompt", prompt) not in known:
            yield _fault(resource, "prompts", f"there is no prompt {prompt}")
