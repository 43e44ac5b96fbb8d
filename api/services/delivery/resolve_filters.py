"""Filters by slug and by id, converted to filters by row id in the release that the request reads."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from api.db.read_session import execute, table_of
from api.domain.emoji import cut_text
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import CATEGORY, COLLECTION, Kind
from api.domain.language import Language
from api.domain.slug import is_slug
from api.models import Edition, Resource, Slug
from api.services.delivery.edition_pairs import is_released_slug
from api.services.delivery.request import Filters, ReadContext
from api.services.delivery.scope import Scope
from api.services.publishing.snapshot import public_at


class NamedRows(NamedTuple):
    """The row ids of the collections and categories that a request names. An empty tuple means that it names none."""

    collections: tuple[int, ...]
    categories: tuple[int, ...]


def resolve_scope(session: Session, kind: Kind, filters: Filters, context: ReadContext) -> Scope:
    """Return the scope of a list with these filters.

    Raises InvalidRequestError if a collection or category does not exist in this release, or if an id was never public.
    """
    names = resolve_names(session, filters, context)
    collection_id = names.collections[0] if names.collections else None
    row_ids = _resolve_ids(session, kind, filters.ids)
    return Scope(kind, collection_id, names.categories, filters.number, filters.facets, row_ids)


def resolve_names(session: Session, filters: Filters, context: ReadContext) -> NamedRows:
    """Return the row ids of the collection and the categories. Raises InvalidRequestError."""
    issues: list[Issue] = []
    collections = (filters.collection,) if filters.collection is not None else ()
    collection_ids = _resolve_slugs(session, COLLECTION, collections, context, issues)
    category_ids = _resolve_slugs(session, CATEGORY, filters.categories, context, issues)
    if issues:
        raise InvalidRequestError(issues)
    return NamedRows(collection_ids, category_ids)


def _resolve_slugs(
    session: Session, kind: Kind, slugs: tuple[str, ...], context: ReadContext, issues: list[Issue]
) -> tuple[int, ...]:
    row_ids: set[int] = set()
    for slug in slugs:
        find = partial(_find_row_id, session, kind, slug, context)
        row_id = context.cache.get_or_compute((kind.name, slug), find)
        if row_id is None:
            issues.append(_unknown(kind.name, slug))
        else:
            row_ids.add(row_id)
    return tuple(sorted(row_ids))


def _unknown(parameter: str, value: str) -> Issue:
    return Issue(IssueCode.UNKNOWN_VALUE, parameter=parameter, data={"value": cut_text(value, 100)})


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


def _resolve_ids(session: Session, kind: Kind, ids: tuple[str, ...]) -> tuple[int, ...]:
    """Return the row ids of the resources of this kind with these ids. Raises InvalidRequestError.

    The id of any resource that was ever public is valid, so that clients can use stored ids after a withdrawal.
    """
    if not ids:
        return ()
    keys = [resource_id.removeprefix(f"{kind.name}.") for resource_id in ids]
    rows = execute(session, _SELECT_RELEASED, kind=kind.name, keys=list(filter(is_slug, keys)))
    row_ids = {f"{kind.name}.{row.key}": row.id for row in rows}
    issues = [_unknown("id", resource_id) for resource_id in ids if resource_id not in row_ids]
    if issues:
        raise InvalidRequestError(issues)
    return tuple(sorted(row_ids.values()))


def _select_released() -> Select[Any]:
    resource, edition = table_of(Resource), table_of(Edition)
    keys: Any = bindparam("keys", expanding=True)
    has_edition = exists().where(edition.c.resource_id == resource.c.id)
    return select(resource.c.id, resource.c.key).where(
        resource.c.kind == bindparam("kind"), resource.c.key.in_(keys), has_edition
    )


_SELECT_RELEASED = _select_released()
