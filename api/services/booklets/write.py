"""Writing the plan of a load: new resources in bulk, then changed facts, notes and texts one by one."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from api.domain.actions import AuditAction
from api.domain.language import Language
from api.models import Resource, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.resources import get_row_id, set_slug, update_resource
from api.services.booklets.facts import get_folder_facts
from api.services.booklets.folder import Folder
from api.services.booklets.new_resources import ProgressCallback, write_new_resources
from api.services.booklets.plan import FactsChange, LoadPlan
from api.services.booklets.text_changes import store_suggestion, write_text_change


def write_plan(
    session: Session, audit: AuditContext, folder: Folder, plan: LoadPlan, on_progress: ProgressCallback
) -> set[int]:
    """Write the plan, and return the row ids of the resources that were created or changed."""
    changed = write_new_resources(session, audit, folder, plan.new, on_progress)
    for facts_change in plan.facts:
        _write_facts(session, audit, facts_change)
        changed.add(facts_change.stored.row_id)
    for unit_id, unit in plan.notes:
        values = {"note": unit.note, "printed": unit.printed, "stands_in": unit.stands_in}
        session.execute(update(Unit).where(Unit.id == unit_id).values(version=Unit.version + 1, **values))
    for change in plan.texts:
        if change.is_conflict:
            store_suggestion(session, audit, change)
        else:
            row_id = plan.stored[str(change.resource.id)].row_id
            write_text_change(session, audit, row_id, change)
            changed.add(row_id)
    return changed


def _write_facts(session: Session, audit: AuditContext, change: FactsChange) -> None:
    row_id, resource, names = change.stored.row_id, change.resource, change.names
    facts = get_folder_facts(resource)
    columns = {name: facts[name] for name in names if name in {"number", "facet", "facts"}}
    if "category" in names:
        columns["category_id"] = get_row_id(session, f"category.{resource.category}") if resource.category else None
    if columns:
        update_resource(session, row_id, columns)
    if "slugs" in names:
        for language in Language:
            set_slug(session, audit, str(resource.id), language, resource.slugs.get(language))
    # Conflicting facts are left out of ``loaded``, so that every load reports them until folder and database agree.
    loaded = (change.stored.loaded or {}) | {name: facts[name] for name in names}
    session.execute(update(Resource).where(Resource.id == row_id).values(loaded=loaded))
    record_audit(session, audit, AuditAction.LOAD, str(resource.id), detail={"facts": list(names)})
