"""The history of a unit: all revisions of its texts, with their reviews."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.domain.actions import Side
from api.domain.document import format_time
from api.domain.state import State
from api.models import Actor, Review, Revision
from api.services.authoring.units import get_unit


def read_unit_history(session: Session, name: str) -> dict[str, Any]:
    """Return every revision of a unit's texts, oldest first, with its reviews. Raises WorkingResourceNotFoundError."""
    unit = get_unit(session, name)
    about, basis = aliased(Revision), aliased(Revision)
    query = (
        select(Revision, Actor.name, about.number.label("about"), basis.number.label("based_on"))
        .join(Actor, Actor.id == Revision.author_id)
        .outerjoin(about, about.id == Revision.about_id)
        .outerjoin(basis, basis.id == Revision.based_on_id)
        .where(Revision.unit_id == unit.id)
        .order_by(Revision.id)
    )
    reviews = _read_reviews(session, unit.id)
    sides: dict[Side, list[dict[str, Any]]] = {side: [] for side in Side}
    for revision, author, about_number, based_on in session.execute(query):
        side = Side.SOURCE if revision.state == State.SOURCE else Side.TARGET
        item: dict[str, Any] = {
            "revision": revision.number,
            "act": revision.act,
            "language": revision.language,
            "text": revision.text,
            "origin": revision.origin,
            "tool": revision.tool,
            "via": revision.via,
            "by": author,
            "at": format_time(revision.at),
            "comment": revision.comment,
        }
        if side is Side.SOURCE:
            item |= {"minor": revision.is_minor, "about": about_number}
        else:
            item |= {"state": revision.state, "based_on": based_on, "reviews": reviews.get(revision.id, [])}
        sides[side].append(item)
    return {"id": name, **{side.value: items for side, items in sides.items()}}


def _read_reviews(session: Session, unit_id: int) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(Review, Actor.name)
        .join(Actor, Actor.id == Review.reviewer_id)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Revision.unit_id == unit_id)
        .order_by(Review.id)
    )
    reviews: dict[int, list[dict[str, Any]]] = {}
    for review, reviewer in session.execute(query):
        item = {
            "decision": review.decision,
            "by": reviewer,
            "at": format_time(review.at),
            "comment": review.comment,
        }
        reviews.setdefault(review.revision_id, []).append(item)
    return reviews
