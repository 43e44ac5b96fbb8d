"""Slugs: the readable part of a URL."""

from __future__ import annotations

import re
import unicodedata

from api.domain.folding import APOSTROPHES
from api.domain.issue_code import IssueCode

MAX_SLUG_LENGTH = 100
# Every kind has a URL that ends in `random`, so no slug may be `random`.
RESERVED = frozenset({"random"})
_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))


def slugify(text: str) -> str | None:
    """Return ``text`` as a slug: ASCII in lower case without accents and apostrophes, words joined by hyphens.

    Returns None if ``text`` has no ASCII letters or digits.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", bare)
    return shorten_slug("-".join(words)) or None


def shorten_slug(slug: str) -> str:
    """Cut ``slug`` to 100 characters, at the end of a word unless the slug is a single word."""
    if len(slug) <= MAX_SLUG_LENGTH:
        return slug
    # If the next character is a hyphen, the last word is complete.
    head = slug[: MAX_SLUG_LENGTH + 1]
    return head.rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]


def find_slug_issue(text: str) -> IssueCode | None:
    """Return the reason why ``text`` cannot be a slug or a key, or None if ``text`` is valid."""
    if text in RESERVED:
        return IssueCode.RESERVED_SLUG
    if _PATTERN.fullmatch(text) is None:
        return IssueCode.MALFORMED_SLUG
    return IssueCode.TOO_LONG if len(text) > MAX_SLUG_LENGTH else None


def is_slug(text: str) -> bool:
    """Return whether ``text`` can be a slug."""
    return find_slug_issue(text) is None
