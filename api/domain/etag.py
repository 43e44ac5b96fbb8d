"""Entity tags, and preconditions that contain entity tags."""

from __future__ import annotations


def etag_matches(if_match: str, etag: str) -> bool:
    """Return whether an ``If-Match`` header names the current entity tag.

    The comparison is strong (RFC 9110, 13.1.1): a weak tag never matches. ``*`` matches every tag.
    """
    tags = [tag.strip() for tag in if_match.split(",")]
    return tags == ["*"] or etag in tags
