"""The audit log: an entry for every write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Instant, Key, RowId


class Audit(Base):
    """An entry of the audit log: an action on a subject. An entry contains revision numbers, not texts. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "id"),)

    id: Mapped[RowId]
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    act: Mapped[str] = mapped_column(Key)
    subject: Mapped[str] = mapped_column(Key)
    from_revision: Mapped[int | None]
    to_revision: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str | None]
