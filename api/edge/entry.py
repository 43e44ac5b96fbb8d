"""A cached response: its bytes in each content coding, its headers with a slot for the request's id, and its hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from werkzeug.http import parse_etags, remove_entity_headers

from api.domain.etag import coded_etag
from api.edge.cache_key import CacheKey
from api.edge.coding import MIN_BYTES, Coding, compress, is_compressible, rank_codings
from api.http.cache_hints import CACHE_HINT, ROUTE, CacheHint, is_acceptable

Header = tuple[str, str]
# The approximate size of an entry without its body and headers, in bytes: objects, lists, dictionary slots.
OVERHEAD = 2_500
# The approximate size of a variant in another content coding, without its body and headers, in bytes.
VARIANT_OVERHEAD = 1_000
_REQUEST_ID = "X-Request-Id"


class ApplicationResponse(NamedTuple):
    """A complete response of the application."""

    status: str
    headers: list[Header]
    body: bytes

    @property
    def status_code(self) -> int:
        """The three digits of the status."""
        return int(self.status[:3])


class Head(NamedTuple):
    """The headers of a response, and the position of the request's id among them."""

    headers: list[Header]
    request_id_index: int

    def with_request_id(self, request_id: str) -> list[Header]:
        """Return a copy of the headers with the id of this request."""
        headers = self.headers.copy()
        headers[self.request_id_index] = (_REQUEST_ID, request_id)
        return headers


class Variant:
    """A cached response in one content coding."""

    __slots__ = ("body", "coding", "entry", "etag", "head", "not_modified", "size")

    def __init__(self, entry: CacheEntry, coding: Coding, headers: list[Header], body: bytes) -> None:
        self.entry, self.coding = entry, coding
        # The body is a list, so that WSGI can iterate over it.
        self.body = [body]
        self.head = Head(headers, _find_request_id(headers))
        self.not_modified = _not_modified(headers)
        self.etag = _find_header(headers, "ETag")
        self.size = len(body) + VARIANT_OVERHEAD


class CacheEntry:
    """A response that may be sent to every client whose request has the same key.

    ``variants`` has the response in each content coding that a client has preferred so far, and always unencoded.
    """

    __slots__ = (
        "cache_hint",
        "hits",
        "is_compressed",
        "key",
        "last_used",
        "past_hits",
        "revalidations",
        "route",
        "size",
        "store_key",
        "variants",
    )

    def __init__(
        self, key: CacheKey, cache_hint: CacheHint, route: str, response: ApplicationResponse, last_used: float
    ) -> None:
        self.key, self.cache_hint, self.route = key, cache_hint, route
        # The date is left out, since the server adds it to each response.
        headers = [header for header in response.headers if header[0] != "Date"]
        # Without Vary, the response is the same for every Accept-Language.
        is_varying = any(name == "Vary" for name, _ in headers)
        self.store_key = (key.path, key.query, key.language if is_varying else None)
        self.size = len(response.body) + OVERHEAD + sum(len(name) + len(value) for name, value in headers) * 2
        # A response without an ETag is not compressed: a client could not revalidate it in either form.
        is_large = len(response.body) >= MIN_BYTES and bool(_find_header(headers, "ETag"))
        self.is_compressed = is_large and is_compressible(_find_header(headers, "Content-Type"))
        if self.is_compressed:
            headers = _add_vary(headers)
        self.variants = {Coding.IDENTITY: Variant(self, Coding.IDENTITY, headers, response.body)}
        # Counted without a lock: exact as long as CPython does not switch threads inside ``+= 1``.
        self.hits = self.revalidations = 0
        # Hits in earlier releases, halved at each release.
        self.past_hits = 0
        self.last_used = last_used

    @property
    def popularity(self) -> int:
        """The number of hits; hits in earlier releases count less."""
        return self.hits + self.revalidations + self.past_hits

    def accepts(self, accept: str | None) -> bool:
        """Return whether the application would send this response to a request with this Accept header."""
        return accept == self.key.accept or is_acceptable(accept, self.cache_hint.offered)

    def choose_coding(self, accept_encoding: str | None) -> Coding:
        """Return the coding for a client. A client that refuses ``identity`` also gets small bodies compressed."""
        codings = rank_codings(accept_encoding)
        if self.is_compressed or Coding.IDENTITY not in codings:
            return codings[0] if codings else Coding.IDENTITY
        return Coding.IDENTITY

    def encode(self, coding: Coding) -> Variant:
        """Return the response in another coding. This takes about a millisecond for each 100 kB."""
        plain = self.variants[Coding.IDENTITY]
        body = compress(plain.body[0], coding)
        changed = {"Content-Length": str(len(body)), "ETag": coded_etag(plain.etag, coding)}
        headers = [(name, changed.get(name, value)) for name, value in _add_vary(plain.head.headers)]
        return Variant(self, coding, [*headers, ("Content-Encoding", coding.value)], body)

    def find_not_modified(self, if_none_match: str, preferred: Coding, accept_encoding: str | None) -> Head | None:
        """Return the headers of a 304 if ``If-None-Match`` contains an ETag of this response; otherwise, None.

        The comparison is weak (RFC 9110, 13.1.2). ``preferred`` is the coding in which the client would get the
        response now; it need not have been computed. The ETag of another coding matches, too. The 304 then has that
        ETag, so that a cache refreshes the response that it has stored (RFC 9111, 4.3.4). A strong ETag matches only if
        the client accepts its coding, since the cache would send the stored response. A weak ETag comes from a proxy
        that decompressed the response.
        """
        variant = self.variants.get(preferred)
        if variant is not None and if_none_match == variant.etag != "":
            return variant.not_modified
        tags = parse_etags(if_none_match)
        if not tags or not self.variants[Coding.IDENTITY].etag:
            return None
        accepted = {preferred, *rank_codings(accept_encoding)}
        for coding in (preferred, *rank_codings(accept_encoding), *Coding):
            tag = self._etag(coding).strip('"')
            if tags.is_weak(tag) or (coding in accepted and tags.contains_weak(tag)):
                return self._not_modified_in(coding)
        return None

    def _etag(self, coding: Coding) -> str:
        plain = self.variants[Coding.IDENTITY].etag
        return plain if coding is Coding.IDENTITY else coded_etag(plain, coding)

    def _not_modified_in(self, coding: Coding) -> Head:
        variant = self.variants.get(coding)
        if variant is not None:
            return variant.not_modified
        headers = _add_vary(self.variants[Coding.IDENTITY].head.headers)
        return _not_modified([(name, self._etag(coding) if name == "ETag" else value) for name, value in headers])


def _not_modified(headers: Sequence[Header]) -> Head:
    headers = list(headers)
    remove_entity_headers(headers)
    return Head(headers, _find_request_id(headers))


def _add_vary(headers: Sequence[Header]) -> list[Header]:
    """Return the headers with Accept-Encoding in ``Vary``."""
    present = _find_header(headers, "Vary")
    if "Accept-Encoding" in present:
        return list(headers)
    vary = f"{present}, Accept-Encoding" if present else "Accept-Encoding"
    return [*(header for header in headers if header[0] != "Vary"), ("Vary", vary)]


def _find_header(headers: Sequence[Header], name: str) -> str:
    return next((value for present, value in headers if present == name), "")


def _find_request_id(headers: Sequence[Header]) -> int:
    return next(index for index, header in enumerate(headers) if header[0] == _REQUEST_ID)


def make_entry(
    key: CacheKey, response: ApplicationResponse, environ: Mapping[str, Any], last_used: float
) -> CacheEntry | None:
    """Return an entry for a response, or None if the response is not cacheable.

    A response is cacheable if the view marked it as cacheable and the headers do not forbid it.
    """
    cache_hint: CacheHint | None = environ.get(CACHE_HINT)
    if cache_hint is None or response.status != "200 OK":
        return None
    for name, value in response.headers:
        if (name == "Vary" and value != "Accept-Language") or name == "Set-Cookie":
            return None
        if name == "Cache-Control" and "no-store" in value:
            return None
    return CacheEntry(key, cache_hint, environ.get(ROUTE) or "", response, last_used)
