"""Helpers that build responses: ETags, cache headers and links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date

from api.domain.document import to_json
from api.domain.etag import etag_matches
from api.domain.language import Language
from api.http.cache_hints import mark_cacheable, surrogate_key
from api.http.context import get_context
from api.services.delivery.content import ContentResult
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import Epoch
from api.settings import Settings

Arguments = Mapping[str, Any]
Link = tuple[str, Mapping[str, str]]

# In characters. Clients and proxies refuse longer headers: aiohttp over 8,190 bytes.
MAX_LINK_HEADER = 8_000
_CONDITIONS = frozenset(
    f"HTTP_{name}"
    for name in ("IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE", "IF_RANGE", "RANGE")
)


def json_response(body: Mapping[str, Any]) -> Response:
    """Return ``body`` as JSON, with a strong ETag."""
    return body_response(to_json(body).encode(), "application/json")


def body_response(data: bytes, content_type: str) -> Response:
    """Return ``data`` unchanged, with a strong ETag: a hash of the bytes."""
    response = Response(data, content_type=content_type)
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    return response


def html_response(html: str | bytes, language: Language, policy: str) -> Response:
    """Return a page in ``language`` with this Content-Security-Policy."""
    response = body_response(html.encode() if isinstance(html, str) else html, "text/html; charset=utf-8")
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    return response


def cacheable(
    response: Response,
    epoch: Epoch | None,
    keys: Iterable[str] = (),
    *,
    is_pinned: bool = False,
    canonical_url: str | None = None,
    lifetime: str | None = None,
) -> Response:
    """Return ``response`` with cache headers, or a 304, and let our own cache store the response.

    Every response that a cache may store goes through this function, so that no header can be forgotten.

    - ``epoch``: the epoch of the content; None for a response that depends on the code alone.
    - ``keys``: the surrogate keys of the content in the response.
    - ``is_pinned``: whether the URL names a release or contains a hash of the bytes.
    - ``canonical_url``: the URL that returns this response for every Accept-Language; None if the request's URL does.
    - ``lifetime``: a Cache-Control value to use in place of the usual one.

    Raises PreconditionFailed.
    """
    is_immutable = is_pinned and canonical_url is None
    response.headers["Cache-Control"] = lifetime or cache_control(is_immutable)
    if epoch is not None:
        response.headers["Surrogate-Key"] = surrogate_key(*keys, is_pinned=is_pinned)
    _add_canonical_url(response, canonical_url)
    mark_cacheable(epoch, is_fixed=is_immutable)
    return make_conditional(response)


def not_cacheable(response: Response, keys: Iterable[str], *, is_pinned: bool, canonical_url: str | None) -> Response:
    """Return ``response`` with its surrogate keys. The content was chosen at random, so caches must not store it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Surrogate-Key"] = surrogate_key(*keys, is_pinned=is_pinned)
    _add_canonical_url(response, canonical_url)
    return response


def _add_canonical_url(response: Response, canonical_url: str | None) -> None:
    if canonical_url is not None:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = canonical_url


def render_content(
    result: ContentResult,
    read_context: ReadContext,
    arguments: Arguments,
    *,
    is_stable: bool = True,
    is_embeddable: bool = False,
    keys: tuple[str, ...] = (),
) -> Response:
    """Return ``result`` as JSON with its language, links and cache headers, or a 304.

    ``is_stable`` is False if the content was chosen at random. ``keys`` are added to the surrogate keys of the result.
    Raises PreconditionFailed.
    """
    own_url = result.links["self"] or ""  # only neighbours can be missing
    canonical_url = own_url if _depends_on_header(read_context, arguments) else None
    discovery = oembed_discovery_links(own_url) if is_embeddable and not read_context.is_preview else ()
    response = body_response(result.body.encode(), "application/json")
    response.headers["Content-Language"] = ", ".join(language.value for language in result.languages)
    response.headers["Link"] = link_header([*_list_links(result), *discovery])
    if read_context.is_preview:
        return _private(response, canonical_url)
    keys = (*result.keys, *keys)
    if not is_stable:
        return not_cacheable(response, keys, is_pinned=read_context.is_pinned, canonical_url=canonical_url)
    return cacheable(
        response, read_context.snapshot.epoch, keys, is_pinned=read_context.is_pinned, canonical_url=canonical_url
    )


def _private(response: Response, canonical_url: str | None) -> Response:
    """Return the response of a preview, which no cache may store, since a preview depends on the token."""
    _add_canonical_url(response, canonical_url)
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Authorization")
    del response.headers["ETag"]
    return response


def _depends_on_header(read_context: ReadContext, arguments: Arguments) -> bool:
    """Return whether Accept-Language could have changed this response."""
    if read_context.is_bilingual:
        return arguments.get("sort") in {"title", "-title"} and "lang" not in arguments
    return "lang" not in arguments


def make_conditional(response: Response) -> Response:
    """Return ``response``, or a 304 if the client already has this version (RFC 9110, 13.2.2).

    Raises PreconditionFailed. ``If-Match`` is checked here because werkzeug would send the whole content with a 412,
    and does not support ``If-Match: *``.
    """
    if _CONDITIONS.isdisjoint(request.environ):
        # Nothing to compare: skip werkzeug's slow path, which would only add the date.
        response.headers["Date"] = http_date()
        return response
    if request.if_match and not etag_matches(request.headers["If-Match"], response.headers.get("ETag", "")):
        raise PreconditionFailed
    response.make_conditional({name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"})
    return response


def localised_url(language: Language, arguments: Arguments) -> str:
    """Return the request's URL with the language added. Request headers do not change the response at this URL."""
    query = urlencode({"lang": language.value, **arguments})
    return f"{get_context().settings.public_url}{request.path}?{query}"


def cache_control(is_immutable: bool) -> str:
    """Return the value of Cache-Control. Immutable responses may be stored for a year; for others, see the settings."""
    settings: Settings = get_context().settings
    if is_immutable:
        return "public, max-age=31536000, immutable"
    return (
        f"public, max-age={settings.max_age}, s-maxage={settings.shared_max_age}, "
        f"stale-while-revalidate={settings.stale_while_revalidate}, stale-if-error={settings.stale_if_error}"
    )


def oembed_discovery_links(url: str) -> Iterator[Link]:
    """Yield the oEmbed discovery links of a public URL (oEmbed 1.0, 4)."""
    endpoint, quoted_url = f"{get_context().settings.public_url}/v1/oembed", quote_plus(url)
    for name, media_type in (("json", "application/json+oembed"), ("xml", "text/xml+oembed")):
        yield f"{endpoint}?format={name}&url={quoted_url}", {"rel": "alternate", "type": media_type}


def add_page_links(response: Response, links: Mapping[str, str | None]) -> Response:
    """Add the Link header with the URLs of the neighbouring pages, and return the response."""
    response.headers["Link"] = link_header(_to_links(links))
    return response


def _to_links(urls: Mapping[str, str | None]) -> Iterator[Link]:
    # RFC 8288 registers the relation type `prev`; in JSON it is called `previous`.
    for relation, url in urls.items():
        if url is not None:
            yield url, {"rel": {"previous": "prev"}.get(relation, relation)}


def _list_links(result: ContentResult) -> Iterator[Link]:
    yield from _to_links(result.links)
    if result.alternate is not None:
        language, url = result.alternate
        yield url, {"rel": "alternate", "hreflang": language.value}


def link_header(links: Iterable[Link]) -> str:
    """Return the value of a Link header (RFC 8288). The last links are left out if the value would be too long."""
    value = ""
    for url, parameters in links:
        link = f"<{url}>" + "".join(f'; {name}="{item}"' for name, item in parameters.items())
        if len(value) + len(link) > MAX_LINK_HEADER:
            break
        value += f", {link}" if value else link
    return value
