"""Every revision of a unit's texts, with what was said of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.domain.document import format_time
from api.domain.state import State
from api.models import Actor, Review, Revision
from api.services.authoring.units import get_unit


def read_unit_history(session: Session, name: str) -> dict[str, Any]:
    """Every revision of a unit's texts, oldest first, with its reviews. Raises UnknownResource."""
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
    sides: dict[str, list[dict[str, Any]]] = {"source": [], "target": []}
    for revision, author, about_number, based_on in session.execute(query):
        side = "source" if revision.state == State.SOURCE else "target"
        said: dict[str, Any] = {
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
        if side == "source":
            said |= {"minor": revision.is_minor, "about": about_number}
        else:
            said |= {"state": revision.state, "based_on": based_on, "reviews": reviews.get(revision.id, [])}
        sides[side].append(said)
    return {"id": name, **sides}


def _read_reviews(session: Session, unit_id: int) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(Review, Actor.name)
        .join(Actor, Actor.id == Review.reviewer_id)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Revision.unit_id == unit_id)
        .order_by(Review.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for review, reviewer in session.execute(query):
        said = {
            "decision": review.decision,
            "by": reviewer,
            "at": format_time(review.at),
            "comment": review.comment,
        }
        found.setdefault(review.revision_id, []).append(said)
    return found
