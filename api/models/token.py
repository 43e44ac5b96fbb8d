"""Tokens, and stored responses for repeated requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Instant, Key, RowId


class Token(Base):
    """A token that authorises requests. Only a hash of its secret is stored."""

    __tablename__ = "token"
    __table_args__ = (CheckConstraint("language IN ('cy', 'en')", name="language"),)

    id: Mapped[RowId]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"), index=True)
    prefix: Mapped[str] = mapped_column(Key, unique=True)
    hash: Mapped[str] = mapped_column(Key, unique=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class Idempotency(Base):
    """The response to a request that created an object, stored for a day under the client's Idempotency-Key."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("ix_idempotency_at", "at"),)

    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    etag: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)
