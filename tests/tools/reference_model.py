"""The rules of reading, written down a second time and as plainly as can be, to hold the service against.

Nothing here is fast and nothing comes from the service: a release is a dictionary of what is public in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.tools.entries import OTHER, Entry

RANK = {"translated": 1, "reviewed": 2, "source": 3}
NAMED_BY = {"collection": "title", "section": "title", "category": "name", "moment": "title", "guide": "title"}


@dataclass(frozen=True)
class Public:
    """An entry as public since release ``first``."""

    entry: Entry
    first: int


@dataclass(frozen=True)
class Rule:
    """What a reader asked for, when all is said: ``language`` is None for both side by side."""

    language: str | None
    fallback: bool
    min_state: str


def decide(
    lang: str | None, fallback: str | None, min_state: str | None, header: str, default: str, *, is_pinned: bool
) -> Rule:
    """The rule of a request for one language; ``header`` is "", "cy", "en", or "cy only" and "en only"."""
    state = min_state or ("translated" if is_pinned and lang else default)
    if lang:
        return Rule(lang, fallback == "allow", state)
    language, _, only = header.partition(" ")
    return Rule(language or "en", fallback != "none" and not only, state)


def is_seen(entry: Entry, language: str, min_state: str) -> bool:
    state = entry.state_in(language)
    return state is not None and RANK[state] >= RANK[min_state]


def serve(entry: Entry, rule: Rule) -> str | None:
    """The language in which ``rule`` is served; "both" side by side; None where it gets nothing."""
    if rule.language is None:
        return "both" if any(is_seen(entry, language, rule.min_state) for language in OTHER) else None
    if is_seen(entry, rule.language, rule.min_state):
        return rule.language
    other = OTHER[rule.language]
    return other if rule.fallback and is_seen(entry, other, rule.min_state) else None


def lack(entry: Entry, rule: Rule) -> str:
    """Why the language asked for is not served."""
    return "missing" if entry.state_in(rule.language or "") is None else "below_min_state"


@dataclass
class PlainModel:
    """All that was ever public: ``releases[n]`` by id, in the order in which lists give it."""

    releases: dict[int, dict[str, Public]] = field(default_factory=lambda: {0: {}})

    def publish(self, entries: list[Entry]) -> None:
        """The next release, with these entries as they are now."""
        number, before = self._next()
        self.releases[number] = dict(before)
        for entry in entries:
            known = before.get(entry.id)
            if known is None or known.entry != entry:
                self.releases[number][entry.id] = Public(entry, number)

    def revert(self, to: int, ids: list[str] | None = None) -> None:
        """The next release, in which these (or all) are as they were in release ``to``."""
        number, before = self._next()
        self.releases[number] = dict(before)
        for name in ids or list(before):
            then, now = self.releases[to].get(name), before[name].entry
            old = then.entry if then else replace(now, withdrawn=True)
            if old != now and not (old.withdrawn and now.withdrawn):
                self.releases[number][name] = Public(old, number)

    def _next(self) -> tuple[int, dict[str, Public]]:
        last = max(self.releases)
        return last + 1, self.releases[last]

    def _all(self) -> list[Entry]:
        return [public.entry for there in self.releases.values() for public in there.values()]

    def addresses(self) -> list[tuple[str, str]]:
        """Every kind and slug that ever was an address."""
        return sorted({(entry.kind, slug) for entry in self._all() for slug in entry.slugs.values() if slug})

    def find(self, release: int, kind: str, slug: str) -> Public | None:
        """What this slug leads to in this release: also when it is retired, or not yet given."""
        owners = {e.id for e in self._all() if e.kind == kind and slug in e.slugs.values()}
        assert len(owners) <= 1, f"{kind} {slug} was an address of {owners}"
        return self.releases[release].get(owners.pop()) if owners else None

    def answer(self, release: int, kind: str, slug: str, rule: Rule) -> dict[str, Any]:
        """What a reader is told at this address."""
        public = self.find(release, kind, slug)
        if public is None:
            return {"status": 404, "problem": "resource-not-found"}
        entry = public.entry
        if entry.withdrawn:
            return {"status": 410, "problem": "withdrawn", "since": public.first, "id": entry.id}
        if slug not in entry.slugs.values():
            return {"status": 308, "slug": entry.slug}
        if serve(entry, rule) is None:
            other = OTHER[rule.language or ""]
            readable = other if is_seen(entry, other, rule.min_state) else None
            problem = {"problem": "language-not-available", "reason": lack(entry, rule), "readable": readable}
            return {"status": 404, **problem}
        beside = self.members(release, kind, collection=entry.collection, facet=entry.facet)
        around = [e for e in beside if serve(e, rule)]
        place = around.index(entry)
        return {
            "status": 200,
            **self.tell(release, public, rule),
            "next": around[place + 1].slug if place + 1 < len(around) else None,
            "previous": around[place - 1].slug if place else None,
        }

    def members(self, release: int, kind: str, **wanted: Any) -> list[Entry]:
        """All that is public of a kind in a release, narrowed, in order; None narrows nothing."""
        entries = [p.entry for p in self.releases[release].values() if p.entry.kind == kind and not p.entry.withdrawn]
        return [e for e in entries if all(v is None or getattr(e, name) == v for name, v in wanted.items())]

    def list(self, release: int, kind: str, rule: Rule, **filters: Any) -> dict[str, Any]:
        """What a list holds, all its pages taken together."""
        entries = self.members(release, kind, **filters)
        served = [entry for entry in entries if serve(entry, rule)]
        items = [self.tell(release, self.releases[release][entry.id], rule) for entry in served]
        return {"items": items, "total": len(items), "omitted": len(entries) - len(items), "release": release}

    def tell(self, release: int, public: Public, rule: Rule) -> dict[str, Any]:
        """What an answer or a list says of one resource."""
        entry, served = public.entry, serve(public.entry, rule)
        told: dict[str, Any] = {
            "id": entry.id, "slug": entry.slug, "slugs": entry.slugs, "number": entry.number, "release": public.first,
            "waivers": sorted((gap, OTHER[entry.source]) for gap in entry.waived),
            "translations": {language: self._fact(entry, language) for language in OTHER},
            "texts": self._texts(entry, served, rule),
            "collection": self._name(release, entry.collection, served, rule),
            "category": self._name(release, entry.category, served, rule),
        }  # fmt: skip
        if entry.kind in {"collection", "category"}:
            inside = self.members(release, "moment", **{entry.kind: entry.id})
            told["moments"] = sum(serve(moment, rule) is not None for moment in inside)
        if served == "both":
            return told | {"languages": [x for x in ("cy", "en") if is_seen(entry, x, rule.min_state)]}
        reason = None if served == rule.language else lack(entry, rule)
        said = {"requested": rule.language, "served": served, "fallback": reason is not None, "reason": reason}
        return told | {"language": said}

    def _fact(self, entry: Entry, language: str) -> Any:
        state = entry.state_in(language)
        is_source = state == "source"
        return state and (state, "human" if is_source else entry.origin, entry.outdated and not is_source)

    def _texts(self, entry: Entry, served: str | None, rule: Rule) -> dict[str, Any]:
        if served != "both":
            return entry.texts[served or ""]
        seen = {x: entry.texts[x] if is_seen(entry, x, rule.min_state) else {} for x in OTHER}
        return {name: {x: seen[x].get(name) for x in OTHER} for name in entry.texts[entry.source]}

    def _name(self, release: int, name: str | None, served: str | None, rule: Rule) -> tuple[str | None, Any] | None:
        if name is None:
            return None
        entry = self.releases[release][name].entry
        seen = {x: entry.texts[x][NAMED_BY[entry.kind]] if is_seen(entry, x, rule.min_state) else None for x in OTHER}
        return (entry.slug, seen if served == "both" else seen[served or ""])
