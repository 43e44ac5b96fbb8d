"""What a load would do: the folder, what was loaded last and what stands, compared field by field.

Only the folder moved: the folder's text becomes a revision. Both moved: what stands stays, and the folder's is kept
as a suggestion. Only what stands moved: somebody worked on it here, and nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.errors import FolderIssue, InvalidFolderError
from api.domain.kind import COLLECTION, KINDS
from api.domain.language import Language
from api.domain.state import Origin, State
from api.models import Resource, Suppression
from api.services.authoring.resources import find_slug_holders
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.stored import StatedText, StoredResource, StoredText, StoredUnit, read_stored


@dataclass(frozen=True, slots=True)
class TextChange:
    """One text that the folder moved. ``stored`` is None where the unit is new."""

    resource: FolderResource
    unit: FolderUnit
    language: Language
    said: StatedText
    stored: StoredUnit | None
    is_conflict: bool = False


@dataclass(slots=True)
class LoadPlan:
    """What a load would do. ``absent`` were loaded before and are in the folder no more: named, never withdrawn.

    ``suppressed`` are in the folder and were emptied here for ever: nothing of them is loaded again.
    """

    new: list[FolderResource] = field(default_factory=list)
    texts: list[TextChange] = field(default_factory=list)
    facts: list[tuple[StoredResource, FolderResource, list[str]]] = field(default_factory=list)
    fact_conflicts: list[tuple[FolderResource, str]] = field(default_factory=list)
    # Units with what is said to translators of them: only folders say it, so there is nothing to compare.
    notes: list[tuple[int, FolderUnit]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    stored: dict[str, StoredResource] = field(default_factory=dict)


def plan_load(session: Session, folder: Folder) -> LoadPlan:
    """Compare ``folder`` with the database. Raises FolderRefused where an id or a slug is another booklet's."""
    plan = LoadPlan()
    faults: list[FolderIssue] = []
    emptied = _list_suppressed(session)
    plan.suppressed = [str(r.id) for r in folder.resources if str(r.id) in emptied]
    for kind in KINDS:
        resources = [r for r in folder.resources if r.id.kind == kind and str(r.id) not in emptied]
        stored = read_stored(session, kind, [r.id.key for r in resources])
        faults += _clashes(session, folder, kind, resources, stored)
        for resource in resources:
            _compare(plan, resource, stored.get(resource.id.key))
    if faults:
        raise InvalidFolderError(faults)
    plan.absent = _list_absent(session, folder)
    return plan


def _clashes(
    session: Session,
    folder: Folder,
    kind: str,
    resources: list[FolderResource],
    stored: Mapping[str, StoredResource],
) -> Iterable[FolderIssue]:
    own = session.scalar(select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key))
    slugs = {slug for r in resources for slug in r.slugs.values() if slug}
    holders: dict[str, str] = {}
    ordered = sorted(slugs)
    for start in range(0, len(ordered), 500):
        holders |= find_slug_holders(session, kind, ordered[start : start + 500])
    for r in resources:
        there = stored.get(r.id.key)
        if there is not None and there.collection_id != own:
            yield FolderIssue(r.file, r.line, "key", f"{r.id} is a resource of another collection")
        elif there is not None and there.source_language is not r.source_language:
            yield FolderIssue(r.file, r.line, "source_language", f"{r.id} was created in {there.source_language}")
        for slug in sorted({s for s in r.slugs.values() if s}):
            if holders.get(slug, str(r.id)) != str(r.id):
                yield FolderIssue(r.file, r.line, "slugs", f"the slug {slug!r} leads to {holders[slug]}")


def _compare(plan: LoadPlan, resource: FolderResource, stored: StoredResource | None) -> None:
    if stored is None:
        plan.new.append(resource)
        return
    plan.stored[str(resource.id)] = stored
    given = facts_given(resource)
    moved = [name for name, value in given.items() if (stored.loaded or {}).get(name) != value]
    ours = [name for name in moved if stored.facts.get(name) == (stored.loaded or {}).get(name)]
    if ours:
        plan.facts.append((stored, resource, ours))
    plan.fact_conflicts += [
        (resource, name) for name in moved if name not in ours and stored.facts.get(name) != given[name]
    ]
    for unit in resource.units:
        there = stored.units.get(unit.field)
        plan.texts += _compare_unit(resource, unit, there)
        if there and (there.note, there.printed, there.stands_in) != (unit.note, unit.printed, unit.stands_in):
            plan.notes.append((there.id, unit))


def _compare_unit(resource: FolderResource, unit: FolderUnit, stored: StoredUnit | None) -> Iterable[TextChange]:
    # The source first: a target that came with it is based on it, and goes where it goes.
    is_conflict = False
    for language in (resource.source_language, resource.source_language.other):
        said = said_by(resource, unit, language)
        there = stored.texts.get(language) if stored else None
        if said is None or (there is not None and said in (there.loaded, there.stands)):
            continue
        is_conflict = is_conflict or (there is not None and not _is_as_loaded(there))
        yield TextChange(resource, unit, language, said, stored, is_conflict)


def _is_as_loaded(text: StoredText) -> bool:
    """Does what was loaded still stand? That somebody has read it since does not make it another text."""
    return text.loaded is not None and text.stands.written == text.loaded.written


def said_by(resource: FolderResource, unit: FolderUnit, language: Language) -> StatedText | None:
    """What the folder says of a unit in one language; None where it has no text there."""
    text = unit.texts.get(language)
    if text is None:
        return None
    if language is resource.source_language:
        return StatedText(text, State.SOURCE.value, unit.source_origin.value, None)
    return StatedText(text, (unit.state or State.TRANSLATED).value, (unit.origin or Origin.UNKNOWN).value, unit.tool)


def facts_given(resource: FolderResource) -> dict[str, Any]:
    """A folder resource's facts, in the form in which the database keeps those last loaded."""
    return {
        "slugs": {language.value: resource.slugs.get(language) for language in Language},
        "number": resource.number,
        "category": resource.category,
        "facet": resource.facet,
        "facts": dict(resource.facts),
    }


def _list_suppressed(session: Session) -> set[str]:
    query = select(Resource.kind, Resource.key).join(Suppression, Suppression.resource_id == Resource.id)
    return {f"{row.kind}.{row.key}" for row in session.execute(query)}


def _list_absent(session: Session, folder: Folder) -> list[str]:
    here = {str(r.id) for r in folder.resources}
    own = select(Resource.id).where(Resource.kind == COLLECTION.name, Resource.key == folder.key).scalar_subquery()
    query = select(Resource.kind, Resource.key).where(
        Resource.collection_id == own, Resource.loaded.is_not(None), ~Resource.withdrawn
    )
    return sorted(name for row in session.execute(query) if (name := f"{row.kind}.{row.key}") not in here)
