"""Slugs: the readable part of an address."""

from __future__ import annotations

import re
import unicodedata

from api.domain.issue_code import IssueCode

MAX_SLUG_LENGTH = 100
# `random` is an address of its own beside the slugs of every kind.
RESERVED = frozenset({"random"})
_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ"))


def slugify(text: str) -> str | None:
    """ASCII, lower case, accents and apostrophes dropped, all else a hyphen; None where nothing is left."""
    bare = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", bare)
    return shorten_slug("-".join(words)) or None


def shorten_slug(slug: str) -> str:
    """``slug`` without the words that go past 100 characters; one word that alone does is cut."""
    if len(slug) <= MAX_SLUG_LENGTH:
        return slug
    # A cut that falls right before a hyphen leaves a whole word.
    head = slug[: MAX_SLUG_LENGTH + 1]
    return head.rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]


def find_slug_issue(text: str) -> IssueCode | None:
    """Return why ``text`` cannot be a slug or a key, or None if it can."""
    if text in RESERVED:
        return IssueCode.RESERVED_SLUG
    if _PATTERN.fullmatch(text) is None:
        return IssueCode.MALFORMED_SLUG
    return IssueCode.TOO_LONG if len(text) > MAX_SLUG_LENGTH else None


def is_slug(text: str) -> bool:
    """Has ``text`` the form of a slug that a resource may have?"""
    return find_slug_issue(text) is None
