"""Edits of the working copy for tests without a client. They call the same functions as the API's views."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from api.domain.actions import Decision
from api.domain.roles import Role
from api.services.access.audit_log import AuditContext
from api.services.authoring.edit_resource import ResourceChange, change_resource, open_resource
from api.services.authoring.unit_actions import deliver_source, deliver_target, open_unit, review
from api.services.authoring.units import NewText


def write_source(session: Session, audit: AuditContext, unit: str, new: NewText) -> None:
    """Change the source of a unit, without checking its version."""
    deliver_source(session, audit, open_unit(session, unit, "*"), new.text, is_minor=False, comment=new.comment)


def write_target(session: Session, audit: AuditContext, unit: str, new: NewText) -> None:
    """Deliver a target of a unit, without checking its version."""
    deliver_target(session, audit, open_unit(session, unit, "*"), new)


def review_target(session: Session, audit: AuditContext, unit: str, decision: Decision) -> None:
    """Approve or return the current target of a unit as a reviewer, without checking its version."""
    reviewer = replace(audit, person=replace(audit.person, roles=frozenset({Role.REVIEWER})))
    review(session, reviewer, open_unit(session, unit, "*"), decision, None)


def set_withdrawn(session: Session, audit: AuditContext, resource: str, *, is_withdrawn: bool) -> None:
    """Withdraw a resource, or undo its withdrawal, without checking its version."""
    change = ResourceChange(frozenset({"withdrawn"}), is_withdrawn=is_withdrawn)
    change_resource(session, audit, resource, open_resource(session, resource, "*"), change)
