"""Slugs: the readable part of an address."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 100
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
    if len(slug) <= MAX_LENGTH:
        return slug
    # A cut that falls right before a hyphen leaves a whole word.
    head = slug[: MAX_LENGTH + 1]
    return head.rpartition("-")[0] or slug[:MAX_LENGTH]


def find_slug_issue(text: str) -> str | None:
    """The stable word for why ``text`` can be no slug and no key; None where it can."""
    fault = None
    if text in RESERVED:
        fault = "reserved-slug"
    elif _PATTERN.fullmatch(text) is None:
        fault = "malformed-slug"
    elif len(text) > MAX_LENGTH:
        fault = "too-long"
    return fault


def is_slug(text: str) -> bool:
    """Has ``text`` the form of a slug that a resource may have?"""
    return find_slug_issue(text) is None
