"""The texts that changed in a content folder, written as revisions or stored as suggestions."""

from __future__ import annotations

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from api.domain.actions import AuditAction
from api.domain.language import Language
from api.domain.text import content_hash
from api.models import Revision, Suggestion, Unit
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.senses import refresh_senses
from api.services.authoring.units import insert_revisions, insert_units, set_current_revisions
from api.services.booklets.new_resources import unit_row
from api.services.booklets.plan import TextChange
from api.services.booklets.revisions import build_loaded_revision, record_folder_review


def write_text_change(session: Session, audit: AuditContext, row_id: int, change: TextChange) -> None:
    """Write a changed text of a resource as a new revision, with its review if the folder has one."""
    unit_id = _get_or_insert_unit(session, row_id, change)
    row = build_loaded_revision(audit, unit_id, change.language, change.new)
    is_source = change.language is change.resource.source_language
    row["number"] = 1 + (_find_highest_number(session, unit_id, change.language) or 0)
    if is_source:
        row["sense_id"] = _find_same_sense(session, unit_id, change)
    else:
        row["based_on_id"] = _find_basis(session, unit_id, change)
    revision_id = insert_revisions(session, [row])[0]
    if is_source:
        refresh_senses(session, unit_id, change.language.value)
    set_current_revisions(session, "source_id" if is_source else "target_id", [(unit_id, revision_id)])
    if not is_source:
        record_folder_review(session, audit, change.unit, revision_id)
    name = f"{change.resource.id}.{change.unit.field}"
    detail = {"language": change.language.value}
    record_audit(session, audit, AuditAction.LOAD, name, to_revision=row["number"], detail=detail)


def store_suggestion(session: Session, audit: AuditContext, change: TextChange) -> None:
    """Store a changed text as a suggestion, unless the same suggestion is stored already."""
    if change.stored is None:
        return
    key = {
        "unit_id": change.stored.id,
        "language": change.language.value,
        "hash": content_hash(change.new.text),
    }
    if session.scalar(select(Suggestion.id).filter_by(**key)) is not None:
        return
    columns = {"text": change.new.text, "origin": change.new.origin, "via": audit.via}
    session.execute(insert(Suggestion).values(**key, **columns, actor_id=audit.actor_id, at=audit.at))


def _get_or_insert_unit(session: Session, row_id: int, change: TextChange) -> int:
    query = select(Unit.id).where(Unit.resource_id == row_id, Unit.field == change.unit.field)
    unit_id = session.scalar(query)
    return unit_id if unit_id is not None else insert_units(session, [unit_row(row_id, change.unit)])[0]


def _find_highest_number(session: Session, unit_id: int, language: Language) -> int | None:
    return session.scalar(
        select(func.max(Revision.number)).where(Revision.unit_id == unit_id, Revision.language == language.value)
    )


def _find_basis(session: Session, unit_id: int, change: TextChange) -> int | None:
    """Return the id of the source revision that the folder's target translates.

    This need not be the current source revision.
    """
    source = change.resource.source_language
    query = (
        select(Revision.id)
        .where(Revision.unit_id == unit_id, Revision.language == source.value)
        .where(Revision.hash == content_hash(change.unit.texts[source]))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(query)


def _find_same_sense(session: Session, unit_id: int, change: TextChange) -> int | None:
    """Return the sense of the last source revision with the same text.

    A load that restores an earlier text restores its sense too, so that the target is not outdated.
    """
    query = (
        select(func.coalesce(Revision.sense_id, Revision.id))
        .where(Revision.unit_id == unit_id, Revision.language == change.language.value)
        .where(Revision.hash == content_hash(change.new.text))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(query)
