"""The plan of a load: the differences between a folder, the last load and the current database.

A text that changed only in the folder becomes a new revision. If a text changed in the folder and in the
database, the text in the database stays current, and the text in the folder becomes a suggestion. A text that changed
only in the database stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.batching import in_batches
from api.domain.errors import FolderIssue, InvalidFolderError
from api.domain.kind import COLLECTION, KINDS
from api.domain.language import Language
from api.models import Resource, Suppression
from api.services.authoring.resources import find_slug_holders
from api.services.booklets.facts import get_folder_facts
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.stored import StoredResource, StoredText, StoredUnit, read_stored
from api.services.booklets.text_record import TextRecord, get_folder_text


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that changed in the folder. ``stored`` is None if the unit is new."""

    resource: FolderResource
    unit: FolderUnit
    language: Language
    new: TextRecord
    stored: StoredUnit | None
    is_conflict: bool = False


class FactsChange(NamedTuple):
    """A change to the facts of a resource. ``names`` are the facts that changed only in the folder."""

    stored: StoredResource
    resource: FolderResource
    names: list[str]


@dataclass(slots=True)
class LoadPlan:
    """What a load will do.

    ``absent`` resources were loaded before and are no longer in the folder. They are reported, but not withdrawn.
    ``suppressed`` resources are in the folder, but are never loaded again.
    """

    new: list[FolderResource] = field(default_factory=list)
    texts: list[TextChange] = field(default_factory=list)
    facts: list[FactsChange] = field(default_factory=list)
    fact_conflicts: list[tuple[FolderResource, str]] = field(default_factory=list)
    # Units whose note or references changed: the row id, and the unit in the folder. Only loads write notes and
    # references, so there are no conflicts.
    notes: list[tuple[int, FolderUnit]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    stored: dict[str, StoredResource] = field(default_factory=dict)


def plan_load(session: Session, folder: Folder) -> LoadPlan:
    """Compare ``folder`` with the database. Raises InvalidFolderError for conflicting ids or slugs."""
    plan = LoadPlan()
    issues: list[FolderIssue] = []
    suppressed = _list_suppressed(session)
    plan.suppressed = [str(resource.id) for resource in folder.resources if str(resource.id) in suppressed]
    for kind in KINDS:
        resources = [r for r in folder.resources if r.id.kind == kind and str(r.id) not in suppressed]
        stored = read_stored(session, kind, [resource.id.key for resource in resources])
        issues += _find_conflicting_ids(session, folder, resources, stored)
        issues += _find_taken_slugs(session, kind, resources)
        for resource in resources:
            _compare(plan, resource, stored.get(resource.id.key))
    if issues:
        raise InvalidFolderError(issues)
    plan.absent = _list_absent(session, folder)
    return plan


def _find_conflicting_ids(
    session: Session, folder: Folder, resources: Sequence[FolderResource], stored: Mapping[str, StoredResource]
) -> Iterator[FolderIssue]:
    """Find resources that exist already, in another collection or with another source language."""
    query = select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key)
    collection_id = session.scalar(query)
    for resource in resources:
        existing = stored.get(resource.id.key)
        if existing is None:
            continue
        if existing.collection_id != collection_id:
            message = f"{resource.id} already exists in another collection"
            yield FolderIssue(resource.file, resource.line, "key", message)
        elif existing.source_language is not resource.source_language:
            message = f"{resource.id} was created with {existing.source_language} as its source language"
            yield FolderIssue(resource.file, resource.line, "source_language", message)


def _find_taken_slugs(session: Session, kind: str, resources: Sequence[FolderResource]) -> Iterator[FolderIssue]:
    """Find slugs that lead to another resource."""
    slugs = {slug for resource in resources for slug in resource.slugs.values() if slug}
    holders: dict[str, str] = {}
    for batch in in_batches(sorted(slugs)):
        holders |= find_slug_holders(session, kind, batch)
    for resource in resources:
        for slug in sorted({slug for slug in resource.slugs.values() if slug}):
            holder = holders.get(slug, str(resource.id))
            if holder != str(resource.id):
                message = f"slug {slug!r} is already used by {holder}"
                yield FolderIssue(resource.file, resource.line, "slugs", message)


def _compare(plan: LoadPlan, resource: FolderResource, stored: StoredResource | None) -> None:
    """Add the differences of one resource to the plan."""
    if stored is None:
        plan.new.append(resource)
        return
    plan.stored[str(resource.id)] = stored
    loaded = stored.loaded or {}
    changed = {name: value for name, value in get_folder_facts(resource).items() if loaded.get(name) != value}
    unchanged_here = [name for name in changed if stored.facts.get(name) == loaded.get(name)]
    if unchanged_here:
        plan.facts.append(FactsChange(stored, resource, unchanged_here))
    plan.fact_conflicts += [
        (resource, name)
        for name, value in changed.items()
        if name not in unchanged_here and stored.facts.get(name) != value
    ]
    for unit in resource.units:
        existing = stored.units.get(unit.field)
        plan.texts += _compare_texts(resource, unit, existing)
        notes = (unit.note, unit.printed, unit.stands_in)
        if existing and (existing.note, existing.printed, existing.stands_in) != notes:
            plan.notes.append((existing.id, unit))


def _compare_texts(resource: FolderResource, unit: FolderUnit, stored: StoredUnit | None) -> Iterable[TextChange]:
    # Compare the source first. If the source is in conflict, the target is too, since it translates that source.
    is_conflict = False
    for language in (resource.source_language, resource.source_language.other):
        new = get_folder_text(resource, unit, language)
        existing = stored.texts.get(language) if stored else None
        if new is None or (existing is not None and new in (existing.loaded, existing.current)):
            continue
        is_conflict = is_conflict or (existing is not None and not _is_as_loaded(existing))
        yield TextChange(resource, unit, language, new, stored, is_conflict)


def _is_as_loaded(text: StoredText) -> bool:
    """Return whether the current text is the text that was loaded last. Later reviews are ignored."""
    return text.loaded is not None and text.current.before_review == text.loaded.before_review


def _list_suppressed(session: Session) -> set[str]:
    query = select(Resource.kind, Resource.key).join(Suppression, Suppression.resource_id == Resource.id)
    return {f"{row.kind}.{row.key}" for row in session.execute(query)}


def _list_absent(session: Session, folder: Folder) -> list[str]:
    """Return the ids of loaded resources that are no longer in the folder, unless they were withdrawn."""
    in_folder = {str(resource.id) for resource in folder.resources}
    collection = select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key)
    query = select(Resource.kind, Resource.key).where(
        Resource.collection_id == collection.scalar_subquery(), Resource.loaded.is_not(None), ~Resource.withdrawn
    )
    ids = {f"{row.kind}.{row.key}" for row in session.execute(query)}
    return sorted(ids - in_folder)
