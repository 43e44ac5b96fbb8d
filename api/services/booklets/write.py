"""Writing what a load planned: new resources in bulk, changed texts and facts one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from api.domain.actions import AuditAction, Decision, RevisionAct
from api.domain.errors import FolderIssue, InvalidFolderError
from api.domain.kind import COLLECTION
from api.domain.language import Language
from api.domain.rank import ranks_between
from api.domain.state import Origin, State
from api.domain.text import content_hash
from api.models import Audit, Resource, Revision, Suggestion, Unit
from api.services.access.audit_log import AuditContext, audit_row, make_audit_context, record_audit
from api.services.authoring.resources import get_row_id, insert_resources, update_resource, set_slug
from api.services.authoring.senses import refresh_senses
from api.services.authoring.units import (
    NewText,
    build_revision,
    insert_revisions,
    insert_units,
    record_decision,
    set_current_revisions,
)
from api.services.booklets.folder import Folder, FolderResource, FolderUnit
from api.services.booklets.plan import LoadPlan, TextChange, facts_given, said_by
from api.services.booklets.stored import StatedText, StoredResource

Progress = Callable[[int], None]
_BATCH = 1_000


def write_plan(session: Session, audit: AuditContext, folder: Folder, plan: LoadPlan, progress: Progress) -> set[int]:
    """The row ids of the resources that the load changed."""
    changed = _write_new(session, audit, folder, plan, progress)
    for stored, resource, names in plan.facts:
        _write_facts(session, audit, resource, stored, names)
        changed.add(stored.row_id)
    for unit_id, unit in plan.notes:
        values = {"note": unit.note, "printed": unit.printed, "stands_in": unit.stands_in}
        session.execute(update(Unit).where(Unit.id == unit_id).values(version=Unit.version + 1, **values))
    for change in plan.texts:
        if change.is_conflict:
            _keep_suggestion(session, audit, change)
        else:
            _write_text(session, audit, plan, change)
            changed.add(plan.stored[str(change.resource.id)].row_id)
    return changed


def _write_new(session: Session, audit: AuditContext, folder: Folder, plan: LoadPlan, progress: Progress) -> set[int]:
    made: set[int] = set()
    for run in _runs(folder, plan.new):
        ranks = _place(session, folder, run)
        for start in range(0, len(run), _BATCH):
            batch = run[start : start + _BATCH]
            made |= set(_insert_batch(session, audit, folder, batch, ranks[start : start + _BATCH]))
            progress(len(batch))
    return made


def _runs(folder: Folder, resources: Sequence[FolderResource]) -> Iterable[list[FolderResource]]:
    """The new resources in runs of one kind between which no other stands in the folder: a run takes one place."""
    before = {after.id: first.id for first, after in pairwise(folder.resources)}
    run: list[FolderResource] = []
    for resource in resources:
        if run and (run[-1].id.kind != resource.id.kind or before.get(resource.id) != run[-1].id):
            yield run
            run = []
        run.append(resource)
    if run:
        yield run


def _place(session: Session, folder: Folder, run: Sequence[FolderResource]) -> list[int]:
    """Ranks for new resources of one kind: after what stands before them in the folder, else at the end."""
    kind = run[0].id.kind
    ranks: dict[str, int] = {
        row.key: row.rank for row in session.execute(select(Resource.key, Resource.rank).where(Resource.kind == kind))
    }
    if not ranks:
        return list(ranks_between(None, None, len(run)))
    new = {resource.id.key for resource in run}
    order = [resource.id.key for resource in folder.resources if resource.id.kind == kind]
    before = [key for key in order[: order.index(run[0].id.key)] if key not in new]
    after = ranks[before[-1]] if before else max(ranks.values())
    later = [rank for rank in ranks.values() if rank > after]
    return list(ranks_between(after, min(later, default=None), len(run)))


def _insert_batch(
    session: Session, audit: AuditContext, folder: Folder, batch: Sequence[FolderResource], ranks: Sequence[int]
) -> list[int]:
    own = _find(session, COLLECTION.name, folder.key)
    categories = {key: _find(session, "category", key) for key in {r.category for r in batch if r.category is not None}}
    rows = [
        {
            "kind": r.id.kind,
            "key": r.id.key,
            "collection_id": None if r.id.kind == COLLECTION.name else own,
            "category_id": categories.get(r.category) if r.category else None,
            "source_language": r.source_language.value,
            "rank": rank,
            "number": r.number,
            "facet": r.facet,
            "facts": dict(r.facts),
            "withdrawn": False,
            "version": 1,
            "loaded": facts_given(r),
        }
        for r, rank in zip(batch, ranks, strict=True)
    ]
    row_ids = insert_resources(session, rows, [r.slugs for r in batch])
    pairs = [(row_id, r, u) for row_id, r in zip(row_ids, batch, strict=True) for u in r.units]
    unit_ids = insert_units(session, [_unit_row(row_id, unit) for row_id, _, unit in pairs])
    _insert_texts(session, audit, [(i, r, u) for i, (_, r, u) in zip(unit_ids, pairs, strict=True)])
    session.execute(insert(Audit), [audit_row(audit, AuditAction.LOAD, str(r.id), to_revision=1) for r in batch])
    return row_ids


def _find(session: Session, kind: str, key: str) -> int | None:
    return session.scalar(select(Resource.id).where(Resource.kind == kind, Resource.key == key))


def _unit_row(row_id: int, unit: FolderUnit) -> dict[str, Any]:
    return {
        "resource_id": row_id,
        "field": unit.field,
        "version": 1,
        "note": unit.note,
        "printed": unit.printed,
        "stands_in": unit.stands_in,
    }


def _insert_texts(
    session: Session, audit: AuditContext, units: Sequence[tuple[int, FolderResource, FolderUnit]]
) -> None:
    sources = [_new_revision(audit, i, r, u, r.source_language) for i, r, u in units]
    source_ids = insert_revisions(session, [row for row in sources if row is not None])
    set_current_revisions(
        session, "source_id", [(i, source) for (i, _, _), source in zip(units, source_ids, strict=True)]
    )
    targets, held = [], []
    for (i, r, u), source_id in zip(units, source_ids, strict=True):
        row = _new_revision(audit, i, r, u, r.source_language.other)
        if row is not None:
            targets.append(row | {"based_on_id": source_id})
            held.append((i, u))
    if targets:
        target_ids = insert_revisions(session, targets)
        set_current_revisions(session, "target_id", [(i, t) for (i, _), t in zip(held, target_ids, strict=True)])
        for (_, unit), target_id in zip(held, target_ids, strict=True):
            _approve_as_told(session, audit, unit, target_id)


def _new_revision(
    audit: AuditContext, unit_id: int, resource: FolderResource, unit: FolderUnit, language: Language
) -> dict[str, Any] | None:
    said = said_by(resource, unit, language)
    return None if said is None else _row(audit, unit_id, language, said)


def _row(audit: AuditContext, unit_id: int, language: Language, said: StatedText) -> dict[str, Any]:
    new = NewText(said.text, Origin(said.origin), State(said.state), said.tool)
    row = build_revision(audit, unit_id, language, said.text, new, act=RevisionAct.LOAD)
    return row | {"state": State.SOURCE.value} if said.state == State.SOURCE else row


def _approve_as_told(session: Session, audit: AuditContext, unit: FolderUnit, target_id: int) -> None:
    if unit.state is State.REVIEWED and unit.reviewed_by:
        reviewer = make_audit_context(session, unit.reviewed_by, audit.via, at=audit.at)
        if reviewer.actor_id == audit.actor_id:
            message = "is who loads the folder, and nobody reviews what they bring in"
            raise InvalidFolderError([FolderIssue(unit.file, unit.line, "reviewed_by", message)])
        record_decision(session, reviewer, target_id, Decision.APPROVE)


def _write_facts(
    session: Session, audit: AuditContext, resource: FolderResource, stored: StoredResource, names: Sequence[str]
) -> None:
    row_id, given = stored.row_id, facts_given(resource)
    columns = {name: given[name] for name in names if name in {"number", "facet", "facts"}}
    if "category" in names:
        columns["category_id"] = get_row_id(session, f"category.{resource.category}") if resource.category else None
    if columns:
        update_resource(session, row_id, columns)
    if "slugs" in names:
        for language in Language:
            set_slug(session, audit, str(resource.id), language, resource.slugs.get(language))
    # What stands otherwise here stays a conflict, named at every load until the two agree.
    loaded = (stored.loaded or {}) | {name: given[name] for name in names}
    session.execute(update(Resource).where(Resource.id == row_id).values(loaded=loaded))
    record_audit(session, audit, AuditAction.LOAD, str(resource.id), detail={"facts": list(names)})


def _write_text(session: Session, audit: AuditContext, plan: LoadPlan, change: TextChange) -> None:
    row_id = plan.stored[str(change.resource.id)].row_id
    unit_id = _unit_of(session, row_id, change)
    row = _row(audit, unit_id, change.language, change.said)
    is_source = change.language is change.resource.source_language
    row["number"] = 1 + (_highest_number(session, unit_id, change.language) or 0)
    if is_source:
        row["sense_id"] = _same_text(session, unit_id, change)
    else:
        row["based_on_id"] = _find_basis(session, unit_id, change)
    revision_id = insert_revisions(session, [row])[0]
    if is_source:
        refresh_senses(session, unit_id, change.language.value)
    set_current_revisions(session, "source_id" if is_source else "target_id", [(unit_id, revision_id)])
    if not is_source:
        _approve_as_told(session, audit, change.unit, revision_id)
    name = f"{change.resource.id}.{change.unit.field}"
    record_audit(
        session, audit, AuditAction.LOAD, name, to_revision=row["number"], detail={"language": change.language.value}
    )


def _unit_of(session: Session, row_id: int, change: TextChange) -> int:
    query = select(Unit.id).where(Unit.resource_id == row_id, Unit.field == change.unit.field)
    found = session.scalar(query)
    return found if found is not None else insert_units(session, [_unit_row(row_id, change.unit)])[0]


def _highest_number(session: Session, unit_id: int, language: Language) -> int | None:
    return session.scalar(
        select(func.max(Revision.number)).where(Revision.unit_id == unit_id, Revision.language == language.value)
    )


def _find_basis(session: Session, unit_id: int, change: TextChange) -> int | None:
    """The source that the folder's translation was made from, which need not be the one that stands here now."""
    source = change.resource.source_language
    query = (
        select(Revision.id)
        .where(Revision.unit_id == unit_id, Revision.language == source.value)
        .where(Revision.hash == content_hash(change.unit.texts[source]))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(query)


def _same_text(session: Session, unit_id: int, change: TextChange) -> int | None:
    """The sense of an earlier source that is word for word the same, so that going back outdates nothing."""
    query = (
        select(func.coalesce(Revision.sense_id, Revision.id))
        .where(Revision.unit_id == unit_id, Revision.language == change.language.value)
        .where(Revision.hash == content_hash(change.said.text))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(query)


def _keep_suggestion(session: Session, audit: AuditContext, change: TextChange) -> None:
    if change.stored is None:
        return
    key = {
        "unit_id": change.stored.id,
        "language": change.language.value,
        "hash": content_hash(change.said.text),
    }
    known = session.scalar(select(Suggestion.id).filter_by(**key))
    if known is None:
        rest = {"text": change.said.text, "origin": change.said.origin, "via": audit.via}
        session.execute(insert(Suggestion).values(**key, **rest, actor_id=audit.actor_id, at=audit.at))
