"""Actors: the people and machines that change content."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Key, RowId


class Actor(Base):
    """A person, or a machine that acts for people.

    Names are stored in NFC and case-folded, so that variants of a name belong to one actor.
    """

    __tablename__ = "actor"
    __table_args__ = (CheckConstraint("kind IN ('person', 'machine')", name="kind"),)

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(Key, unique=True)
    kind: Mapped[str]
