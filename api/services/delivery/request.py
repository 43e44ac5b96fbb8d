"""What a reader asks for, as the services take it: no header and no query string reaches further than this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.domain.cursor import DEFAULT_LIMIT, CursorFormat
from api.domain.kind import Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.release_cache import CachedRelease
from api.services.publishing.snapshot import Snapshot

# What ``release=next`` is to the services: no release has this number.
NEXT_RELEASE = 0


@dataclass(frozen=True, slots=True)
class ReadContext:
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
    cache: CachedRelease = field(default_factory=CachedRelease, compare=False)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to, by public names as the reader gave them; None is no filter."""

    collection: str | None = None
    category: str | None = None
    number: int | None = None
    facet: str | None = None

    def to_query(self, kind: Kind) -> dict[str, str | int]:
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

    def fingerprint(self, reading: ReadContext) -> str:
        """Return the fingerprint of this list, the same for all its pages."""
        parts: list[Any] = [self.kind.name, self.sort, sorted(self.filters.to_query(self.kind).items())]
        parts += [self.q] if self.q else []
        if reading.is_bilingual:
            parts.append([reading.rule.min_state, reading.rule.language if self.sort else None])
        else:
            parts.append([reading.rule.language, reading.rule.fallback, reading.rule.min_state])
        return CursorFormat.fingerprint(*parts)


@dataclass(frozen=True, slots=True)
class Branding:
    """What the services need of the service's own words and address: they know neither catalog nor setting."""

    public_url: str
    # In a language, the line that goes with a text of the booklet with this title; None is: it has none there.
    attribute: Callable[[Language, str | None], str]
