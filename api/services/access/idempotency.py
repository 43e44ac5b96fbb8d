"""Idempotency keys: the response to a creation is stored for a day, for clients that repeat the request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.domain.errors import IdempotencyKeyReusedError
from api.models import Idempotency
from api.services.access.audit_log import AuditContext

RETENTION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response to the first request with a key."""

    status: int
    body: str
    etag: str | None


def claim_key(session: Session, audit: AuditContext, key: str, fingerprint: str) -> StoredResponse | None:
    """Return the response stored under this person's key, or claim the key for this transaction and return None.

    Concurrent requests with the same key wait here for each other.
    Raises IdempotencyKeyReusedError if the key belongs to a request with another ``fingerprint``.
    """
    session.execute(delete(Idempotency).where(Idempotency.at < audit.at - RETENTION))
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
    stored = session.execute(
        select(Idempotency).where(Idempotency.actor_id == audit.actor_id, Idempotency.key == key)
    ).scalar_one()
    if stored.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError
    return StoredResponse(stored.status, stored.body, stored.etag)


def store_response(session: Session, audit: AuditContext, key: str, response: StoredResponse) -> None:
    """Store a successful response under the key that ``claim_key`` claimed, in the same transaction."""
    row = session.get_one(Idempotency, (audit.actor_id, key))
    row.status, row.body, row.etag = response.status, response.body, response.etag
    session.flush()
