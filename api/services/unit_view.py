"""Units as those who work on them see them: both texts, what changed in the source, and the queue of what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.domain.difference import find_changes
from api.domain.document import format_time
from api.domain.errors import UnknownResource
from api.domain.language import Language
from api.domain.state import State
from api.models import Actor, Resource, Review, Revision, Sense, Unit
from api.services.delivery.request import decode_after, encode_after
from api.services.sense import sense_column
from api.services.unit import get_unit

Source, Target, Basis = aliased(Revision), aliased(Revision), aliased(Revision)
SourceSense, BasisSense = aliased(Sense), aliased(Sense)
SourceAuthor, TargetAuthor, Reviewer = aliased(Actor), aliased(Actor), aliased(Actor)
Holder = aliased(Resource)

# A review counts for the revision that stands, and of several the last.
_last_review = select(func.max(Review.id)).where(Review.revision_id == Target.id).correlate(Target).scalar_subquery()
IS_OUTDATED = and_(Target.id.is_not(None), sense_column(Source, SourceSense) != sense_column(Basis, BasisSense))
IS_RETURNED: ColumnElement[bool] = func.coalesce(Review.decision == "return", False)
IS_REVIEWED: ColumnElement[bool] = func.coalesce(Review.decision == "approve", False)
HAS_TEXT = and_(Target.id.is_not(None), Target.state != State.INITIAL.value)
# What needs somebody most comes first: what was sent back, what is not there, what is no longer true, what nobody
# has read.
NEED: ColumnElement[int] = case(
    (IS_RETURNED, 0), (~func.coalesce(HAS_TEXT, False), 1), (IS_OUTDATED, 2), (IS_REVIEWED, 4), else_=3
)
STATE: ColumnElement[Any] = case(
    (~func.coalesce(HAS_TEXT, False), State.INITIAL.value),
    (IS_REVIEWED, State.REVIEWED.value),
    else_=State.TRANSLATED.value,
)


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What the queue is narrowed to; None is no filter. ``by`` is the name of the target's last author."""

    state: str | None = None
    is_outdated: bool | None = None
    is_returned: bool | None = None
    kind: str | None = None
    collection: str | None = None
    category: str | None = None
    target: str | None = None
    by: str | None = None
    q: str | None = None


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Unit,
        Resource.kind,
        Resource.key,
        Resource.source_language,
        Resource.rank,
        Source,
        Target,
        Basis,
        Review,
        SourceAuthor.name.label("source_author"),
        TargetAuthor.name.label("target_author"),
        Reviewer.name.label("reviewer"),
        IS_OUTDATED.label("is_outdated"),
        STATE.label("target_state"),
        NEED.label("need"),
    )
    return (
        select(*columns)
        .join(Resource, Resource.id == Unit.resource_id)
        .join(Source, Source.id == Unit.source_id)
        .join(SourceAuthor, SourceAuthor.id == Source.author_id)
        .outerjoin(Target, Target.id == Unit.target_id)
        .outerjoin(TargetAuthor, TargetAuthor.id == Target.author_id)
        .outerjoin(Basis, Basis.id == Target.based_on_id)
        .outerjoin(SourceSense, SourceSense.revision_id == Source.id)
        .outerjoin(BasisSense, BasisSense.revision_id == Basis.id)
        .outerjoin(Review, Review.id == _last_review)
        .outerjoin(Reviewer, Reviewer.id == Review.reviewer_id)
    )


def etag_of(unit_id: int, version: int) -> str:
    """The validator of a unit: it changes with every act on it."""
    return f'"unit-{unit_id}-{version}"'


def get_unit_view(session: Session, name: str) -> tuple[dict[str, Any], str]:
    """A unit and its ETag. Raises UnknownResource."""
    unit = get_unit(session, name)
    query = _query().where(Unit.id == unit.id).execution_options(populate_existing=True)
    row = session.execute(query).first()
    if row is None:
        raise UnknownResource(name)
    return _view(row), etag_of(row[0].id, row[0].version)


def _view(row: Any) -> dict[str, Any]:
    unit, source, target, basis = row[0], row[5], row[6], row[7]
    name = f"{row.kind}.{row.key}"
    return {
        "id": f"{name}.{unit.field}",
        "resource": name,
        "field": unit.field,
        "note": unit.note,
        "source": {
            "language": source.language,
            "text": source.text,
            "revision": source.number,
            "updated_at": format_time(source.at),
            "updated_by": row.source_author,
        },
        "target": _target(row),
        "source_changes": _changes(basis.text, source.text) if target is not None else [],
    }


def _target(row: Any) -> dict[str, Any]:
    target, basis = row[6], row[7]
    language = Language(row.source_language).other.value
    if target is None:
        empty = ("text", "revision", "origin", "tool", "based_on", "returned", "updated_at", "updated_by")
        return {"language": language, "state": State.INITIAL.value, "outdated": False, **dict.fromkeys(empty)}
    return {
        "language": language,
        "text": target.text,
        "revision": target.number,
        "state": row.target_state,
        "origin": target.origin,
        "tool": target.tool,
        "based_on": basis.number,
        "outdated": bool(row.is_outdated),
        "returned": _returned(row),
        "updated_at": format_time(target.at),
        "updated_by": row.target_author,
    }


def _returned(row: Any) -> dict[str, Any] | None:
    review = row[8]
    if review is None or review.decision != "return":
        return None
    return {"by": row.reviewer, "at": format_time(review.at), "comment": review.comment}


def _changes(old: str, new: str) -> list[dict[str, str]]:
    return [{"op": change.op, "text": change.text} for change in find_changes(old, new)]


def list_units(
    session: Session, filters: QueueFilters, limit: int, after: str | None, fingerprint: str
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the queue, most needed first, each with its ``etag``; and where the next page begins, if there is one.

    Raises RequestRefused for an ``after`` that is none of ours.
    """
    place = (NEED, Resource.kind, Resource.rank, Resource.id, Unit.id)
    query = _narrow(_query(), filters).where(~Resource.withdrawn, ~Resource.deleted).order_by(*place)
    if after is not None:
        query = query.where(tuple_(*place) > decode_after(after, fingerprint, (int, str, int, int, int)))
    rows = session.execute(query.limit(limit + 1)).all()
    page = rows[:limit]
    items = [_view(row) | {"etag": etag_of(row[0].id, row[0].version)} for row in page]
    if len(rows) <= limit:
        return items, None
    last = page[-1]
    key = (last.need, last.kind, last.rank, last[0].resource_id, last[0].id)
    return items, encode_after(key, fingerprint)


def _narrow(query: Select[Any], filters: QueueFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.state is not None:
        conditions.append(STATE.in_([filters.state]))
    if filters.is_outdated is not None:
        conditions.append(_as_asked(func.coalesce(IS_OUTDATED, False), filters.is_outdated))
    if filters.is_returned is not None:
        conditions.append(_as_asked(IS_RETURNED, filters.is_returned))
    if filters.kind is not None:
        conditions.append(Resource.kind == filters.kind)
    if filters.target is not None:
        conditions.append(Resource.source_language == Language(filters.target).other.value)
    if filters.by is not None:
        conditions.append(TargetAuthor.name == filters.by)
    if filters.q is not None:
        like = "%" + filters.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(or_(Source.text.ilike(like, escape="\\"), Target.text.ilike(like, escape="\\")))
    for key, kind, column in (
        (filters.collection, "collection", Resource.collection_id),
        (filters.category, "category", Resource.category_id),
    ):
        if key is not None:
            holder = select(Holder.id).where(Holder.kind == kind, Holder.key == key)
            conditions.append(or_(column.in_(holder), Resource.id.in_(holder)))
    return query.where(*conditions)


def _as_asked(condition: ColumnElement[bool], is_wanted: bool) -> ColumnElement[bool]:
    return condition if is_wanted else ~condition


def count_units(session: Session, filters: QueueFilters) -> dict[str, int]:
    """How many units there are by state, and how many of them are outdated or sent back, under the other filters."""
    states = [
        func.count().filter(STATE.in_([state.value])).label(state.value) for state in State if state != State.SOURCE
    ]
    counted: tuple[Any, ...] = (
        func.count().label("total"),
        *states,
        func.count().filter(func.coalesce(IS_OUTDATED, False)).label("outdated"),
        func.count().filter(IS_RETURNED).label("returned"),
    )
    query = _narrow(_query(), filters).where(~Resource.withdrawn, ~Resource.deleted).with_only_columns(*counted)
    return {str(name): int(n) for name, n in session.execute(query).mappings().one().items()}


def read_unit_history(session: Session, name: str) -> dict[str, Sequence[dict[str, Any]]]:
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
    return {"id": name, **sides}  # type: ignore[dict-item]  # the id is the one that is no list


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
