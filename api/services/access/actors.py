"""Who acts, when and how it came in; and the trail that every act leaves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.domain.errors import InvalidRequestError, InvalidTextError, Issue
from api.domain.roles import MACHINES
from api.domain.text import clean_name
from api.models import Actor, Audit


@dataclass(frozen=True, slots=True)
class AuditContext:
    """One act of one actor. ``via`` says how it came in: ``api``, ``cli``, ``file``, ``pack``."""

    actor_id: int
    at: datetime
    via: str
    request_id: str | None = None


def make_audit_context(
    session: Session,
    name: str,
    via: str,
    *,
    at: datetime | None = None,
    kind: str = "person",
    request_id: str | None = None,
) -> AuditContext:
    """An act of the actor called ``name``, who is made if not known yet; ``at`` is now unless it is given.

    Raises RequestRefused for what cannot be a name.
    """
    return AuditContext(find_or_make_actor(session, name, kind), at or datetime.now(UTC), via, request_id)


def normalise_name(name: str) -> str:
    """The name as it is kept: tidy, without case. Raises RequestRefused for what cannot be a name."""
    try:
        return unicodedata.normalize("NFC", clean_name(name).casefold())
    except InvalidTextError as error:
        raise InvalidRequestError([Issue(error.code, pointer="/name", data=error.data)]) from error


def find_or_make_actor(session: Session, name: str, kind: str = "person") -> int:
    """The row id of the actor called ``name``: names that differ in case or composition are one actor.

    Raises RequestRefused for what cannot be a name.
    """
    folded = normalise_name(name)
    kind = "machine" if folded in MACHINES else kind
    known = select(Actor.id).where(Actor.name == folded)
    found = session.scalar(known)
    if found is not None:
        return found
    # Whoever is made by somebody else at this moment is waited for, and is the one.
    insert_once = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert_once(Actor).values(name=folded, kind=kind).on_conflict_do_nothing())
    return session.scalars(known).one()


def record_audit(
    session: Session,
    audit: AuditContext,
    what: str,
    subject: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one line of the trail, in the transaction of the act itself."""
    session.execute(insert(Audit).values(audit_row(audit, what, subject, from_revision, to_revision, detail)))


def audit_row(
    audit: AuditContext,
    what: str,
    subject: str,
    from_revision: int | None = None,
    to_revision: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of one line of the trail, for writing many at once."""
    return {
        "at": audit.at,
        "actor_id": audit.actor_id,
        "act": what,
        "subject": subject,
        "from_revision": from_revision,
        "to_revision": to_revision,
        "detail": dict(detail or {}),
        "request_id": audit.request_id,
    }
