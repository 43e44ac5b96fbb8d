"""The cache key of a request. Requests with the same key get the same response.

A request that is unusual in any way has no key and bypasses the cache.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from api.domain.language import Language, canonical_language, parse_accept_language
from api.http.query_string import LANGUAGE_PARAMETER, clean_query, is_ignored
from api.schemas.embed import EMBED_QUERIES
from api.schemas.list_fields import LIST_PARAMETERS, MAX_VALUES

# Maximum lengths in characters. Longer URLs, such as those of sessions of many moments, bypass the cache.
MAX_PATH, MAX_QUERY, MAX_HEADER = 300, 1_000, 300
_NAME = re.compile(r"[a-z_]{1,40}")
# Pages that ignore unknown parameters, since other sites add parameters: WordPress adds ``dnt=1``.
EMBED_PATHS = ("/embed/moments/", "/embed/prompts", "/embed/ground-rules", "/embed/session")
EMBED_QUERY_PARAMETERS = frozenset(name for query in EMBED_QUERIES.values() for name in query().fields)

# Paths of which a slug may select the language, if neither the URL nor a header names one.
_SLUG_PATH = re.compile(r"/v1/[^/]+/[^/]+$|/embed/(?:moments|prompts)/|/embed/session$|/v1/oembed$")
NO_PREFERENCE = "open"

QueryPairs = tuple[tuple[str, str], ...]


class CacheKey(NamedTuple):
    """The path, the parameters in alphabetical order, and the headers that can change the response.

    ``language`` is the normalised Accept-Language header, or ``NO_PREFERENCE``; ``accept`` is the unchanged Accept
    header.
    """

    path: str
    query: QueryPairs
    language: str
    accept: str | None


def read_cache_key(environ: Mapping[str, Any], default: Language) -> CacheKey | None:
    """Return the key of a GET or HEAD request; None for a request that must bypass the cache."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or must_bypass_cache(environ):
        return None
    path, accept = environ["PATH_INFO"], environ.get("HTTP_ACCEPT")
    accept_language = environ.get("HTTP_ACCEPT_LANGUAGE")
    query = parse_query(environ.get("QUERY_STRING", ""), LIST_PARAMETERS if path.startswith("/v1/") else frozenset())
    if query is not None and path.startswith(EMBED_PATHS):
        query = tuple(pair for pair in query if pair[0] in EMBED_QUERY_PARAMETERS)
    if query is None or len(path) > MAX_PATH or max(len(accept or ""), len(accept_language or "")) > MAX_HEADER:
        return None
    is_open = _SLUG_PATH.match(path) is not None and parse_accept_language(accept_language).language is None
    language = NO_PREFERENCE if is_open else normalise_accept_language(accept_language, default)
    return CacheKey(path, query, language, accept)


def must_bypass_cache(environ: Mapping[str, Any]) -> bool:
    """Return whether the request has a token, a body or a precondition, or requests another protocol."""
    return (
        "HTTP_AUTHORIZATION" in environ
        or "HTTP_IF_MATCH" in environ
        or "HTTP_TRANSFER_ENCODING" in environ
        or "HTTP_UPGRADE" in environ
        or environ.get("CONTENT_LENGTH") not in {None, "", "0"}
    )


def parse_query(text: str, lists: Set[str] = frozenset()) -> QueryPairs | None:
    """Return the parameters as ``_parse_clean_query`` does. An unusual query is cleaned first, as for views."""
    pairs = _parse_clean_query(text, lists)
    return _parse_clean_query(clean_query(text), lists) if pairs is None else pairs


def _parse_clean_query(text: str, lists: Set[str]) -> QueryPairs | None:
    """Return the parameters in alphabetical order; None if the application might read the query differently.

    That is possible if a name is encoded or appears twice, if a pair has no ``=``, or if bytes are not UTF-8. Ignored
    parameters are left out, and the language is in its canonical form, as in ``clean_query``. The parameters named in
    ``lists`` may appear several times. Their values are sorted, without duplicates, as in ``QueryValues``.
    """
    if not text:
        return ()
    if len(text) > MAX_QUERY or not text.isascii():
        return None
    parameters: dict[str, str] = {}
    for pair in text.split("&"):
        name, separator, value = pair.partition("=")
        if is_ignored(name):
            continue
        if not separator or (name in parameters and name not in lists) or not _NAME.fullmatch(name):
            return None
        try:
            decoded = unquote_to_bytes(value.replace("+", " ")).decode()
        except UnicodeDecodeError:
            return None
        parameters[name] = f"{parameters[name]},{decoded}" if name in parameters else decoded
    for name in lists & parameters.keys():
        values = parameters[name].split(",")
        if len(values) > MAX_VALUES:
            return None  # refused, although repeated values count once in a key
        parameters[name] = ",".join(sorted(set(values)))
    if LANGUAGE_PARAMETER in parameters:
        parameters[LANGUAGE_PARAMETER] = canonical_language(parameters[LANGUAGE_PARAMETER])
    return tuple(sorted(parameters.items()))


def normalise_accept_language(header: str | None, default: Language) -> str:
    """Return ``cy``, ``en``, ``cy only`` or ``en only``; ``only`` means that the header refuses the other language."""
    preference = parse_accept_language(header).or_default(default)
    return f"{preference.language}{' only' if preference.is_other_refused else ''}"
