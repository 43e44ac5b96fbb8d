"""From a request to a Reading, and from an answer to a response with its language, validators and links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue
from api.domain.kind import Kind
from api.domain.language import Fallback, Language
from api.domain.rule import decide_rule
from api.domain.state import MinState
from api.http.auth import authenticate_request, start_audit
from api.http.cache_hints import mark_cacheable, open_read_session
from api.http.context import get_context, get_preference
from api.http.surrogate_keys import surrogate_key
from api.services.delivery.content import ContentResult
from api.services.delivery.release_cache import CachedRelease
from api.services.delivery.request import NEXT_RELEASE, Filters, ListRequest, ReadContext
from api.services.publishing.preview import previewed_release
from api.services.publishing.snapshot import read_snapshot
from api.settings import Settings

Arguments = Mapping[str, Any]


@contextmanager
def open_requested_session(arguments: Arguments) -> Iterator[Session]:
    """A session that sees what the request reads: what is public, or (``release=next``, with a token) what would be."""
    context = get_context()
    if arguments.get("release") != NEXT_RELEASE:
        with open_read_session() as session:
            yield session
        return
    audit = start_audit(authenticate_request())
    required = MinState(context.settings.release_state)
    with context.database.writing() as session, previewed_release(session, audit, required):
        yield session


def parse_read_context(session: Session, arguments: Arguments, *, is_bilingual: bool = False) -> ReadContext:
    """The reading that these arguments and the request's headers ask for. Raises ReleaseMissing."""
    settings = get_context().settings
    release: int | None = arguments.get("release")
    lang = Language(arguments["lang"]) if "lang" in arguments else None
    is_preview = release == NEXT_RELEASE
    is_fixed = release is not None and not is_preview and (lang is not None or is_bilingual)
    # What names a release and a language is immutable: no setting may reach into it.
    unsaid = MinState.TRANSLATED if is_fixed else MinState(settings.min_state)
    rule = decide_rule(
        lang,
        Fallback(arguments["fallback"]) if "fallback" in arguments else None,
        MinState(arguments.get("min_state", unsaid)),
        get_preference(),
        Language(settings.default_language),
    )
    snapshot = read_snapshot(session, None if is_preview else release)
    return ReadContext(
        snapshot=snapshot,
        rule=rule,
        is_pinned=release is not None,
        is_preview=is_preview,
        is_bilingual=is_bilingual,
        fields=tuple(arguments.get("fields", ())),
        default_min_state=MinState(settings.min_state),
        held=CachedRelease() if is_preview else get_context().memory.get(snapshot),
    )


def to_list_request(kind: Kind, arguments: Arguments) -> ListRequest:
    """The page that these arguments ask for."""
    return ListRequest(
        kind, to_filters(kind, arguments), arguments.get("sort"), arguments.get("limit", DEFAULT_LIMIT),
        arguments.get("after"), arguments.get("q"),
    )  # fmt: skip


def refuse_contradictions(arguments: Arguments) -> None:
    """Raise RequestRefused for a list that cannot be both found and read as it was, or in another order."""
    if "q" not in arguments:
        return
    given = [Issue("current-release-only", parameter="release")] if "release" in arguments else []
    faults = given + ([Issue("ranked-already", parameter="sort")] if "sort" in arguments else [])
    if faults:
        raise InvalidRequestError(faults)


def to_filters(kind: Kind, arguments: Arguments) -> Filters:
    return Filters(
        arguments.get("collection"),
        arguments.get("category"),
        arguments.get("number"),
        arguments.get(kind.facet) if kind.facet else None,
    )


def render_content(
    answer: ContentResult,
    reading: ReadContext,
    arguments: Arguments,
    *,
    is_stable: bool = True,
    is_embeddable: bool = False,
    keys: tuple[str, ...] = (),
) -> Response:
    """``answer`` as JSON with all that a cache and a reader must know of it; 304 where they have it already.

    ``keys`` are surrogate keys besides those of what is in it.
    """
    is_language_open = _is_language_open(reading, arguments)
    is_fixed = reading.is_pinned and not is_language_open
    discovered = oembed_discovery_links(answer.links["self"]) if is_embeddable and not reading.is_preview else ()
    headers = {
        "Content-Language": ", ".join(language.value for language in answer.languages),
        "Cache-Control": cache_control(is_fixed) if is_stable else "no-store",
        "Surrogate-Key": surrogate_key(*answer.keys, *keys, is_pinned=reading.is_pinned),
        "Link": link_header([*_links_of(answer), *discovered]),
    }
    if is_language_open:
        headers |= {"Vary": "Accept-Language", "Content-Location": answer.links["self"]}
    response = body_response(answer.body.encode(), "application/json")
    response.headers.extend(headers)
    if reading.is_preview:
        return _for_one_reader(response)
    if not is_stable:
        return response
    mark_cacheable(reading.snapshot.epoch, is_fixed=is_fixed)
    return make_conditional(response)


def _for_one_reader(response: Response) -> Response:
    """A preview is nobody else's, and no cache's."""
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Authorization")
    for name in ("ETag", "Surrogate-Key"):
        del response.headers[name]
    return response


def _is_language_open(reading: ReadContext, arguments: Arguments) -> bool:
    """Could the Accept-Language header have decided something in this answer?"""
    if reading.is_bilingual:
        return "sort" in arguments and "lang" not in arguments
    return "lang" not in arguments


def json_response(body: Mapping[str, Any]) -> Response:
    """``body`` as JSON, with a strong ETag that is a hash of the bytes."""
    return body_response(to_json(body).encode(), "application/json")


def body_response(data: bytes, content_type: str) -> Response:
    """``data`` as it is, with a strong ETag that is a hash of it."""
    response = Response(data, content_type=content_type)
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    return response


def make_conditional(response: Response) -> Response:
    """``response``, or a 304 with the same validators for a request that has it already (RFC 9110, 13.2.2).

    Raises PreconditionFailed. Werkzeug answers that with the whole content, and knows no ``If-Match: *``.
    """
    if _CONDITIONS.isdisjoint(request.environ):
        # Nothing to compare: as werkzeug would, which takes long to find that out.
        response.headers["Date"] = http_date()
        return response
    etag, _ = response.get_etag()
    if request.if_match and not request.if_match.contains(etag or ""):
        raise PreconditionFailed
    response.make_conditional({name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"})
    return response


_CONDITIONS = frozenset(
    f"HTTP_{name}"
    for name in ("IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE", "IF_RANGE", "RANGE")
)


def content_location_query(language: Language, arguments: Arguments) -> str:
    """The address that gives the answer at hand whatever the headers say: its own, with the language in it."""
    query = urlencode({"lang": language.value, **arguments})
    return f"{get_context().settings.public_url}{request.path}?{query}"


def cache_control(is_immutable: bool) -> str:
    """How long an answer may be kept: for ever where its address names release and language."""
    settings: Settings = get_context().settings
    if is_immutable:
        return "public, max-age=31536000, immutable"
    return (
        f"public, max-age={settings.max_age}, s-maxage={settings.shared_max_age}, "
        f"stale-while-revalidate={settings.stale_while_revalidate}, stale-if-error={settings.stale_if_error}"
    )


def oembed_discovery_links(address: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Where oEmbed tells of a public address (oEmbed 1.0, 4): addresses, and the parameters of their links."""
    public_url = get_context().settings.public_url
    for name, media_type in (("json", "application/json+oembed"), ("xml", "text/xml+oembed")):
        query = urlencode({"format": name, "url": address})
        yield f"{public_url}/v1/oembed?{query}", {"rel": "alternate", "type": media_type}


def _links_of(answer: ContentResult) -> Iterable[tuple[str, Mapping[str, str]]]:
    for relation, url in answer.links.items():
        yield url, {"rel": {"previous": "prev"}.get(relation, relation)}
    if answer.alternate is not None:
        language, url = answer.alternate
        yield url, {"rel": "alternate", "hreflang": language.value}


def link_header(links: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """A Link header field (RFC 8288)."""
    return ", ".join(
        f"<{url}>" + "".join(f'; {name}="{value}"' for name, value in parameters.items()) for url, parameters in links
    )
