"""Senses of source revisions: the sense derived when a revision is written, and later corrections of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from api.domain.sense import SourceRevision, find_senses
from api.models import Revision, Sense

# A placeholder for the id of a revision that is not written yet. No row has this id.
_NEW = 0


def sense_column(revision: Any, correction: Any) -> ColumnElement[int]:
    """Return the SQL expression for the sense of ``revision``.

    The query must outer-join ``correction``, an alias of Sense, to ``revision``.
    """
    column: ColumnElement[int] = func.coalesce(correction.sense_id, revision.sense_id, revision.id)
    return column


def read_senses(session: Session, revision_ids: Collection[int]) -> dict[int, int]:
    """Return the current senses of these source revisions, by revision id."""
    query = (
        select(Revision.id, sense_column(Revision, Sense).label("sense"))
        .outerjoin(Sense, Sense.revision_id == Revision.id)
        .where(Revision.id.in_(revision_ids))
    )
    return {row.id: row.sense for row in session.execute(query)}


def read_source_revisions(
    session: Session, unit_id: int, language: str, up_to: int | None = None
) -> list[SourceRevision]:
    """Return the source revisions of a unit, oldest first.

    ``up_to`` is the number of the last revision to return; None returns all.
    """
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


def derive_sense(session: Session, unit_id: int, language: str, row: Mapping[str, Any]) -> int | None:
    """Return the sense of a new source revision with these columns; None if the revision begins a new sense."""
    new = SourceRevision(_NEW, row["hash"], bool(row.get("is_minor")), row.get("about_id"))
    sense = find_senses([*read_source_revisions(session, unit_id, language), new])[_NEW]
    return None if sense == _NEW else sense


def refresh_senses(session: Session, unit_id: int, language: str) -> None:
    """Derive the senses of a unit's source revisions again, and store each sense that has changed."""
    history = read_source_revisions(session, unit_id, language)
    ids = [revision.id for revision in history]
    query = select(Revision.id, func.coalesce(Revision.sense_id, Revision.id).label("sense"))
    written = {row.id: row.sense for row in session.execute(query.where(Revision.id.in_(ids)))}
    session.execute(delete(Sense).where(Sense.revision_id.in_(ids)))
    corrections = [
        {"revision_id": revision_id, "sense_id": sense}
        for revision_id, sense in find_senses(history).items()
        if written[revision_id] != sense
    ]
    if corrections:
        session.execute(insert(Sense), corrections)
