"""The working copy of resources, and their current and former slugs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Instant, Key, RowId


class Resource(Base):
    """A resource in the working copy. ``loaded`` contains its facts in the last content load, to find later changes."""

    __tablename__ = "resource"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("source_language IN ('cy', 'en')", name="source_language"),
        Index("ix_resource_kind_rank", "kind", "rank", "id"),
    )

    id: Mapped[RowId]
    kind: Mapped[str] = mapped_column(Key)
    key: Mapped[str] = mapped_column(Key)
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    source_language: Mapped[str]
    # Ranks have gaps, so that moving a resource between two others changes one row.
    rank: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int | None]
    facet: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    # True if the resource was deleted before any release. The row remains, because its id must not be used again.
    deleted: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)
    loaded: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own form


class Slug(Base):
    """A current or former slug of a resource. A slug that was released leads to its resource for ever."""

    __tablename__ = "slug"
    __table_args__ = (UniqueConstraint("kind", "slug", "resource_id"),)

    kind: Mapped[str] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(Key, primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    # The first release with this slug; null if there is none yet.
    first_release: Mapped[int | None] = mapped_column(ForeignKey("release.number"))


class ResourceSlug(Base):
    """The current slug of a resource in one language. Both languages may have the same slug."""

    __tablename__ = "resource_slug"
    __table_args__ = (
        ForeignKeyConstraint(
            ["kind", "slug", "resource_id"],
            ["slug.kind", "slug.slug", "slug.resource_id"],
            name="fk_resource_slug_its_own",
        ),
        CheckConstraint("language IN ('cy', 'en')", name="language"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Key)
    slug: Mapped[str] = mapped_column(Key)


class Suppression(Base):
    """A resource whose texts were removed from every release."""

    __tablename__ = "suppression"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    reason: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    at: Mapped[datetime] = mapped_column(Instant)
