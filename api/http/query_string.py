"""The query string as views read it: with canonical language tags, and without parameters of trackers and caches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from api.domain.language import parse_language

# Added by caches and trackers: ``_`` by jQuery, ``fbclid`` by Facebook, ``gclid`` and the names that begin with
# ``utm_`` by Google. They do not change a response.
_IGNORED, _IGNORED_PREFIX = frozenset({"_", "fbclid", "gclid"}), "utm_"
LANGUAGE_PARAMETER = "lang"
# All ASCII characters that a client may send unencoded in a query string.
_ASCII = "".join(map(chr, range(0x21, 0x7F)))

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def is_ignored(name: str) -> bool:
    """Return whether a parameter with this name is ignored at every URL, and left out of links and cache keys."""
    return name in _IGNORED or name.startswith(_IGNORED_PREFIX)


def has_ignored(query: str) -> bool:
    """Return whether a query string has an ignored parameter."""
    return any(_clean_pair(pair) is None for pair in query.split("&"))


def clean_query(query: str) -> str:
    """Return a query string without ignored parameters, with the canonical language, and in ASCII.

    In WSGI, each character of ``query`` is one byte (PEP 3333). Bytes that are not ASCII are percent-encoded.
    """
    if not query.isascii() or " " in query:
        query = quote(query.encode("latin-1", "replace"), safe=_ASCII)
    return "&".join(pair for pair in map(_clean_pair, query.split("&")) if pair is not None)


def _clean_pair(pair: str) -> str | None:
    name, separator, value = pair.partition("=")
    if "%" in name:
        name = unquote_to_bytes(name).decode(errors="replace")
    if is_ignored(name):
        return None
    if separator and name == LANGUAGE_PARAMETER:
        language = parse_language(unquote_to_bytes(value).decode(errors="replace"))
        return pair if language is None else f"{LANGUAGE_PARAMETER}={language.value}"
    return pair


class QueryCleaner:
    """A WSGI middleware that cleans the query string before ``application`` reads it.

    The application never receives an ignored parameter, so no view, link or redirect can repeat it.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING")
        if query:
            environ["QUERY_STRING"] = clean_query(query)
        return self._application(environ, start_response)
