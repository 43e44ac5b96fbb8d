"""The audit log: its entries, and the context of an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api.db.keyset import find_previous_page
from api.domain.actions import AuditAction
from api.domain.cursor import ROW, CursorFormat, PageCursors
from api.domain.document import format_time
from api.domain.roles import Person
from api.models import Actor, Audit
from api.services.access.actors import get_or_create_actor, is_named


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The person, time and channel of an action. ``via`` is ``api``, ``cli``, ``file`` or ``pack``."""

    person: Person
    at: datetime
    via: str
    request_id: str | None = None

    @property
    def actor_id(self) -> int:
        return self.person.actor_id


def make_audit_context(
    session: Session,
    name: str,
    via: str,
    *,
    at: datetime | None = None,
    kind: str = "person",
    request_id: str | None = None,
) -> AuditContext:
    """Return the context of an action outside the API.

    ``name`` is the name of the actor, who is created if necessary. The person in the context has no roles and no
    language limit. ``at`` is the time of the action; None means now. Raises InvalidRequestError for an invalid name.
    """
    person = get_or_create_actor(session, name, kind)
    return AuditContext(person, at or datetime.now(UTC), via, request_id)


def record_audit(
    session: Session,
    audit: AuditContext,
    action: AuditAction,
    subject: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write an audit entry, in the same transaction as the action."""
    session.execute(insert(Audit).values(audit_row(audit, action, subject, from_revision, to_revision, detail)))


def audit_row(
    audit: AuditContext,
    action: AuditAction,
    subject: str,
    from_revision: int | None = None,
    to_revision: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the columns of an audit entry, for callers that write many entries at once."""
    return {
        "at": audit.at,
        "actor_id": audit.actor_id,
        "act": action.value,
        "subject": subject,
        "from_revision": from_revision,
        "to_revision": to_revision,
        "detail": dict(detail or {}),
        "request_id": audit.request_id,
    }


def list_audit(
    session: Session, *, subject: str | None, by: str | None, limit: int, after: str | None = None, list_id: str = ""
) -> tuple[list[dict[str, Any]], PageCursors]:
    """Return a page of entries, newest first, and the cursors of its neighbours.

    Raises InvalidRequestError for an ``after`` that is not a cursor of this list.
    """
    cursors = CursorFormat(list_id, (ROW,))
    position = None if after is None else cursors.decode(after)
    query: Any = select(Audit, Actor.name).join(Actor, Actor.id == Audit.actor_id)
    if subject is not None:
        query = query.where(Audit.subject == subject)
    if by is not None:
        query = query.where(is_named(Actor.name, by))
    following = query if position is None else query.where(Audit.id < position[0])
    rows = session.execute(following.order_by(Audit.id.desc()).limit(limit + 1)).all()
    items = [_to_item(entry, name) for entry, name in rows[:limit]]
    previous = find_previous_page(session, query, (Audit.id,), position, limit, is_descending=True)
    key = (rows[limit - 1].Audit.id,) if len(rows) > limit else None
    return items, cursors.encode_pages(key, previous.start, has_previous=previous.exists)


def _to_item(entry: Audit, actor: str) -> dict[str, Any]:
    return {
        "at": format_time(entry.at),
        "by": actor,
        "act": entry.act,
        "subject": entry.subject,
        "from_revision": entry.from_revision,
        "to_revision": entry.to_revision,
        "detail": entry.detail,
        "request_id": entry.request_id,
    }
