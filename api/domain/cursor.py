"""Cursors: a place in a list, as links carry it in ``after``."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from api.domain.errors import InvalidRequestError, Issue

_HALF = re.compile("[\ud800-\udfff]")
DEFAULT_LIMIT = 20
MAX_LIMIT = 100


def encode_cursor(key: Sequence[str | int], fingerprint: str) -> str:
    """The place in a list, for a link: the last key of a page, and which list it is of."""
    raw = json.dumps([fingerprint, *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


# How far the numbers in a key go: PostgreSQL refuses to compare a column with what it cannot hold.
RANK, ROW = 2**63, 2**31


def decode_cursor(after: str, fingerprint: str, shape: Sequence[type[str] | int]) -> tuple[Any, ...]:
    """The key in ``after``: of each part ``shape`` says that it is a string, or a number below which size.

    Raises RequestRefused where it cannot be read, or was made for another list.
    """
    try:
        raw = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
        mark, *key = json.loads(raw)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidRequestError([Issue("unreadable-after", parameter="after")]) from error
    if mark != fingerprint:
        raise InvalidRequestError([Issue("after-of-another-list", parameter="after")])
    if len(key) != len(shape) or not all(_fits(part, kind) for part, kind in zip(key, shape, strict=True)):
        raise InvalidRequestError([Issue("unreadable-after", parameter="after")])
    return tuple(key)


def _fits(part: Any, kind: type[str] | int) -> bool:
    if isinstance(kind, int):
        return type(part) is int and abs(part) < kind  # True is an int, and no number
    # JSON can hold more than a text in a database can: a NUL, half a character.
    return isinstance(part, kind) and "\0" not in part and not _HALF.search(part)
