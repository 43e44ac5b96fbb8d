"""Revisions made from the texts of a content folder, and the reviews that the folder records."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from api.domain.actions import Decision, RevisionAct
from api.domain.errors import FolderIssue, InvalidFolderError
from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.access.audit_log import AuditContext, make_audit_context
from api.services.authoring.units import NewText, build_revision, record_decision
from api.services.booklets.folder import FolderUnit
from api.services.booklets.text_record import TextRecord


def build_loaded_revision(audit: AuditContext, unit_id: int, language: Language, record: TextRecord) -> dict[str, Any]:
    """Return the columns of a text's first revision. The caller must change ``number`` for a later one."""
    new = NewText(record.text, Origin(record.origin), State(record.state), record.tool)
    row = build_revision(audit, unit_id, language, record.text, new, act=RevisionAct.LOAD)
    return row | {"state": State.SOURCE.value} if record.state == State.SOURCE else row


def record_folder_review(session: Session, audit: AuditContext, unit: FolderUnit, target_id: int) -> None:
    """Approve a target revision if the folder names a reviewer.

    Raises InvalidFolderError if the reviewer is the person who loads the folder.
    """
    if unit.state is not State.REVIEWED or not unit.reviewed_by:
        return
    reviewer = make_audit_context(session, unit.reviewed_by, audit.via, at=audit.at)
    if reviewer.actor_id == audit.actor_id:
        message = "should be someone other than the person who loads the folder"
        raise InvalidFolderError([FolderIssue(unit.file, unit.line, "reviewed_by", message)])
    record_decision(session, reviewer, target_id, Decision.APPROVE)
