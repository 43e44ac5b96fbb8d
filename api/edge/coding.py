"""Content codings: choosing one from the Accept-Encoding header (RFC 9110, 12.5.3), and compressing bodies."""

from __future__ import annotations

import gzip
import re
from enum import StrEnum
from functools import lru_cache

import brotli

from api.domain.quality import parse_quality


class Coding(StrEnum):
    """A content coding of a cached response. If a client accepts several equally, the first is used."""

    BR = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


# Smaller bodies are not compressed, because such a response fits into one TCP segment anyway, headers included.
MIN_BYTES = 512
# Types that compression makes smaller. Other images, archives, fonts and PDFs are compressed already.
_COMPRESSIBLE = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|yaml)\b|image/svg\+xml")
# Higher levels take many times as long, for two per cent fewer bytes (docs/performance.md).
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
# Longer headers count as absent: no client needs one.
MAX_ACCEPT_ENCODING = 300
# ``x-gzip`` is an old name of gzip (RFC 9110, 8.4.1.3).
_NAMES = {"br": Coding.BR, "gzip": Coding.GZIP, "x-gzip": Coding.GZIP, "identity": Coding.IDENTITY}
# Below the smallest quality that a client can send, 0.001.
_UNLISTED = 0.0005


def is_compressible(content_type: str) -> bool:
    """Return whether compression makes a body of this type smaller."""
    return _COMPRESSIBLE.match(content_type) is not None


def compress(body: bytes, coding: Coding) -> bytes:
    """Return the body in this coding. The same body always gives the same bytes."""
    if coding is Coding.BR:
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))
    return gzip.compress(body, GZIP_LEVEL, mtime=0) if coding is Coding.GZIP else body


@lru_cache(maxsize=500)
def rank_codings(accept_encoding: str | None) -> tuple[Coding, ...]:
    """Return the codings that an Accept-Encoding header accepts, the best first; malformed parts are ignored.

    A coding that is not listed is acceptable only if ``*`` is. ``identity`` is acceptable unless it, or ``*`` in its
    place, has ``q=0``. Without a header every coding is acceptable, and ``identity`` is the best: the client did not
    ask for another one.
    """
    if accept_encoding is None or len(accept_encoding) > MAX_ACCEPT_ENCODING:
        return Coding.IDENTITY, Coding.BR, Coding.GZIP
    listed: dict[Coding | str, float] = {}
    for part in accept_encoding.split(","):
        name, _, parameter = part.partition(";")
        quality = parse_quality(parameter)
        name = name.strip().lower()
        if quality is not None and (name in _NAMES or name == "*"):
            listed.setdefault(_NAMES.get(name, name), quality)
    qualities = {
        coding: listed.get(coding, listed.get("*", _UNLISTED if coding is Coding.IDENTITY else 0)) for coding in Coding
    }
    accepted = [coding for coding in Coding if qualities[coding] > 0]
    return tuple(sorted(accepted, key=lambda coding: -qualities[coding]))
