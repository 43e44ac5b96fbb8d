"""A reference model of the public API, which repeats the rules of reading as simply as possible.

The model is slow and shares no code with the service. A release is a dictionary of the public entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.tools.entries import OTHER_LANGUAGE, Entry

RANK = {"translated": 1, "reviewed": 2, "source": 3}
NAMED_BY = {"collection": "title", "section": "title", "category": "name", "moment": "title", "guide": "title"}


@dataclass(frozen=True)
class PublicEntry:
    """An entry that has been public in this form since ``release``."""

    entry: Entry
    release: int


@dataclass(frozen=True)
class Rule:
    """A reader's request for a language; ``language`` is None for both languages side by side.

    If ``is_language_open``, a slug that only one language has selects the language.
    """

    language: str | None
    fallback: bool
    min_state: str
    is_language_open: bool = False


def decide_rule(
    lang: str | None, fallback: str | None, min_state: str | None, header: str, default: str, *, is_pinned: bool
) -> Rule:
    """Return the rule of a request for one language; ``header`` is "", "cy", "en", "cy only" or "en only"."""
    state = min_state or ("translated" if is_pinned and lang else default)
    if lang:
        return Rule(lang, fallback == "allow", state)
    language, _, only = header.partition(" ")
    return Rule(language or "en", fallback != "none" and not only, state, is_language_open=not language)


def follow_slug(rule: Rule, slug: str, slugs: Mapping[str, str | None]) -> Rule:
    """Return the rule in the language of a slug. The only slug of a resource belongs to both languages."""
    languages = [language for language in OTHER_LANGUAGE if slugs.get(language) in {slug, None}]
    is_followed = rule.is_language_open and len(languages) == 1
    return replace(rule, language=languages[0]) if is_followed else rule


def is_visible(entry: Entry, language: str, min_state: str) -> bool:
    state = entry.state_in(language)
    return state is not None and RANK[state] >= RANK[min_state]


def serve_language(entry: Entry, rule: Rule) -> str | None:
    """Return the language in which an entry is served: "cy", "en", "both" (side by side), or None for no language."""
    if rule.language is None:
        return "both" if any(is_visible(entry, language, rule.min_state) for language in OTHER_LANGUAGE) else None
    if is_visible(entry, rule.language, rule.min_state):
        return rule.language
    other = OTHER_LANGUAGE[rule.language]
    return other if rule.fallback and is_visible(entry, other, rule.min_state) else None


def missing_reason(entry: Entry, rule: Rule) -> str:
    """Return the reason why the requested language is not served."""
    return "missing" if entry.state_in(rule.language or "") is None else "below_min_state"


@dataclass
class ReferenceModel:
    """All releases. ``releases[n]`` maps ids to the public entries of release ``n``, in list order."""

    releases: dict[int, dict[str, PublicEntry]] = field(default_factory=lambda: {0: {}})

    def publish(self, entries: list[Entry]) -> None:
        """Make the next release with the current versions of these entries."""
        number, before = self._next()
        self.releases[number] = dict(before)
        for entry in entries:
            previous = before.get(entry.id)
            if previous is None or previous.entry != entry:
                self.releases[number][entry.id] = PublicEntry(entry, number)

    def revert(self, to: int, ids: list[str] | None = None) -> None:
        """Make the next release, with the entries ``ids`` (by default all entries) as they were in release ``to``."""
        number, before = self._next()
        self.releases[number] = dict(before)
        for name in ids or list(before):
            then, now = self.releases[to].get(name), before[name].entry
            old = then.entry if then else replace(now, withdrawn=True)
            if old != now and not (old.withdrawn and now.withdrawn):
                self.releases[number][name] = PublicEntry(old, number)

    def _next(self) -> tuple[int, dict[str, PublicEntry]]:
        last = max(self.releases)
        return last + 1, self.releases[last]

    def _all_entries(self) -> list[Entry]:
        return [public.entry for there in self.releases.values() for public in there.values()]

    def list_slugs(self) -> list[tuple[str, str]]:
        """Return each pair of kind and slug that was ever public."""
        return sorted({(entry.kind, slug) for entry in self._all_entries() for slug in entry.slugs.values() if slug})

    def find_entry(self, release: int, kind: str, slug: str) -> PublicEntry | None:
        """Find the entry that has had this slug in any release, and return its version in the given release."""
        owners = {e.id for e in self._all_entries() if e.kind == kind and slug in e.slugs.values()}
        assert len(owners) <= 1, f"{kind} {slug} was a slug of {owners}"
        return self.releases[release].get(owners.pop()) if owners else None

    def respond(self, release: int, kind: str, slug: str, rule: Rule) -> dict[str, Any]:
        """Return the response to a request for this slug."""
        public = self.find_entry(release, kind, slug)
        if public is None:
            return {"status": 404, "problem": "resource-not-found"}
        entry = public.entry
        if entry.withdrawn:
            return {"status": 410, "problem": "withdrawn", "since": public.release, "id": entry.id}
        rule = follow_slug(rule, slug, entry.slugs)
        if slug not in entry.slugs.values():
            return {"status": 308, "slug": self._find_current_slug(entry, slug)}
        if serve_language(entry, rule) is None:
            other = OTHER_LANGUAGE[rule.language or ""]
            readable = other if is_visible(entry, other, rule.min_state) else None
            problem = {"problem": "language-not-available", "reason": missing_reason(entry, rule), "readable": readable}
            return {"status": 404, **problem}
        siblings = self.list_entries(release, kind, collection=entry.collection, facet=entry.facet)
        neighbours = [e for e in siblings if serve_language(e, rule)]
        index = neighbours.index(entry)
        return {
            "status": 200,
            **self.describe(release, public, rule),
            "next": neighbours[index + 1].slug if index + 1 < len(neighbours) else None,
            "previous": neighbours[index - 1].slug if index else None,
        }

    def _find_current_slug(self, entry: Entry, slug: str) -> str | None:
        """Return the slug of the language that a retired slug last belonged to, or the source language's slug."""
        versions = [there[entry.id].entry for there in self.releases.values() if entry.id in there]
        last = next(version for version in reversed(versions) if slug in version.slugs.values())
        languages = [language for language, other in last.slugs.items() if other == slug]
        return (entry.slugs[languages[0]] if len(languages) == 1 else None) or entry.slug

    def list_entries(self, release: int, kind: str, **filters: Any) -> list[Entry]:
        """Return the public entries of a kind that match all filters, in order. A None filter matches everything."""
        entries = [p.entry for p in self.releases[release].values() if p.entry.kind == kind and not p.entry.withdrawn]
        return [e for e in entries if all(v is None or getattr(e, name) == v for name, v in filters.items())]

    def list_page(self, release: int, kind: str, rule: Rule, **filters: Any) -> dict[str, Any]:
        """Return all pages of a list as one page."""
        entries = self.list_entries(release, kind, **filters)
        served = [entry for entry in entries if serve_language(entry, rule)]
        items = [self.describe(release, self.releases[release][entry.id], rule) for entry in served]
        return {"items": items, "total": len(items), "omitted": len(entries) - len(items), "release": release}

    def describe(self, release: int, public: PublicEntry, rule: Rule) -> dict[str, Any]:
        """Return the description of one resource, as in its own response or in a list."""
        entry, served = public.entry, serve_language(public.entry, rule)
        description: dict[str, Any] = {
            "id": entry.id, "slug": entry.slug, "slugs": entry.slugs, "number": entry.number, "release": public.release,
            "waivers": sorted((gap, OTHER_LANGUAGE[entry.source]) for gap in entry.waived),
            "translations": {language: self._translation(entry, language) for language in OTHER_LANGUAGE},
            "texts": self._texts(entry, served, rule),
            "collection": self._parent(release, entry.collection, served, rule),
            "category": self._parent(release, entry.category, served, rule),
        }  # fmt: skip
        if entry.kind in {"collection", "category"}:
            inside = self.list_entries(release, "moment", **{entry.kind: entry.id})
            description["moments"] = sum(serve_language(moment, rule) is not None for moment in inside)
        if served == "both":
            return description | {"languages": [x for x in ("cy", "en") if is_visible(entry, x, rule.min_state)]}
        reason = None if served == rule.language else missing_reason(entry, rule)
        language = {"requested": rule.language, "served": served, "fallback": reason is not None, "reason": reason}
        return description | {"language": language}

    def _translation(self, entry: Entry, language: str) -> Any:
        state = entry.state_in(language)
        is_source = state == "source"
        return state and (state, "human" if is_source else entry.origin, entry.outdated and not is_source)

    def _texts(self, entry: Entry, served: str | None, rule: Rule) -> dict[str, Any]:
        if served != "both":
            return entry.texts[served or ""]
        seen = {x: entry.texts[x] if is_visible(entry, x, rule.min_state) else {} for x in OTHER_LANGUAGE}
        return {name: {x: seen[x].get(name) for x in OTHER_LANGUAGE} for name in entry.texts[entry.source]}

    def _parent(self, release: int, name: str | None, served: str | None, rule: Rule) -> tuple[str | None, Any] | None:
        if name is None:
            return None
        entry = self.releases[release][name].entry
        seen = {
            x: entry.texts[x][NAMED_BY[entry.kind]] if is_visible(entry, x, rule.min_state) else None
            for x in OTHER_LANGUAGE
        }
        return (entry.slug, seen if served == "both" else seen[served or ""])
