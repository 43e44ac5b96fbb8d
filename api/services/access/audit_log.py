"""Reading the trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.document import format_time
from api.models import Actor, Audit


def list_audit(
    session: Session, *, subject: str | None, by: str | None, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of the trail, newest first; and the id of its last line if there are older ones."""
    query = select(Audit, Actor.name).join(Actor, Actor.id == Audit.actor_id).order_by(Audit.id.desc())
    if subject is not None:
        query = query.where(Audit.subject == subject)
    if by is not None:
        query = query.where(Actor.name == by)
    if before is not None:
        query = query.where(Audit.id < before)
    rows = session.execute(query.limit(limit + 1)).all()
    items = [
        {
            "at": format_time(line.at),
            "by": name,
            "act": line.act,
            "subject": line.subject,
            "from_revision": line.from_revision,
            "to_revision": line.to_revision,
            "detail": line.detail,
            "request_id": line.request_id,
        }
        for line, name in rows[:limit]
    ]
    return items, rows[limit - 1][0].id if len(rows) > limit else None
