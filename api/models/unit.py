"""Units of translation, the revisions of their texts, and reviews of revisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.domain.actions import Decision, RevisionAct
from api.models.base import Base, Instant, Key, Number, RowId

_ACTS = ", ".join(f"'{act}'" for act in RevisionAct)
_DECISIONS = ", ".join(f"'{decision}'" for decision in Decision)


class Unit(Base):
    """One field of one resource. ``source_id`` and ``target_id`` are its current revisions."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("resource_id", "field"),)

    id: Mapped[RowId]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    field: Mapped[str] = mapped_column(Key)
    version: Mapped[int] = mapped_column(default=1)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id", use_alter=True, name="fk_unit_source_id"))
    target_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id", use_alter=True, name="fk_unit_target_id"))
    note: Mapped[str | None]
    # ``printed``: the lines of the text in the printed booklet. ``stands_in``: the unit, if any, whose printed text
    # contains this text.
    printed: Mapped[str | None]
    stands_in: Mapped[str | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own form


class Revision(Base):
    """One version of a text, never changed or deleted. ``sense_id`` is for sources, ``based_on_id`` for targets."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("unit_id", "language", "number"),
        # Reviews refer to a revision and its author, so that the database can stop authors from reviewing their own
        # revisions.
        UniqueConstraint("id", "author_id"),
        CheckConstraint("language IN ('cy', 'en')", name="language"),
        CheckConstraint(f"act IN ({_ACTS})", name="act"),
        CheckConstraint("state IN ('source', 'initial', 'translated')", name="state"),
        CheckConstraint("origin IN ('human', 'machine', 'post-edited', 'unknown')", name="origin"),
        CheckConstraint("(state = 'source') = (based_on_id IS NULL)", name="based_on"),
        CheckConstraint("origin <> 'machine' OR tool IS NOT NULL", name="tool"),
    )

    id: Mapped[RowId]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    language: Mapped[str]
    number: Mapped[int]
    act: Mapped[str]
    text: Mapped[str]
    hash: Mapped[str]
    # The text for comparison (``domain/folding.py``), read only by queries that search texts.
    folded: Mapped[str] = mapped_column(deferred=True, server_default="")
    # The earlier revision whose sense this source revision had when it was written. Null if the source revision began
    # a new sense. Always null for a target.
    sense_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    # True if this revision is a minor change. If ``about_id`` is set, ``is_minor`` applies to that earlier revision
    # instead.
    is_minor: Mapped[bool | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    state: Mapped[str]
    origin: Mapped[str]
    tool: Mapped[str | None]
    via: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    comment: Mapped[str | None]
    request_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)


class Sense(Base):
    """The corrected sense of a source revision. A later action on another revision changed it."""

    __tablename__ = "sense"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    sense_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))


class Review(Base):
    """A reviewer's decision on another person's revision."""

    __tablename__ = "review"
    __table_args__ = (
        ForeignKeyConstraint(
            ["revision_id", "author_id"], ["revision.id", "revision.author_id"], name="fk_review_its_author"
        ),
        CheckConstraint("reviewer_id <> author_id", name="nobody_reviews_their_own"),
        CheckConstraint(f"decision IN ({_DECISIONS})", name="decision"),
        Index("ix_review_revision_id", "revision_id", "id"),
    )

    id: Mapped[RowId]
    revision_id: Mapped[int] = mapped_column(Number)
    author_id: Mapped[int] = mapped_column(Number)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    decision: Mapped[str]
    comment: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)


class Suggestion(Base):
    """A delivered text that was not applied, stored so that it is not lost."""

    __tablename__ = "suggestion"
    __table_args__ = (UniqueConstraint("unit_id", "language", "hash"),)

    id: Mapped[RowId]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    language: Mapped[str]
    hash: Mapped[str]
    text: Mapped[str]
    origin: Mapped[str]
    via: Mapped[str]
    actor_id: Mapped[int] = mapped_column(ForeignKey("actor.id"))
    at: Mapped[datetime] = mapped_column(Instant)
