"""Units as those who work on them see them: both texts, what changed in the source, and the queue of what to do."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from api.domain.difference import find_changes
from api.domain.document import format_time
from api.domain.errors import WorkingResourceNotFoundError
from api.domain.language import Language
from api.domain.state import State
from api.models import Actor, Resource, Review, Revision, Sense, Unit
from api.services.authoring.senses import sense_column
from api.services.authoring.units import get_unit

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


def select_units() -> Select[Any]:
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


def unit_etag(unit_id: int, version: int) -> str:
    """The validator of a unit: it changes with every act on it."""
    return f'"unit-{unit_id}-{version}"'


def get_unit_view(session: Session, name: str) -> tuple[dict[str, Any], str]:
    """A unit and its ETag. Raises UnknownResource."""
    unit = get_unit(session, name)
    query = select_units().where(Unit.id == unit.id).execution_options(populate_existing=True)
    row = session.execute(query).first()
    if row is None:
        raise WorkingResourceNotFoundError(name)
    return describe_unit(row), unit_etag(row[0].id, row[0].version)


def read_review_status(session: Session, unit_id: int) -> tuple[bool, bool]:
    """Whether the target that stands is outdated, and whether it was sent back."""
    query = select_units().with_only_columns(func.coalesce(IS_OUTDATED, False), IS_RETURNED).where(Unit.id == unit_id)
    row = session.execute(query).one()
    return bool(row[0]), bool(row[1])


def describe_unit(row: Any) -> dict[str, Any]:
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
