"""The public's three questions about content: this one, a page of these, any one of these."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from api.db.statements import LIMIT_ONE, execute
from api.domain.document import DocumentParts, to_json
from api.domain.errors import LanguageNotAvailableError, NothingToServeError, PublicResourceNotFoundError
from api.domain.kind import KINDS, Kind
from api.domain.language import Language
from api.domain.rule import Served
from api.services.delivery.answer import ContentSerializer
from api.services.delivery.edition_pairs import (
    Asked,
    EditionPair,
    QueryShape,
    Scope,
    bind_values,
    find_editions,
    find_neighbour,
    query_shape,
    select_editions,
    to_edition_pair,
)
from api.services.delivery.links import Links
from api.services.delivery.list_totals import ListTotal, ListTotals
from api.services.delivery.names import read_names
from api.services.delivery.pagination import read_page
from api.services.delivery.request import Branding, Filters, ListRequest, ReadContext
from api.services.delivery.resolve_slug import get_resource_id, resolve_scope
from api.services.delivery.search_page import SearchScope, count_omitted, find_page, narrow_to_matches


@dataclass(frozen=True, slots=True)
class ContentResult:
    """A body as JSON, the languages really in it, the links that go into the header, and what it was made of."""

    body: str
    languages: tuple[Language, ...]
    links: Mapping[str, str]
    keys: tuple[str, ...]
    # The same in the other language, where there is one.
    alternate: tuple[Language, str] | None = None


def get_resource(session: Session, reading: ReadContext, branding: Branding, kind: Kind, slug: str) -> ContentResult:
    """The resource at this address. Raises what ``get_resource_id`` raises, and LanguageMissing."""
    resource_id = get_resource_id(session, kind, slug, reading.snapshot)
    found = find_editions(session, [resource_id], reading)
    if not found:
        raise PublicResourceNotFoundError(kind.name, slug, reading.snapshot.release)
    return _answer_one(session, reading, branding, found[0])


def _answer_one(session: Session, reading: ReadContext, branding: Branding, found: EditionPair) -> ContentResult:
    links = Links(branding.public_url, reading)
    served = _choose(reading, found, links)
    parts = _take_apart(found, reading, served)
    slug = parts.slug or ""
    around = {name: _neighbour_link(session, reading, links, found, is_next=name == "next") for name in _AROUND}
    own = {"self": links.own(KINDS[found.kind], slug)}
    body = _make_writer(session, reading, branding, links, [found], [parts]).write(found, parts, served, own | around)
    said = own | {name: link for name, link in around.items() if link}
    alternate = None
    if served is not None and found.states[served.language.other] is not None:
        other = served.language.other
        url = links.in_language(KINDS[found.kind], slug, other, reading.rule.admits(found.states[other]))
        alternate = (other, url)
    return ContentResult(body, _languages(reading, [(found, served)]), said, _keys([found], [parts]), alternate)


_AROUND = ("next", "previous")


def _choose(reading: ReadContext, found: EditionPair, links: Links) -> Served | None:
    """The language to serve, None for a bilingual answer. Raises LanguageMissing with where to read instead."""
    if reading.is_bilingual:
        if any(reading.rule.admits(state) for state in found.states.values()):
            return None
    else:
        served = reading.rule.choose(found.states)
        if served is not None:
            return served
    rule = reading.rule
    other = rule.language.other
    exists = other if rule.admits(found.states[other]) else None
    url = None
    if exists and found.is_public:
        url = links.in_language(KINDS[found.kind], found.split_document(other).slug or "", exists, True)
    raise LanguageNotAvailableError(rule.language.value, rule.reason_against(found.states), exists, url)


def _take_apart(found: EditionPair, reading: ReadContext, served: Served | None) -> DocumentParts:
    return found.split_document(served.language if served else reading.rule.language)


def _neighbour_link(
    session: Session, reading: ReadContext, links: Links, found: EditionPair, *, is_next: bool
) -> str | None:
    row = find_neighbour(session, found, reading, is_next=is_next)
    return None if row is None else links.resource(KINDS[found.kind], row.slugs[row.source_language])


def _make_writer(
    session: Session,
    reading: ReadContext,
    branding: Branding,
    links: Links,
    found: Sequence[EditionPair],
    parts: Sequence[DocumentParts],
) -> ContentSerializer:
    names = read_names(session, found, parts, reading)
    return ContentSerializer(reading, branding, links, names, ListTotals(session, reading))


def _languages(reading: ReadContext, served: Sequence[tuple[EditionPair, Served | None]]) -> tuple[Language, ...]:
    inside = {s.language for _, s in served if s is not None}
    inside |= {
        language for f, s in served if s is None for language in Language if reading.rule.admits(f.states[language])
    }
    return tuple(language for language in Language if language in inside) or (reading.rule.language,)


def _keys(found: Sequence[EditionPair], parts: Sequence[DocumentParts]) -> tuple[str, ...]:
    return tuple(each.id for each in parts) + tuple(sorted({f"kind.{f.kind}" for f in found}))


def list_resources(session: Session, reading: ReadContext, branding: Branding, request: ListRequest) -> ContentResult:
    """One page of a kind, in order. Raises RequestRefused for filters or an ``after`` that name nothing here."""
    scope = resolve_scope(session, request.kind, request.filters, reading)
    links = Links(branding.public_url, reading)
    read = _read_matches if request.q else _read_list
    page, after, total = read(session, reading, scope, request, links)
    served = [None if reading.is_bilingual else reading.rule.choose(f.states) for f in page]
    parts = [_take_apart(f, reading, s) for f, s in zip(page, served, strict=True)]
    writer = _make_writer(session, reading, branding, links, page, parts)
    items = [writer.write(f, p, s, {}) for f, p, s in zip(page, parts, served, strict=True)]
    said = {"self": links.list(request)} | ({"next": links.next(request, after)} if after else {})
    counts = f'"total":{total.total},"omitted":{total.omitted},"release":{reading.snapshot.release}'
    around = to_json({"self": said["self"], "next": said.get("next")})
    body = f'{{"items":[{",".join(items)}],{counts},"links":{around}}}'
    alternate = None
    if not reading.is_bilingual and request.after is None:
        other = replace(reading.rule, language=reading.rule.language.other)
        alternate = (other.language, links.list(request, other))
    keys = ("lists", *_keys(page, parts))
    return ContentResult(body, _languages(reading, list(zip(page, served, strict=True))), said, keys, alternate)


def _read_list(
    session: Session, reading: ReadContext, scope: Scope, request: ListRequest, _links: Links
) -> tuple[Sequence[EditionPair], str | None, ListTotal]:
    """A page in order, the ``after`` of the next one, and how many there are in all."""
    census = ListTotals(session, reading)
    page, after = read_page(session, reading, scope, request, census)
    return page, after, census.count(scope)


def _read_matches(
    session: Session, reading: ReadContext, scope: Scope, request: ListRequest, links: Links
) -> tuple[Sequence[EditionPair], str | None, ListTotal]:
    """The same of what ``q`` finds, best first."""
    first_page = links.list(replace(request, after=None))
    fingerprint = request.fingerprint(reading)
    asked = SearchScope(
        request.q or "", narrow_to_matches(scope, reading), request.limit, request.after, fingerprint, first_page
    )
    found = find_page(session, reading, asked)
    by_id = {each.resource_id: each for each in find_editions(session, [m.resource_id for m in found.matches], reading)}
    omitted = count_omitted(session, reading, asked, found)
    return [by_id[match.resource_id] for match in found.matches], found.after, ListTotal(found.total, omitted, 0)


def write_bilingual(
    session: Session, reading: ReadContext, branding: Branding, row_ids: Sequence[int]
) -> dict[int, str]:
    """The bilingual answers of these resources as JSON, by row id; what is public in no language is absent."""
    found = [edition for edition in find_editions(session, row_ids, reading) if edition.is_public]
    parts = [_take_apart(f, reading, None) for f in found]
    writer = _make_writer(session, reading, branding, Links(branding.public_url, reading), found, parts)
    return {f.resource_id: writer.write(f, p, None, {}) for f, p in zip(found, parts, strict=True)}


@cache
def _at_random(shape: QueryShape, *, is_from_point: bool) -> Select[Any]:
    query = select_editions(shape).order_by(Asked.random, Asked.resource_id).limit(LIMIT_ONE)
    return query.where(Asked.random >= bindparam("point")) if is_from_point else query


def choose_one(
    session: Session, reading: ReadContext, branding: Branding, kind: Kind, filters: Filters, seed: str | None
) -> ContentResult:
    """One of those that fit. With a seed it stays the same until it, or its neighbour on the circle, changes.

    Every resource stands at a fixed place on a circle; the seed names a point, and the next resource from there is
    the one. Raises NothingToServe, RequestRefused.
    """
    scope = resolve_scope(session, kind, filters, reading)
    point = secrets.randbits(62) if seed is None else int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) >> 2
    shape, values = query_shape(reading, tuple(scope.values)), bind_values(scope, reading)
    for is_from_point in (True, False):
        row = execute(session, _at_random(shape, is_from_point=is_from_point), point=point, **values).first()
        if row is not None:
            return _answer_one(session, reading, branding, to_edition_pair(row, reading.rule))
    raise NothingToServeError
