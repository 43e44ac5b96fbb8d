"""Public reads of content: one resource, a page of a list, a random resource."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from api.db.read_session import LIMIT_ONE, execute
from api.domain.cursor import PageCursors
from api.domain.document import DocumentParts, to_json
from api.domain.errors import (
    LanguageNotAvailableError,
    NothingToServeError,
    PublicResourceNotFoundError,
    ResourceSuppressedError,
    ResourceWithdrawnError,
)
from api.domain.kind import KINDS, Kind
from api.domain.language import Language
from api.domain.rule import Served
from api.domain.slug import is_slug
from api.services.delivery.edition_pairs import (
    REQUESTED,
    EditionPair,
    QueryShape,
    bind_values,
    find_by_slug,
    find_editions,
    find_neighbour_slugs,
    query_shape,
    select_editions,
    to_edition_pair,
)
from api.services.delivery.links import Links
from api.services.delivery.list_totals import ListTotal, count_list
from api.services.delivery.names import read_names
from api.services.delivery.pagination import read_page
from api.services.delivery.request import Branding, Filters, ListRequest, ReadContext
from api.services.delivery.resolve_filters import resolve_scope
from api.services.delivery.retired_slugs import make_slug_error
from api.services.delivery.scope import Scope
from api.services.delivery.search_page import SearchScope, count_omitted, find_page, narrow_to_matches
from api.services.delivery.serializer import ContentSerializer

_NEIGHBOURS = ("next", "previous")


@dataclass(frozen=True, slots=True)
class ContentResult:
    """The content of a response.

    ``body`` is JSON, and ``languages`` are the languages of its texts. ``links`` are URLs by relation type. ``keys``
    are surrogate keys. ``alternate`` is the other language and the URL of the content in that language, or None.
    ``context`` has the language that the slug of a resource selected; None for a list.
    """

    body: str
    languages: tuple[Language, ...]
    links: Mapping[str, str | None]
    keys: tuple[str, ...]
    alternate: tuple[Language, str] | None = None
    context: ReadContext | None = None


def get_public_resource(
    session: Session, context: ReadContext, branding: Branding, kind: Kind, slug: str
) -> ContentResult:
    """Return the resource that has this slug in Welsh or English.

    Raises PublicResourceNotFoundError; SlugMovedError if the resource has this slug only in other releases;
    ResourceWithdrawnError; ResourceSuppressedError; LanguageNotAvailableError.
    """
    row = find_by_slug(session, kind, slug, context) if is_slug(slug) else None
    if row is None:
        raise PublicResourceNotFoundError(kind.name, slug, context.snapshot.release)
    resource_id = f"{kind.name}.{row.key}"
    if row.is_suppressed:
        raise ResourceSuppressedError(resource_id)
    if row.withdrawn:
        raise ResourceWithdrawnError(resource_id, row.first_release)
    if slug not in row.slugs.values():
        raise make_slug_error(session, kind, slug, row)
    followed = context.follow_slug(slug, row.slugs)
    if followed.rule != context.rule:
        # Only the document in the language of the rule was read.
        return get_public_resource(session, followed, branding, kind, slug)
    context = followed
    return _build_result(session, context, branding, to_edition_pair(row, context.rule))


def _build_result(session: Session, context: ReadContext, branding: Branding, edition: EditionPair) -> ContentResult:
    links, kind = Links(branding.public_url, context), KINDS[edition.kind]
    served = _choose_language(context, edition, links)
    parts = _split_document(edition, context, served)
    slug = parts.slug or ""
    neighbours = find_neighbour_slugs(session, edition, context)
    urls = {"self": links.resource_self(kind, slug)}
    urls |= {relation: links.resource(kind, neighbours[relation]) for relation in _NEIGHBOURS if relation in neighbours}
    serializer = _make_serializer(session, context, branding, links, [edition], [parts])
    # In the body, the link to a missing neighbour is null.
    body = serializer.serialize(edition, parts, served, {name: urls.get(name) for name in ("self", *_NEIGHBOURS)})
    alternate = None
    if served is not None and edition.states[served.language.other] is not None:
        other = served.language.other
        is_admitted = context.rule.admits(edition.states[other])
        alternate = (other, links.resource_in_language(kind, slug, other, is_admitted))
    languages, keys = _list_languages(context, [(edition, served)]), _surrogate_keys([edition], [parts])
    return ContentResult(body, languages, urls, keys, alternate, context)


def _choose_language(context: ReadContext, edition: EditionPair, links: Links) -> Served | None:
    """Return the language to serve; None for a bilingual response.

    Raises LanguageNotAvailableError. If the other language is available, the error contains its URL.
    """
    rule = context.rule
    if context.is_bilingual:
        if any(rule.admits(state) for state in edition.states.values()):
            return None
    else:
        served = rule.choose(edition.states)
        if served is not None:
            return served
    other = rule.language.other
    available = other if rule.admits(edition.states[other]) else None
    url = None
    if available and edition.is_public:
        slug = edition.split_document(available).slug or ""
        url = links.resource_in_language(KINDS[edition.kind], slug, available, True)
    raise LanguageNotAvailableError(rule.language.value, rule.reason_against(edition.states), available, url)


def _split_document(edition: EditionPair, context: ReadContext, served: Served | None) -> DocumentParts:
    return edition.split_document(served.language if served else context.rule.language)


def _make_serializer(
    session: Session,
    context: ReadContext,
    branding: Branding,
    links: Links,
    editions: Sequence[EditionPair],
    parts: Sequence[DocumentParts],
) -> ContentSerializer:
    names = read_names(session, editions, parts, context)
    return ContentSerializer(session, context, branding, links, names)


def _list_languages(context: ReadContext, items: Sequence[tuple[EditionPair, Served | None]]) -> tuple[Language, ...]:
    served_languages = {served.language for _, served in items if served is not None}
    served_languages |= {
        language
        for edition, served in items
        if served is None
        for language in Language
        if context.rule.admits(edition.states[language])
    }
    return tuple(language for language in Language if language in served_languages) or (context.rule.language,)


def _surrogate_keys(editions: Sequence[EditionPair], parts: Sequence[DocumentParts]) -> tuple[str, ...]:
    kinds = sorted({edition.kind for edition in editions})
    return (*(item.id for item in parts), *(f"kind.{kind}" for kind in kinds))


def list_resources(session: Session, context: ReadContext, branding: Branding, request: ListRequest) -> ContentResult:
    """Return a page of a list.

    Raises InvalidRequestError for an invalid cursor, and for a collection or category that does not exist in this
    release. A search (``q``) also raises the errors of ``find_page``.
    """
    scope = resolve_scope(session, request.kind, request.filters, context)
    links = Links(branding.public_url, context)
    read = _read_matches if request.q else _read_list
    page, cursors, total = read(session, context, scope, request, links)
    served = [None if context.is_bilingual else context.rule.choose(edition.states) for edition in page]
    parts = [_split_document(edition, context, language) for edition, language in zip(page, served, strict=True)]
    serializer = _make_serializer(session, context, branding, links, page, parts)
    items = list(map(serializer.serialize, page, parts, served))
    urls = links.list_pages(request, cursors)
    counts = f'"total":{total.total},"omitted":{total.omitted},"release":{context.snapshot.release}'
    body = f'{{"items":[{",".join(items)}],{counts},"links":{to_json(urls)}}}'
    alternate = None
    if not context.is_bilingual and request.after is None:
        other = replace(context.rule, language=context.rule.language.other)
        alternate = (other.language, links.list_self(request, other))
    keys = ("lists", *_surrogate_keys(page, parts))
    return ContentResult(body, _list_languages(context, list(zip(page, served, strict=True))), urls, keys, alternate)


_ListPage = tuple[Sequence[EditionPair], PageCursors, ListTotal]


def _read_list(session: Session, context: ReadContext, scope: Scope, request: ListRequest, _links: Links) -> _ListPage:
    """Return a page in the order of the list, the cursors of its neighbours, and the totals."""
    page, cursors = read_page(session, context, scope, request)
    return page, cursors, count_list(session, context, scope)


def _read_matches(
    session: Session, context: ReadContext, scope: Scope, request: ListRequest, links: Links
) -> _ListPage:
    """Return a page of the resources that match ``q`` (best first), the cursors of its neighbours, and the totals."""
    first_page = links.list_self(replace(request, after=None))
    search = SearchScope(
        request.q or "", narrow_to_matches(scope, context), request.limit, request.after,
        request.fingerprint(context), first_page,
    )  # fmt: skip
    result = find_page(session, context, search)
    row_ids = [match.resource_id for match in result.matches]
    by_id = {edition.resource_id: edition for edition in find_editions(session, row_ids, context)}
    total = ListTotal(result.total, count_omitted(session, context, search, result), 0)
    return [by_id[row_id] for row_id in row_ids], result.cursors, total


@cache
def _select_random(shape: QueryShape, *, is_after_point: bool) -> Select[Any]:
    query = select_editions(shape).order_by(REQUESTED.random, REQUESTED.resource_id).limit(LIMIT_ONE)
    return query.where(REQUESTED.random >= bindparam("point")) if is_after_point else query


def get_random_resource(
    session: Session, context: ReadContext, branding: Branding, kind: Kind, filters: Filters, seed: str | None
) -> ContentResult:
    """Return a random resource of a list. The same seed and the same list give the same resource.

    Each resource has a fixed position on a circle. The seed gives a point, and the next resource is chosen. If the list
    changes, most seeds give the same resource as before. Raises NothingToServeError, InvalidRequestError.
    """
    scope = resolve_scope(session, kind, filters, context)
    point = secrets.randbits(62) if seed is None else int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) >> 2
    shape, values = query_shape(context, scope), bind_values(scope, context)
    for is_after_point in (True, False):
        row = execute(session, _select_random(shape, is_after_point=is_after_point), point=point, **values).first()
        if row is not None:
            return _build_result(session, context, branding, to_edition_pair(row, context.rule))
    raise NothingToServeError
