"""Filters by slug, converted to filters by row id in the release that the request reads."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.db.read_session import execute, table_of
from api.domain.emoji import cut_text
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import CATEGORY, COLLECTION, Kind
from api.domain.language import Language
from api.domain.slug import is_slug
from api.models import Edition, Slug
from api.services.delivery.edition_pairs import Scope, is_released_slug
from api.services.delivery.request import Filters, ReadContext
from api.services.publishing.snapshot import public_at


def resolve_scope(session: Session, kind: Kind, filters: Filters, context: ReadContext) -> Scope:
    """Return the scope of a list with these filters.

    Raises InvalidRequestError if the collection or the category does not exist in this release.
    """
    collection_id, category_id = resolve_names(session, filters, context)
    return Scope(kind, collection_id, category_id, filters.number, filters.facet)


def resolve_names(session: Session, filters: Filters, context: ReadContext) -> tuple[int | None, int | None]:
    """Return the row ids of the collection and the category. Raises InvalidRequestError."""
    issues: list[Issue] = []
    collection_id = _resolve(session, COLLECTION, filters.collection, context, issues)
    category_id = _resolve(session, CATEGORY, filters.category, context, issues)
    if issues:
        raise InvalidRequestError(issues)
    return collection_id, category_id


def _resolve(session: Session, kind: Kind, slug: str | None, context: ReadContext, issues: list[Issue]) -> int | None:
    if slug is None:
        return None
    row_id = context.cache.get_or_compute((kind.name, slug), lambda: _find_row_id(session, kind, slug, context))
    if row_id is None:
        issues.append(Issue(IssueCode.UNKNOWN_VALUE, parameter=kind.name, data={"value": cut_text(slug, 100)}))
    return row_id


def _find_row_id(session: Session, kind: Kind, slug: str, context: ReadContext) -> int | None:
    if not is_slug(slug):
        return None
    statement = _select_row_id(is_current=context.snapshot.is_current)
    row_id: int | None = execute(
        session, statement, kind=kind.name, slug=slug, release=context.snapshot.release
    ).scalar()
    return row_id


@cache
def _select_row_id(*, is_current: bool) -> Select[Any]:
    edition, slug = table_of(Edition), table_of(Slug)
    return (
        select(edition.c.resource_id)
        .select_from(slug.join(edition, edition.c.resource_id == slug.c.resource_id))
        .where(
            *is_released_slug(slug.c),
            edition.c.language == Language.EN.value,
            ~edition.c.withdrawn,
            public_at(edition.c, is_current=is_current),
        )
    )
