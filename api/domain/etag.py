"""Entity tags, their forms for each content coding, and preconditions that contain entity tags."""

from __future__ import annotations

import re

# The ends of the tags of compressed responses. Proxies that compress, such as Apache, add the same ends.
_CODED = re.compile(r'-(?:br|gzip)"$')


def coded_etag(etag: str, coding: str) -> str:
    """Return the tag of the same version in this content coding. Strong tags differ by coding (RFC 9110, 8.8.3.3)."""
    return f'{etag[:-1]}-{coding}"'


def etag_matches(if_match: str, etag: str) -> bool:
    """Return whether an ``If-Match`` header names the current version.

    The comparison is strong (RFC 9110, 13.1.1): a weak tag never matches. ``*`` matches every tag. The tag of a
    compressed response matches too, because it names the same version.
    """
    tags = [tag.strip() for tag in if_match.split(",")]
    return tags == ["*"] or etag in tags or etag in {_CODED.sub('"', tag) for tag in tags}
