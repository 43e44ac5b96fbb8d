"""Asking twice without doing twice: the answer to a creation is kept for a day under the caller's own key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.domain.errors import IdempotencyKeyReusedError
from api.models import Idempotency
from api.services.access.actors import AuditContext

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What was answered the first time."""

    status: int
    body: str
    etag: str | None


def claim_key(session: Session, audit: AuditContext, key: str, fingerprint: str) -> StoredResponse | None:
    """The answer kept under this person's key; None leaves the key theirs until the transaction ends.

    Twins of a request wait here for each other. Raises KeyReused where the key stands for another request.
    """
    session.execute(delete(Idempotency).where(Idempotency.at < audit.at - KEPT_FOR))
    values = {
        "actor_id": audit.actor_id,
        "key": key,
        "fingerprint": fingerprint,
        "status": 0,
        "body": "",
        "etag": None,
        "at": audit.at,
    }
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claim = insert(Idempotency).values(**values).on_conflict_do_nothing().returning(Idempotency.key)
    if session.execute(claim).first() is not None:
        return None
    kept = session.execute(
        select(Idempotency).where(Idempotency.actor_id == audit.actor_id, Idempotency.key == key)
    ).scalar_one()
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError
    return StoredResponse(kept.status, kept.body, kept.etag)


def store_response(session: Session, audit: AuditContext, key: str, answer: StoredResponse) -> None:
    """Keep a success under the key that ``find_answer`` claimed, in the transaction of what it answers."""
    kept = session.get_one(Idempotency, (audit.actor_id, key))
    kept.status, kept.body, kept.etag = answer.status, answer.body, answer.etag
    session.flush()
