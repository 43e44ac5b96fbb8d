"""What a reader asks for, as the services take it: no header and no query string reaches further than this."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.domain.errors import Fault, RequestRefused
from api.domain.kind import Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.memory import Held
from api.services.snapshot import Snapshot

_HALF = re.compile("[\ud800-\udfff]")
DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# What ``release=next`` is to the services: no release has this number.
NEXT = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One request for content: the release, the language rule, and how the answer is to be cut down.

    ``is_pinned``: the address names the release, so that all links of the answer stay in it. ``is_preview``: that
    release is the next one, which is not made yet. ``held`` is what is remembered of the release.
    """

    snapshot: Snapshot
    rule: LanguageRule
    is_pinned: bool = False
    is_preview: bool = False
    is_bilingual: bool = False
    fields: tuple[str, ...] = ()
    default_min_state: MinState = MinState.TRANSLATED
    held: Held = field(default_factory=Held, compare=False)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to, by public names as the reader gave them; None is no filter."""

    collection: str | None = None
    category: str | None = None
    number: int | None = None
    facet: str | None = None

    def given(self, kind: Kind) -> dict[str, str | int]:
        """The filters that are set, under the names of their query parameters."""
        values: dict[str, str | int | None] = {
            "collection": self.collection,
            "category": self.category,
            "number": self.number,
            kind.facet or "": self.facet,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One page of one kind."""

    kind: Kind
    filters: Filters = field(default_factory=Filters)
    sort: str | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None
    q: str | None = None

    def fingerprint(self, reading: Reading) -> str:
        """A hash of all that decides which list this is, so that a page is never continued in another one."""
        parts: list[Any] = [self.kind.name, self.sort, sorted(self.filters.given(self.kind).items())]
        parts += [self.q] if self.q else []
        if reading.is_bilingual:
            parts.append([reading.rule.min_state, reading.rule.language if self.sort else None])
        else:
            parts.append([reading.rule.language, reading.rule.fallback, reading.rule.min_state])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def encode_after(key: Sequence[str | int], fingerprint: str) -> str:
    """The place in a list, for a link: the last key of a page, and which list it is of."""
    raw = json.dumps([fingerprint, *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


# How far the numbers in a key go: PostgreSQL refuses to compare a column with what it cannot hold.
RANK, ROW = 2**63, 2**31


def decode_after(after: str, fingerprint: str, shape: Sequence[type[str] | int]) -> tuple[Any, ...]:
    """The key in ``after``: of each part ``shape`` says that it is a string, or a number below which size.

    Raises RequestRefused where it cannot be read, or was made for another list.
    """
    try:
        raw = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
        mark, *key = json.loads(raw)
    except (ValueError, TypeError, RecursionError) as error:
        raise RequestRefused([Fault("unreadable-after", parameter="after")]) from error
    if mark != fingerprint:
        raise RequestRefused([Fault("after-of-another-list", parameter="after")])
    if len(key) != len(shape) or not all(_fits(part, kind) for part, kind in zip(key, shape, strict=True)):
        raise RequestRefused([Fault("unreadable-after", parameter="after")])
    return tuple(key)


def _fits(part: Any, kind: type[str] | int) -> bool:
    if isinstance(kind, int):
        return type(part) is int and abs(part) < kind  # True is an int, and no number
    # JSON can hold more than a text in a database can: a NUL, half a character.
    return isinstance(part, kind) and "\0" not in part and not _HALF.search(part)


@dataclass(frozen=True, slots=True)
class Voice:
    """What the services need of the service's own words and address: they know neither catalog nor setting."""

    public_url: str
    # In a language, the line that goes with a text of the booklet with this title; None is: it has none there.
    attribute: Callable[[Language, str | None], str]
