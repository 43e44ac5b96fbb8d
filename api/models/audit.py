"""The trail that every write leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Instant, Key, RowId


class Audit(Base):
    """Who did what to what, when; texts stand here by revision number. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "id"),)

    id: Mapped[RowId]
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    act: Mapped[str] = mapped_column(Key)
    subject: Mapped[str] = mapped_column(Key)
    from_revision: Mapped[int | None]
    to_revision: Mapped[int | None]
    detail: Mapped[Any] = mapped_column(JSON)
    request_id: Mapped[str | None]
