"""Requests for content, independent of HTTP: without headers and query strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from api.domain.cursor import DEFAULT_LIMIT, CursorFormat
from api.domain.kind import Kind
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState, State
from api.i18n import Translations
from api.services.delivery.release_cache import CachedRelease
from api.services.publishing.snapshot import Snapshot

# The number that ``release=next`` is converted to. No release has this number.
NEXT_RELEASE = 0


@dataclass(frozen=True, slots=True)
class ReadContext:
    """The options of a request: the release, the language rule, and the fields to return (if empty, all fields).

    ``is_pinned`` means that the URL names the release, so that all links in the response name it too. ``is_preview``
    means that the release is the next one, which has not been made yet. ``is_language_open`` means that neither the URL
    nor a header names a language, so that a slug may select it. ``cache`` is the cache of the release.
    """

    snapshot: Snapshot
    rule: LanguageRule
    is_pinned: bool = False
    is_preview: bool = False
    is_bilingual: bool = False
    fields: tuple[str, ...] = ()
    default_min_state: MinState = MinState.TRANSLATED
    is_language_open: bool = False
    cache: CachedRelease = field(default_factory=CachedRelease, compare=False)

    def serves(self, states: Mapping[Language, State | None]) -> bool:
        """Return whether a resource with these states is available to this request."""
        if self.is_bilingual:
            return any(self.rule.admits(state) for state in states.values())
        return self.rule.choose(states) is not None

    def follow_slug(self, slug: str, slugs: Mapping[str, str | None]) -> ReadContext:
        """Return the context in the language of a slug, if the language is open and only one language has this slug.

        ``slugs`` are the slugs of the resource, by language. A resource without a title has only one slug, which
        therefore belongs to both languages.
        """
        languages = [language for language in Language if slugs.get(language.value) in {slug, None}]
        if not self.is_language_open or len(languages) != 1:
            return self
        return replace(self, rule=replace(self.rule, language=languages[0]), is_language_open=False)


def join_values(values: Iterable[str]) -> str | None:
    """Return the values of a filter as one parameter; None if there are no values."""
    return ",".join(values) or None


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list, with slugs as the reader sent them. A filter that is None or empty is not applied.

    Filters with several values are sorted and have no duplicates, so that every list has one URL and one cursor format.
    """

    collection: str | None = None
    categories: tuple[str, ...] = ()
    number: int | None = None
    facets: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def to_query(self, kind: Kind) -> dict[str, str | int]:
        """Return the filters that are set, by query parameter. Several values are separated by commas."""
        values: dict[str, str | int | None] = {
            "id": join_values(self.ids),
            "collection": self.collection,
            "category": join_values(self.categories),
            "number": self.number,
            kind.facet or "": join_values(self.facets),
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A request for a page of the resources of one kind."""

    kind: Kind
    filters: Filters = field(default_factory=Filters)
    sort: str | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None
    q: str | None = None

    @property
    def is_by_title(self) -> bool:
        """True if the list is sorted by title, so that the language decides the order."""
        return self.sort is not None and self.sort.removeprefix("-") == "title"

    def fingerprint(self, context: ReadContext) -> str:
        """Return the fingerprint of this list, which is the same for all its pages."""
        parts: list[Any] = [self.kind.name, self.sort, sorted(self.filters.to_query(self.kind).items())]
        parts += [self.q] if self.q else []
        if context.is_bilingual:
            parts.append([context.rule.min_state, context.rule.language if self.is_by_title else None])
        else:
            parts.append([context.rule.language, context.rule.fallback, context.rule.min_state])
        return CursorFormat.fingerprint(*parts)


@dataclass(frozen=True, slots=True)
class Branding:
    """The public URL of the service, without a slash at the end, and the translations of the service's texts."""

    public_url: str
    translations: Translations
