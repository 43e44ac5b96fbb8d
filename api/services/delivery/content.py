"""The public's three questions about content: this one, a page of these, any one of these."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, tuple_
from sqlalchemy.orm import Session

from api.domain.errors import LanguageMissing, NothingToServe, ResourceMissing
from api.domain.kind import CATEGORY, COLLECTION, KINDS, Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule, Served
from api.services.delivery.address import get_resource_id, resolve_scope
from api.services.delivery.answer import Document, Writer
from api.services.delivery.census import Census, Total, count_numbered, read_census
from api.services.delivery.editions import (
    Asked,
    Found,
    Other,
    Scope,
    find_edition,
    find_neighbour,
    is_admitted,
    read_page,
    select_editions,
)
from api.services.delivery.finding import Search, count_omitted, find_page, narrow_list
from api.services.delivery.links import Links
from api.services.delivery.names import read_names
from api.services.delivery.request import (
    RANK,
    ROW,
    Filters,
    ListRequest,
    Reading,
    Voice,
    decode_after,
    encode_after,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, the languages that are really in it, the links that go into the header, and what it was made of."""

    body: Document
    languages: tuple[Language, ...]
    links: Mapping[str, str]
    keys: tuple[str, ...]
    # The same in the other language, where there is one.
    alternate: tuple[Language, str] | None = None


def get_resource(session: Session, reading: Reading, voice: Voice, kind: Kind, slug: str) -> Answer:
    """The resource at this address. Raises what ``get_resource_id`` raises, and LanguageMissing."""
    resource_id = get_resource_id(session, kind, slug, reading.snapshot)
    found = find_edition(session, resource_id, reading.snapshot, reading.rule, is_bilingual=reading.is_bilingual)
    if found is None:
        raise ResourceMissing(kind.name, slug, reading.snapshot.release)
    return _answer_one(session, reading, voice, found)


def _answer_one(session: Session, reading: Reading, voice: Voice, found: Found) -> Answer:
    links = Links(voice.public_url, reading)
    served = _choose(reading, found, links)
    document = _document(found, reading, served)
    writer = _make_writer(session, reading, voice, [found], [document])
    around = {
        name: _neighbour_link(session, reading, links, found, is_next=name == "next") for name in ("next", "previous")
    }
    own = {"self": links.own(KINDS[found.kind], document["slug"])}
    body = writer.write(found, document, served, own | around)
    said = own | {name: link for name, link in around.items() if link}
    alternate = _alternate(reading, links, found, document, served)
    return Answer(body, _languages(reading, [(found, served)]), said, _keys([found], [document]), alternate)


def _alternate(
    reading: Reading, links: Links, found: Found, document: Document, served: Served | None
) -> tuple[Language, str] | None:
    if served is None or found.states[served.language.other] is None:
        return None
    other = served.language.other
    is_admitted = reading.rule.admits(found.states[other])
    return other, links.in_language(KINDS[found.kind], document["slug"], other, is_admitted)


def _choose(reading: Reading, found: Found, links: Links) -> Served | None:
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
    document = json.loads(next(iter(found.documents.values()), "{}"))
    url = links.in_language(KINDS[found.kind], document["slug"], exists, True) if exists and document else None
    raise LanguageMissing(rule.language.value, rule.reason_against(found.states), exists, url)


def _document(found: Found, reading: Reading, served: Served | None) -> Document:
    language = served.language if served else reading.rule.language
    text = found.documents.get(language) or found.documents[language.other]
    document: Document = json.loads(text)
    return document


def _neighbour_link(session: Session, reading: Reading, links: Links, found: Found, *, is_next: bool) -> str | None:
    row = find_neighbour(
        session, found, reading.snapshot, reading.rule, is_next=is_next, is_bilingual=reading.is_bilingual
    )
    return None if row is None else links.resource(KINDS[found.kind], row.slugs[row.source_language])


def _make_writer(
    session: Session, reading: Reading, voice: Voice, found: Sequence[Found], documents: Sequence[Document]
) -> Writer:
    names = read_names(session, found, documents, reading.snapshot, reading.rule)
    # Only these two say how many there are in them.
    parents = {
        document["id"]: f.resource_id
        for f, document in zip(found, documents, strict=True)
        if f.kind in {COLLECTION.name, CATEGORY.name}
    }
    census = read_census(session, reading, parents) if parents else Census([], reading, {})
    return Writer(reading, voice, names, census)


def _languages(reading: Reading, served: Sequence[tuple[Found, Served | None]]) -> tuple[Language, ...]:
    inside = {s.language for _, s in served if s is not None}
    inside |= {
        language for f, s in served if s is None for language in Language if reading.rule.admits(f.states[language])
    }
    return tuple(language for language in Language if language in inside) or (reading.rule.language,)


def _keys(found: Sequence[Found], documents: Sequence[Document]) -> tuple[str, ...]:
    return tuple(document["id"] for document in documents) + tuple(sorted({f"kind.{f.kind}" for f in found}))


def list_resources(session: Session, reading: Reading, voice: Voice, request: ListRequest) -> Answer:
    """One page of a kind, in order. Raises RequestRefused for filters or an ``after`` that name nothing here."""
    scope = resolve_scope(session, request.kind, request.filters, reading.snapshot)
    links = Links(voice.public_url, reading)
    read = _read_matches if request.q else _read_list
    page, after, total = read(session, reading, scope, request, links)
    served = [None if reading.is_bilingual else reading.rule.choose(f.states) for f in page]
    documents = [_document(f, reading, s) for f, s in zip(page, served, strict=True)]
    writer = _make_writer(session, reading, voice, page, documents)
    said = {"self": links.list(request)}
    if after:
        said["next"] = links.next(request, after)
    body = {
        "items": [writer.write(f, d, s, {}) for f, d, s in zip(page, documents, served, strict=True)],
        "total": total.total,
        "omitted": total.omitted,
        "release": reading.snapshot.release,
        "links": {"self": said["self"], "next": said.get("next")},
    }
    keys = ("lists", *_keys(page, documents))
    alternate = None
    if not reading.is_bilingual and request.after is None:
        other = replace(reading.rule, language=reading.rule.language.other)
        alternate = (other.language, links.list(request, other))
    return Answer(body, _languages(reading, list(zip(page, served, strict=True))), said, keys, alternate)


def _read_list(
    session: Session, reading: Reading, scope: Scope, request: ListRequest, _links: Links
) -> tuple[Sequence[Found], str | None, Total]:
    """A page in order, the ``after`` of the next one, and how many there are in all."""
    fingerprint = request.fingerprint(reading)
    read = _read_titles if request.sort else _read_ranks
    found = read(session, reading, scope, request, fingerprint)
    page, more = found[: request.limit], found[request.limit :]
    after = encode_after(_key_of(reading, request, page[-1]), fingerprint) if more else None
    return page, after, _total(session, reading, scope)


def _read_matches(
    session: Session, reading: Reading, scope: Scope, request: ListRequest, links: Links
) -> tuple[Sequence[Found], str | None, Total]:
    """The same of what ``q`` finds, best first."""
    first_page = links.list(replace(request, after=None))
    narrowing = narrow_list(scope, reading)
    fingerprint = request.fingerprint(reading)
    asked = Search(request.q or "", narrowing, request.limit, request.after, fingerprint, first_page)
    found = find_page(session, reading, asked)
    ids = [match.resource_id for match in found.matches]
    query = select_editions(scope, reading.snapshot, reading.rule, is_bilingual=reading.is_bilingual)
    rows = read_page(session, query.where(Asked.resource_id.in_(ids)), reading.rule, len(ids)) if ids else ()
    by_id = {row.resource_id: row for row in rows}
    omitted = count_omitted(session, reading, asked, found)
    return [by_id[each] for each in ids], found.after, Total(found.total, omitted)


def write_bilingual(session: Session, reading: Reading, voice: Voice, row_ids: Sequence[int]) -> dict[int, Document]:
    """The bilingual answers of these resources, by row id; what is public in no language is absent."""
    found = [
        edition
        for row_id in row_ids
        if (edition := find_edition(session, row_id, reading.snapshot, reading.rule, is_bilingual=True)) is not None
        and edition.documents
    ]
    documents = [_document(f, reading, None) for f in found]
    writer = _make_writer(session, reading, voice, found, documents)
    return {f.resource_id: writer.write(f, d, None, {}) for f, d in zip(found, documents, strict=True)}


def _total(session: Session, reading: Reading, scope: Scope) -> Total:
    if scope.number is not None:
        return count_numbered(session, scope, reading)
    return read_census(session, reading, {}).count(scope)


def _read_ranks(
    session: Session, reading: Reading, scope: Scope, request: ListRequest, fingerprint: str
) -> Sequence[Found]:
    query = select_editions(scope, reading.snapshot, reading.rule, is_bilingual=reading.is_bilingual)
    if request.after is not None:
        key = decode_after(request.after, fingerprint, (RANK, ROW))
        query = query.where(tuple_(Asked.rank, Asked.resource_id) > key)
    query = query.order_by(Asked.rank, Asked.resource_id)
    return read_page(session, query, reading.rule, request.limit + 1)


def _read_titles(
    session: Session, reading: Reading, scope: Scope, request: ListRequest, fingerprint: str
) -> Sequence[Found]:
    """By title: first those in the language asked for by its alphabet, then those that fell back by theirs."""
    rule = reading.rule
    group, sort_key, resource_id = 0, b"", 0
    if request.after is not None:
        group, hexed, resource_id = decode_after(request.after, fingerprint, (ROW, str, ROW))
        sort_key = bytes.fromhex(hexed) if _is_hex(hexed) else b""
    found: list[Found] = []
    for place, edition in enumerate((Asked, Other)):
        if place < group or len(found) > request.limit:
            continue
        query = select_editions(scope, reading.snapshot, rule, is_bilingual=reading.is_bilingual)
        query = query.where(_in_group(place, rule))
        if place == group and request.after is not None:
            query = query.where(tuple_(edition.sort_key, edition.resource_id) > (sort_key, resource_id))
        query = query.order_by(edition.sort_key, edition.resource_id)
        found += read_page(session, query, rule, request.limit + 1 - len(found))
    return found


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(character in "0123456789abcdef" for character in text)


def _in_group(place: int, rule: LanguageRule) -> Any:
    asked, other = is_admitted(Asked, rule), is_admitted(Other, rule)
    return asked if place == 0 else and_(other, ~asked)


def _key_of(reading: Reading, request: ListRequest, last: Found) -> tuple[int | str, ...]:
    if not request.sort:
        return (last.rank, last.resource_id)
    rule = reading.rule
    is_first = rule.admits(last.states[rule.language])
    sort_key = last.sort_keys[rule.language if is_first else rule.language.other] or b""
    return (0 if is_first else 1, sort_key.hex(), last.resource_id)


def choose_one(
    session: Session, reading: Reading, voice: Voice, kind: Kind, filters: Filters, seed: str | None
) -> Answer:
    """One of those that fit. With a seed it stays the same until it, or its neighbour on the circle, changes.

    Every resource stands at a fixed place on a circle; the seed names a point, and the next resource from there is
    the one. Raises NothingToServe, RequestRefused.
    """
    scope = resolve_scope(session, kind, filters, reading.snapshot)
    point = secrets.randbits(62) if seed is None else int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) >> 2
    query = select_editions(scope, reading.snapshot, reading.rule, is_bilingual=reading.is_bilingual)
    query = query.order_by(Asked.random, Asked.resource_id)
    for narrowed in (query.where(Asked.random >= point), query):
        page = read_page(session, narrowed, reading.rule, 1)
        if page:
            return _answer_one(session, reading, voice, page[0])
    raise NothingToServe
