"""One kept answer: its bytes, its headers with a place for the request's id, and how often it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from werkzeug.http import is_resource_modified, remove_entity_headers

from api.edge.cache_key import CacheKey
from api.http.cache_hints import CacheHint, CACHE_HINT, ROUTE, is_acceptable

Header = tuple[str, str]
# What an entry weighs beside its bytes and its texts, roughly: objects, two lists, places in dictionaries.
OVERHEAD = 2_500
_ID = "X-Request-Id"


class StoredResponse(NamedTuple):
    """What the application answered, whole."""

    status: str
    headers: list[Header]
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status[:3])


class Entry:
    """An answer that may be given to everybody who asks with its key."""

    __slots__ = (
        "accept",
        "body",
        "etag",
        "head",
        "hits",
        "id_place",
        "kept",
        "key",
        "known_id_place",
        "not_modified_headers",
        "past_hits",
        "path_key",
        "revalidations",
        "route",
        "size",
        "used",
    )  # fmt: skip

    def __init__(self, key: CacheKey, kept: CacheHint, route: str, answer: StoredResponse, used: float) -> None:
        self.key, self.kept, self.route = key, kept, route
        self.body = [answer.body]
        # The time is the server's to add: what is given again is given now.
        self.head = [header for header in answer.headers if header[0] != "Date"]
        self.not_modified_headers = list(self.head)
        remove_entity_headers(self.not_modified_headers)
        self.id_place, self.known_id_place = _place_of_id(self.head), _place_of_id(self.not_modified_headers)
        self.etag = next((value for name, value in self.head if name == "ETag"), "")
        varies = any(name == "Vary" for name, _ in self.head)
        # Where the header could not have decided anything, the answer is everybody's.
        self.path_key = (key.path, key.query, key.language if varies else None)
        self.size = len(answer.body) + OVERHEAD + sum(len(name) + len(value) for name, value in self.head) * 2
        # Counted without a lock: exact as long as CPython does not switch threads inside ``+= 1``.
        self.hits = self.revalidations = 0
        # How much it was asked for in earlier releases.
        self.past_hits = 0
        self.used = used

    @property
    def popularity(self) -> int:
        """How much it was asked for, lately above all."""
        return self.hits + self.revalidations + self.past_hits

    def accepts(self, accept: str | None) -> bool:
        """Would the application answer this Accept header with these bytes?"""
        return accept == self.key.accept or is_acceptable(accept, self.kept.offered)

    def is_known(self, environ: Mapping[str, Any]) -> bool:
        """Does the client have these bytes? ``If-None-Match`` by weak comparison (RFC 9110, 13.1.2)."""
        given = environ["HTTP_IF_NONE_MATCH"]
        return given == self.etag or not is_resource_modified({"HTTP_IF_NONE_MATCH": given}, self.etag)


def _place_of_id(headers: Sequence[Header]) -> int:
    return next(place for place, header in enumerate(headers) if header[0] == _ID)


def make_entry(key: CacheKey, answer: StoredResponse, environ: Mapping[str, Any], used: float) -> Entry | None:
    """What may be kept of an answer; None unless its view said so, and nothing in it speaks against it."""
    kept: CacheHint | None = environ.get(CACHE_HINT)
    if kept is None or answer.status != "200 OK":
        return None
    for name, value in answer.headers:
        if (name == "Vary" and value != "Accept-Language") or name == "Set-Cookie":
            return None
        if name == "Cache-Control" and "no-store" in value:
            return None
    return Entry(key, kept, environ.get(ROUTE) or "", answer, used)
