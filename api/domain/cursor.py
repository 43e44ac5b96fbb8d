"""Cursors: opaque positions in a list, sent in the query parameter ``after``."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# Exclusive bounds of the integers in a key. PostgreSQL refuses to compare a column with a number outside its range.
RANK, ROW = 2**63, 2**31
# The type of one part of a key: ``str``, ``bytes``, or, for an integer, the exclusive bound of its absolute value.
KeyPart: TypeAlias = type[str] | type[bytes] | int
_SURROGATE = re.compile("[\ud800-\udfff]")


class PageCursors(NamedTuple):
    """The cursors of the pages after and before a page.

    ``next`` is None on the last page. ``previous`` is None on the first page, where ``has_previous`` is false, and on
    the second page, because the first page needs no cursor.
    """

    next: str | None = None
    previous: str | None = None
    has_previous: bool = False


@dataclass(frozen=True, slots=True)
class CursorFormat:
    """The cursors of one list. A cursor is a JSON array in base64url: ``list_id``, then the key of a page's last item.

    ``list_id`` is the name of the list or a ``fingerprint``. ``key`` gives the type of each part of a key; parts of
    type ``bytes`` are written in hex.
    """

    list_id: str
    key: tuple[KeyPart, ...]

    # Longer than any cursor that ``encode`` returns. The longest cursors contain the sort key of a title. Such a key
    # has at most 6 bytes for each of the first 200 characters; 6 bytes become 16 base64 digits.
    MAX_LENGTH: ClassVar[int] = 4_000

    @staticmethod
    def fingerprint(*parts: object) -> str:
        """Return a hash of everything that defines a list. A list refuses a cursor with a different hash."""
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def encode(self, key: Sequence[str | bytes | int]) -> str:
        """Return the cursor of the item with this key."""
        parts = [part.hex() if isinstance(part, bytes) else part for part in key]
        raw = json.dumps([self.list_id, *parts], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def encode_pages(
        self, following: Sequence[Any] | None, previous: Sequence[Any] | None, *, has_previous: bool
    ) -> PageCursors:
        """Return the cursors of the next and the previous page, from the keys after which these pages begin."""
        return PageCursors(
            None if following is None else self.encode(following),
            None if previous is None else self.encode(previous),
            has_previous,
        )

    def decode(self, after: str) -> tuple[Any, ...]:
        """Return the key in a cursor.

        Raises InvalidRequestError for a cursor that is malformed or belongs to another list.
        """
        try:
            raw = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
            list_id, *parts = json.loads(raw)
        except (ValueError, TypeError, RecursionError) as error:
            raise _unreadable() from error
        if list_id != self.list_id:
            raise InvalidRequestError([Issue(IssueCode.AFTER_OF_ANOTHER_LIST, parameter="after")])
        if len(parts) != len(self.key):
            raise _unreadable()
        return tuple(_decode_part(part, kind) for part, kind in zip(parts, self.key, strict=True))


def _decode_part(part: Any, kind: KeyPart) -> str | bytes | int:
    if isinstance(kind, int):
        # ``True`` is an int in Python; JSON's ``true`` is not a number.
        if type(part) is int and abs(part) < kind:
            return part
    # JSON strings may contain NULs and lone surrogates. A text column cannot be compared with such a string.
    elif isinstance(part, str) and "\0" not in part and not _SURROGATE.search(part):
        return part if kind is str else _from_hex(part)
    raise _unreadable()


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise _unreadable() from error


def _unreadable() -> InvalidRequestError:
    return InvalidRequestError([Issue(IssueCode.UNREADABLE_AFTER, parameter="after")])
