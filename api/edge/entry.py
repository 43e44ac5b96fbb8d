"""A cached response: its bytes, its headers with a slot for the request's id, and its hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from werkzeug.http import is_resource_modified, remove_entity_headers

from api.edge.cache_key import CacheKey
from api.http.cache_hints import CACHE_HINT, ROUTE, CacheHint, is_acceptable

Header = tuple[str, str]
# The approximate size of an entry without its body and headers, in bytes: objects, lists, dictionary slots.
OVERHEAD = 2_500
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


class CacheEntry:
    """A response that may be sent to every client whose request has the same key."""

    __slots__ = (
        "body",
        "cache_hint",
        "etag",
        "headers",
        "hits",
        "key",
        "last_used",
        "not_modified_headers",
        "not_modified_request_id_index",
        "past_hits",
        "request_id_index",
        "revalidations",
        "route",
        "size",
        "store_key",
    )  # fmt: skip

    def __init__(
        self, key: CacheKey, cache_hint: CacheHint, route: str, response: ApplicationResponse, last_used: float
    ) -> None:
        self.key, self.cache_hint, self.route = key, cache_hint, route
        # The body is a list, so that WSGI can iterate over it.
        self.body = [response.body]
        # The date is left out, since the server adds it to each response.
        self.headers = [header for header in response.headers if header[0] != "Date"]
        self.not_modified_headers = list(self.headers)
        remove_entity_headers(self.not_modified_headers)
        self.request_id_index = _find_request_id(self.headers)
        self.not_modified_request_id_index = _find_request_id(self.not_modified_headers)
        self.etag = next((value for name, value in self.headers if name == "ETag"), "")
        # Without Vary, the response is the same for every Accept-Language.
        is_varying = any(name == "Vary" for name, _ in self.headers)
        self.store_key = (key.path, key.query, key.language if is_varying else None)
        self.size = len(response.body) + OVERHEAD + sum(len(name) + len(value) for name, value in self.headers) * 2
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

    def is_not_modified(self, environ: Mapping[str, Any]) -> bool:
        """Return whether ``If-None-Match`` contains this ETag, by weak comparison (RFC 9110, 13.1.2).

        The request must have this header.
        """
        if_none_match = environ["HTTP_IF_NONE_MATCH"]
        return if_none_match == self.etag or not is_resource_modified({"HTTP_IF_NONE_MATCH": if_none_match}, self.etag)


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
