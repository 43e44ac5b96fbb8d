"""What a request comes down to: two requests with one key are answered alike by the application.

Whatever is odd has no key, and goes past the cache: the application alone knows what to say to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from api.domain.language import Language, parse_accept_language
from api.schemas.embed import EMBED_QUERIES

# Longer than any address or header that this service makes or needs.
MAX_PATH, MAX_QUERY, MAX_HEADER = 300, 1_000, 300
_NAME = re.compile(r"[a-z_]{1,40}")
# The pages whose addresses may carry what is nobody's: WordPress adds ``dnt=1``.
EMBEDS = ("/embed/moments/", "/embed/prompts", "/embed/ground-rules", "/embed/session")
EMBED_PARAMETERS = frozenset(name for query in EMBED_QUERIES.values() for name in query().fields)

Query = tuple[tuple[str, str], ...]


class CacheKey(NamedTuple):
    """Path, parameters in alphabetical order, and what the headers come down to."""

    path: str
    query: Query
    # One of the four that Accept-Language comes down to.
    language: str
    accept: str | None


def read_cache_key(environ: Mapping[str, Any], default: Language) -> CacheKey | None:
    """The key of a request for reading; None for what must go past the cache."""
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or has_pinned_release(environ):
        return None
    path, accept = environ["PATH_INFO"], environ.get("HTTP_ACCEPT")
    header = environ.get("HTTP_ACCEPT_LANGUAGE")
    query = parse_query(environ.get("QUERY_STRING", ""))
    if query is not None and path.startswith(EMBEDS):
        # What an embed page ignores is no part of its key.
        query = tuple(pair for pair in query if pair[0] in EMBED_PARAMETERS)
    if query is None or len(path) > MAX_PATH or max(len(accept or ""), len(header or "")) > MAX_HEADER:
        return None
    return CacheKey(path, query, name_language(header, default), accept)


def has_pinned_release(environ: Mapping[str, Any]) -> bool:
    """Does the request carry what the cache knows nothing of: a token, a body, a precondition, another protocol?"""
    return (
        "HTTP_AUTHORIZATION" in environ
        or "HTTP_IF_MATCH" in environ
        or "HTTP_TRANSFER_ENCODING" in environ
        or "HTTP_UPGRADE" in environ
        or environ.get("CONTENT_LENGTH") not in {None, "", "0"}
    )


def parse_query(text: str) -> Query | None:
    """The parameters as the application reads them, in alphabetical order; None where that could be in doubt.

    In doubt are: a name that is encoded or comes twice, a pair without ``=``, and bytes that are not UTF-8.
    """
    if not text:
        return ()
    if len(text) > MAX_QUERY or not text.isascii():
        return None
    parameters: dict[str, str] = {}
    for pair in text.split("&"):
        name, is_pair, value = pair.partition("=")
        if not is_pair or name in parameters or not _NAME.fullmatch(name):
            return None
        try:
            parameters[name] = unquote_to_bytes(value.replace("+", " ")).decode()
        except UnicodeDecodeError:
            return None
    return tuple(sorted(parameters.items()))


def name_language(header: str | None, default: Language) -> str:
    """Which of the four an Accept-Language header comes down to: ``cy``, ``en``, ``cy only``, ``en only``."""
    preference = parse_accept_language(header).or_default(default)
    return f"{preference.language}{' only' if preference.is_other_refused else ''}"
