"""Senses of source revisions in the database: as they were written, and as somebody has said since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from api.domain.sense import SourceRevision, senses
from api.models import Revision, Sense


def sense_column(revision: Any, said: Any) -> ColumnElement[int]:
    """The sense of ``revision`` in a query that outer-joins ``said`` (an alias of Sense) to it."""
    column: ColumnElement[int] = func.coalesce(said.sense_id, revision.sense_id, revision.id)
    return column


def read_history(session: Session, unit_id: int, language: str, up_to: int | None = None) -> list[SourceRevision]:
    """The source revisions of a unit, oldest first, as the rule of senses needs them."""
    query = (
        select(Revision.id, Revision.hash, Revision.is_minor, Revision.about_id, Revision.number)
        .where(Revision.unit_id == unit_id, Revision.language == language)
        .order_by(Revision.number)
    )
    rows = session.execute(query).all()
    return [
        SourceRevision(row.id, row.hash, bool(row.is_minor), row.about_id)
        for row in rows
        if up_to is None or row.number <= up_to
    ]


_NEW = 0


def find_sense(session: Session, unit_id: int, language: str, row: Mapping[str, Any]) -> int | None:
    """The sense that a source revision with these columns will have; None is its own."""
    new = SourceRevision(_NEW, row["hash"], bool(row.get("is_minor")), row.get("about_id"))
    sense = senses([*read_history(session, unit_id, language), new])[_NEW]
    return None if sense == _NEW else sense


def mark_revision_minor(session: Session, unit_id: int, language: str) -> None:
    """Work the senses of a unit out anew, and keep those that are not as they were written."""
    history = read_history(session, unit_id, language)
    found = senses(history)
    ids = [revision.id for revision in history]
    written = dict(
        session.execute(
            select(Revision.id, func.coalesce(Revision.sense_id, Revision.id)).where(Revision.id.in_(ids))
        ).all()
    )
    session.execute(delete(Sense).where(Sense.revision_id.in_(ids)))
    rows = _differing(found, written)
    if rows:
        session.execute(insert(Sense), rows)


def _differing(found: dict[int, int], written: dict[int, int]) -> Sequence[dict[str, int]]:
    return [
        {"revision_id": revision, "sense_id": sense} for revision, sense in found.items() if written[revision] != sense
    ]
