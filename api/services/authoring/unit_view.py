"""Units as translators and editors see them: both texts, and the changes to the source."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from api.domain.actions import Decision
from api.domain.difference import find_changes
from api.domain.document import format_time
from api.domain.language import Language
from api.domain.state import State
from api.models import Actor, Resource, Review, Revision, Sense, Unit
from api.services.authoring.senses import sense_column
from api.services.authoring.units import get_unit

# Aliases for ``select_units``. The rows of its result have the attributes ``source``, ``target`` and ``basis``.
Source, Target = aliased(Revision, name="source"), aliased(Revision, name="target")
Basis = aliased(Revision, name="basis")
SourceSense, BasisSense = aliased(Sense), aliased(Sense)
SourceAuthor, TargetAuthor, Reviewer = aliased(Actor), aliased(Actor), aliased(Actor)

# Only the last review of the current target counts.
_last_review = select(func.max(Review.id)).where(Review.revision_id == Target.id).correlate(Target).scalar_subquery()
IS_OUTDATED = and_(Target.id.is_not(None), sense_column(Source, SourceSense) != sense_column(Basis, BasisSense))
IS_RETURNED: ColumnElement[bool] = func.coalesce(Review.decision == Decision.RETURN.value, False)
IS_REVIEWED: ColumnElement[bool] = func.coalesce(Review.decision == Decision.APPROVE.value, False)
HAS_TEXT = and_(Target.id.is_not(None), Target.state != State.INITIAL.value)
# The most urgent first: returned, missing, outdated, not reviewed, reviewed.
URGENCY: ColumnElement[int] = case(
    (IS_RETURNED, 0), (~func.coalesce(HAS_TEXT, False), 1), (IS_OUTDATED, 2), (IS_REVIEWED, 4), else_=3
)
STATE: ColumnElement[Any] = case(
    (~func.coalesce(HAS_TEXT, False), State.INITIAL.value),
    (IS_REVIEWED, State.REVIEWED.value),
    else_=State.TRANSLATED.value,
)


def select_units() -> Select[Any]:
    """Return a query for units, with their texts, authors, last reviews and reviewers."""
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
        URGENCY.label("urgency"),
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
    """Return the ETag of a unit, which changes with every action on the unit."""
    return f'"unit-{unit_id}-{version}"'


def read_unit(session: Session, name: str) -> tuple[dict[str, Any], str]:
    """Return the unit with this id and its ETag. Raises WorkingResourceNotFoundError."""
    return get_unit_view(session, get_unit(session, name).id)


def get_unit_view(session: Session, unit_id: int) -> tuple[dict[str, Any], str]:
    """Return the unit with this row id, and its ETag."""
    query = select_units().where(Unit.id == unit_id).execution_options(populate_existing=True)
    row = session.execute(query).one()
    return describe_unit(row), unit_etag(row.Unit.id, row.Unit.version)


def describe_unit(row: Any) -> dict[str, Any]:
    """Return the unit in a row of ``select_units``, as the API sends it."""
    unit, source, target = row.Unit, row.source, row.target
    resource = f"{row.kind}.{row.key}"
    return {
        "id": f"{resource}.{unit.field}",
        "resource": resource,
        "field": unit.field,
        "note": unit.note,
        "source": {
            "language": source.language,
            "text": source.text,
            "revision": source.number,
            "updated_at": format_time(source.at),
            "updated_by": row.source_author,
        },
        "target": _describe_target(row),
        "source_changes": _describe_changes(row.basis.text, source.text) if target is not None else [],
    }


def _describe_target(row: Any) -> dict[str, Any]:
    target = row.target
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
        "based_on": row.basis.number,
        "outdated": bool(row.is_outdated),
        "returned": _describe_return(row),
        "updated_at": format_time(target.at),
        "updated_by": row.target_author,
    }


def _describe_return(row: Any) -> dict[str, Any] | None:
    review = row.Review
    if review is None or review.decision != Decision.RETURN:
        return None
    return {"by": row.reviewer, "at": format_time(review.at), "comment": review.comment}


def _describe_changes(old: str, new: str) -> list[dict[str, str]]:
    return [{"op": change.op, "text": change.text} for change in find_changes(old, new)]
