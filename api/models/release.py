"""Published content: releases, and the editions that they contain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Instant, Key, Number, RowId

_OPEN = text("end_release IS NULL")
_ENDED = text("end_release IS NOT NULL")


def incomplete_clause(prefix: str = "") -> TextClause:
    """Return the SQL condition for incomplete current editions, in the exact form of the index ``ix_edition_lacking``.

    ``prefix`` is the table's name and a full stop, or empty if the query does not need the table's name.
    """
    is_incomplete = f"({prefix}state IS NULL OR {prefix}outdated OR {prefix}origin = 'machine')"
    return text(f"{prefix}end_release IS NULL AND NOT {prefix}withdrawn AND {is_incomplete}")


class Release(Base):
    """One atomic publication. Numbers are consecutive, and assigned under the write lock."""

    __tablename__ = "release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    note: Mapped[str]
    reverts: Mapped[int | None] = mapped_column(ForeignKey("release.number"))
    # The id of an audit entry: all changes up to this entry were public with this release. Null if unknown.
    audit_watermark: Mapped[int | None] = mapped_column("settled", Number)
    # Computed from the release's editions when the release is made. Releases never change, so the counts stay correct.
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


def _open_index(name: str, *columns: str) -> Index:
    return Index(f"ix_edition_open_{name}", *columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


class Edition(Base):
    """A resource in one language, public from ``first_release`` up to but excluding ``end_release`` (null: still open).

    The editions of both languages begin and end together. ``document`` is null if the language is not public. After a
    withdrawal, ``document`` is null in both languages.
    """

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("resource_id", "language", "first_release"),
        Index("uq_edition_open", "resource_id", "language", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        # Most indexes end with ``state``, so that editions in a state that is not served are skipped without reading
        # their rows.
        _open_index("rank", "kind", "language", "rank", "resource_id", "state"),
        _open_index("collection", "collection_id", "kind", "language", "rank", "resource_id", "state"),
        _open_index("category", "category_id", "language", "rank", "resource_id", "state"),
        _open_index("title", "kind", "language", "sort_key", "resource_id", "state"),
        _open_index("random", "kind", "language", "random", "resource_id", "state"),
        # The orders of `sort=number` and `sort=updated`.
        _open_index("sorted_number", "kind", "language", "number", "resource_id", "state"),
        _open_index("sorted_release", "kind", "language", "first_release", "resource_id", "state"),
        _open_index("number", "number", "kind", "language", "rank", "resource_id"),
        # The incomplete editions, in the order of the status report.
        Index(
            "ix_edition_lacking",
            "kind",
            "rank",
            "resource_id",
            "language",
            sqlite_where=incomplete_clause(),
            postgresql_where=incomplete_clause(),
        ),
        _open_index("since", "first_release", "resource_id"),
        # This index contains only ended editions. Otherwise SQLite would assume that null is rare, and read all current
        # editions through the index.
        Index("ix_edition_end_release", "end_release", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index("ix_edition_history", "kind", "language", "rank", "resource_id", "first_release", "end_release"),
        CheckConstraint("language IN ('cy', 'en')", name="language"),
        CheckConstraint("end_release > first_release", name="interval"),
        CheckConstraint("(document IS NULL) = (state IS NULL)", name="document_has_state"),
        CheckConstraint("NOT withdrawn OR document IS NULL", name="withdrawn_is_empty"),
    )

    id: Mapped[RowId]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    language: Mapped[str] = mapped_column(Key)
    first_release: Mapped[int] = mapped_column(ForeignKey("release.number"), index=True)
    end_release: Mapped[int | None] = mapped_column(ForeignKey("release.number"))
    # The version of the resource (``Resource.version``) in this edition. Equal versions have equal facts.
    resource_version: Mapped[int]
    kind: Mapped[str] = mapped_column(Key)
    source_language: Mapped[str]
    slugs: Mapped[dict[str, str | None]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    collection_id: Mapped[int | None] = mapped_column(Number)
    category_id: Mapped[int | None] = mapped_column(Number)
    rank: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int | None]
    facet: Mapped[str | None]
    random: Mapped[int] = mapped_column(BigInteger)
    # The sort key of the title in the alphabet of the edition's language (``domain/welsh.py``).
    sort_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str | None]
    origin: Mapped[str | None]
    outdated: Mapped[bool]
    units: Mapped[int]
    words: Mapped[int]
    withdrawn: Mapped[bool]
    document: Mapped[str | None]


class EditionUnit(Base):
    """The revision of a unit in an edition. The document of an edition can be rebuilt from the edition's revisions."""

    __tablename__ = "edition_unit"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))


class Waiver(Base):
    """Permission to publish a resource despite a gap, with a reason in each language."""

    __tablename__ = "waiver"
    __table_args__ = (CheckConstraint("language IN ('cy', 'en')", name="language"),)

    release: Mapped[int] = mapped_column(ForeignKey("release.number"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    gap: Mapped[str] = mapped_column(Key, primary_key=True)
    language: Mapped[str]
    reason: Mapped[dict[str, str]] = mapped_column(JSON)
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
