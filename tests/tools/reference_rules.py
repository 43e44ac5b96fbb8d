"""The rules of the working copy and of releases, written down a second time; an act gives its HTTP status.

Nothing here comes from the service: a text is a list of revisions, a release a dictionary of what is public in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATES, ORIGINS = ["translated", "reviewed", "source"], ["machine", "post-edited", "unknown", "human"]


@dataclass
class Revision:
    text: str
    origin: str = "human"
    by: str = ""
    based_on: int = 0
    state: str = "source"
    minor: bool = False
    about: int | None = None  # the source revision that ``minor`` is said of
    decision: str | None = None
    told: tuple[str, str, str] | None = None  # what a folder said, if it came from one

    @property
    def said(self) -> tuple[str, str, str]:
        return self.text, self.origin, "reviewed" if self.decision == "approve" else self.state


@dataclass
class Unit:
    sources: list[Revision]
    targets: list[Revision]

    def senses(self) -> list[int]:
        minor = {revision.about or number: revision.minor for number, revision in enumerate(self.sources, 1)}
        found: list[int] = []
        for number, revision in enumerate(self.sources, 1):
            same = [sense for earlier, sense in zip(self.sources, found, strict=False) if earlier.text == revision.text]
            stays = found and (revision.about or minor[number])
            found.append(found[-1] if stays else same[-1] if same else number)
        return found

    @property
    def is_draft(self) -> bool:
        return not self.targets or self.targets[-1].state == "initial"

    @property
    def is_outdated(self) -> bool:
        return bool(self.targets) and self.senses()[self.targets[-1].based_on - 1] != self.senses()[-1]

    def gaps(self, required: str) -> list[str]:
        if self.is_draft:
            return ["missing"]
        is_below = STATES.index(self.targets[-1].said[2]) < STATES.index(required)
        found = {"returned": self.targets[-1].decision == "return", "outdated": self.is_outdated}
        return [gap for gap, is_so in {**found, "below_required_state": is_below}.items() if is_so]

    def deliver(self, by: str, text: str, state: str, origin: str | None) -> int:
        was_machine = self.targets and self.targets[-1].origin in ORIGINS[:2]
        new = Revision(text, origin or ("post-edited" if was_machine else "human"), by, len(self.sources), state)
        old = [(each.text, each.origin, each.state) for each in self.targets[-1:] if not self.is_outdated]
        self.targets += [] if old == [(new.text, new.origin, new.state)] else [new]
        return 200

    def write(self, text: str, *, minor: bool) -> int:
        self.sources += [Revision(text, minor=minor)] if text != self.sources[-1].text else []
        return 200

    def say_minor(self, number: int, *, minor: bool) -> int:
        is_change = 1 < number <= len(self.sources) and not self.sources[number - 1].about
        self.sources += [Revision(self.sources[-1].text, minor=minor, about=number)] if is_change else []
        return 200 if is_change else 409

    def confirm(self, by: str) -> int:
        if not self.is_draft and (self.is_outdated or self.targets[-1].decision == "return"):
            self.targets.append(Revision(*self.targets[-1].said[:2], by, len(self.sources), "translated"))
        return 409 if self.is_draft else 200

    def review(self, by: str, decision: str, *, is_reviewer: bool) -> int:
        if self.is_draft:
            return 409
        if self.targets[-1].by == by or not (is_reviewer or [each.by for each in self.targets[-2:-1]] == [by]):
            return 403
        if self.targets[-1].decision in {"return", decision} or (decision == "approve" and self.is_outdated):
            return 409
        self.targets[-1].decision = decision
        return 200

    def revert(self, by: str, side: str, number: int) -> int:
        texts = self.sources if side == "source" else self.targets
        there = texts[number - 1 : len(texts) - 1][:1]
        made = [Revision(*old.said[:2], by, old.based_on, old.state) for old in there if old.state != "initial"]
        texts.extend(made)
        return 200 if made else 409

    def load(self, source: str, *target: tuple[str, str, str]) -> None:
        is_ours = False
        for into, said in [(self.sources, (source, "human", "source")), *((self.targets, each) for each in target)]:
            told = [each.told for each in into if each.told][-1:]
            if said not in [*told, *(each.said for each in into[-1:])]:
                is_ours = is_ours or [x.said[:2] for x in into[-1:] if x.state != "initial"] != [x[:2] for x in told]
                basis = [number for number, each in enumerate(self.sources, 1) if each.text == source]
                made = Revision(*said[:2], "content", max(basis, default=0), said[2], told=said)
                if said[2] == "reviewed":
                    made.state, made.decision = "translated", "approve"
                into.extend([] if is_ours else [made])


@dataclass
class Book:
    """Resources, as ``{id: {source, slugs, withdrawn, units}}``, and what was public at each release, since when."""

    resources: dict[str, dict[str, Any]]
    required: str
    releases: list[dict[str, tuple[Any, int]]] = field(default_factory=lambda: [{}])

    def cut(self, name: str) -> dict[str, Any] | None:
        """What would be public of a resource were all its gaps waived; None is nothing."""
        it, units = self.resources[name], self.resources[name]["units"].values()
        gaps = {gap for unit in units for gap in unit.gaps(self.required)}
        sides = {it["source"]: [unit.sources for unit in units]}
        if not {"missing", "returned"} & gaps:
            sides[{"cy": "en", "en": "cy"}[it["source"]]] = [unit.targets for unit in units]
        public: dict[str, Any] = {"slugs": dict(it["slugs"]), "waivers": sorted(gaps), "cy": None, "en": None}
        for language, texts in sides.items():
            words, origins, states = zip(*(each[-1].said for each in texts), strict=True)
            is_outdated = language != it["source"] and "outdated" in gaps
            fact = (min(states, key=STATES.index), min(origins, key=ORIGINS.index), is_outdated)
            public[language] = {"texts": words, "fact": fact, "numbers": [len(each) for each in texts]}
        return None if it["withdrawn"] else public

    def list_changed(self, names: Any) -> dict[str, Any]:
        return {n: new for n in names if (new := self.cut(n)) != self.releases[-1].get(n, (None,))[0]}

    def publish(self, names: Any, waived: set[tuple[str, str]], *, is_ready: bool = False) -> int:
        changed = self.list_changed(names)
        blocked = {n for n, new in changed.items() if new and not {(n, gap) for gap in new["waivers"]} <= waived}
        return self.make({} if blocked and not is_ready else {n: changed[n] for n in changed if n not in blocked})

    def revert(self, to: int, names: Any) -> int:
        then, now = ({n: each[0] for n, each in release.items()} for release in (self.releases[to], self.releases[-1]))
        return self.make({n: then.get(n) for n in names if then.get(n) != now.get(n)})

    def make(self, changes: dict[str, Any]) -> int:
        there = self.releases[-1] | {n: (new, len(self.releases)) for n, new in changes.items()}
        self.releases += [{n: each for n, each in there.items() if each[0]}] if changes else []
        return 201 if changes else 409
