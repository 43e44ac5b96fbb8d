"""A reference model of authoring, which repeats the rules of the working copy and of releases.

Each action returns the expected HTTP status. The model shares no code with the service: a text is a list of revisions,
and a release is a dictionary of the public resources.
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
    about: int | None = None  # the earlier source revision whose minor mark this revision changes
    decision: str | None = None
    loaded: tuple[str, str, str] | None = None  # the content in the folder, if the revision was loaded

    @property
    def content(self) -> tuple[str, str, str]:
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
        is_below = STATES.index(self.targets[-1].content[2]) < STATES.index(required)
        found = {"returned": self.targets[-1].decision == "return", "outdated": self.is_outdated}
        return [gap for gap, is_so in {**found, "below_required_state": is_below}.items() if is_so]

    def deliver(self, by: str, text: str, state: str, origin: str | None) -> int:
        was_machine = self.targets and self.targets[-1].origin in ORIGINS[:2]
        new = Revision(text, origin or ("post-edited" if was_machine else "human"), by, len(self.sources), state)
        old = [(item.text, item.origin, item.state) for item in self.targets[-1:] if not self.is_outdated]
        self.targets += [] if old == [(new.text, new.origin, new.state)] else [new]
        return 200

    def write(self, text: str, *, minor: bool) -> int:
        self.sources += [Revision(text, minor=minor)] if text != self.sources[-1].text else []
        return 200

    def mark_minor(self, number: int, *, minor: bool) -> int:
        is_change = 1 < number <= len(self.sources) and not self.sources[number - 1].about
        self.sources += [Revision(self.sources[-1].text, minor=minor, about=number)] if is_change else []
        return 200 if is_change else 409

    def confirm(self, by: str) -> int:
        if not self.is_draft and (self.is_outdated or self.targets[-1].decision == "return"):
            self.targets.append(Revision(*self.targets[-1].content[:2], by, len(self.sources), "translated"))
        return 409 if self.is_draft else 200

    def review(self, by: str, decision: str, *, is_reviewer: bool) -> int:
        if self.is_draft:
            return 409
        if self.targets[-1].by == by or not (is_reviewer or [item.by for item in self.targets[-2:-1]] == [by]):
            return 403
        if self.targets[-1].decision in {"return", decision} or (decision == "approve" and self.is_outdated):
            return 409
        self.targets[-1].decision = decision
        return 200

    def revert(self, by: str, side: str, number: int) -> int:
        texts = self.sources if side == "source" else self.targets
        current = texts[number - 1 : len(texts) - 1][:1]
        new = [Revision(*old.content[:2], by, old.based_on, old.state) for old in current if old.state != "initial"]
        texts.extend(new)
        return 200 if new else 409

    def load(self, source: str, *target: tuple[str, str, str]) -> None:
        is_changed_here = False
        for into, content in [(self.sources, (source, "human", "source")), *((self.targets, item) for item in target)]:
            last_loaded = [item.loaded for item in into if item.loaded][-1:]
            if content not in [*last_loaded, *(item.content for item in into[-1:])]:
                own = [revision.content[:2] for revision in into[-1:] if revision.state != "initial"]
                is_changed_here = is_changed_here or own != [loaded[:2] for loaded in last_loaded]
                basis = [number for number, item in enumerate(self.sources, 1) if item.text == source]
                new = Revision(*content[:2], "content", max(basis, default=0), content[2], loaded=content)
                if content[2] == "reviewed":
                    new.state, new.decision = "translated", "approve"
                into.extend([] if is_changed_here else [new])


@dataclass
class ReferenceWorkflow:
    """Resources as ``{id: {source, slugs, withdrawn, units}}``, and each release as ``{id: (public, since)}``."""

    resources: dict[str, dict[str, Any]]
    required: str
    releases: list[dict[str, tuple[Any, int]]] = field(default_factory=lambda: [{}])

    def build_public(self, name: str) -> dict[str, Any] | None:
        """Return the public form of a resource, with all gaps waived; None if the resource is withdrawn."""
        resource, units = self.resources[name], self.resources[name]["units"].values()
        gaps = {gap for unit in units for gap in unit.gaps(self.required)}
        sides = {resource["source"]: [unit.sources for unit in units]}
        if not {"missing", "returned"} & gaps:
            sides[{"cy": "en", "en": "cy"}[resource["source"]]] = [unit.targets for unit in units]
        public: dict[str, Any] = {"slugs": dict(resource["slugs"]), "waivers": sorted(gaps), "cy": None, "en": None}
        for language, texts in sides.items():
            words, origins, states = zip(*(item[-1].content for item in texts), strict=True)
            is_outdated = language != resource["source"] and "outdated" in gaps
            fact = (min(states, key=STATES.index), min(origins, key=ORIGINS.index), is_outdated)
            public[language] = {"texts": words, "fact": fact, "numbers": [len(item) for item in texts]}
        return None if resource["withdrawn"] else public

    def list_changed(self, names: Any) -> dict[str, Any]:
        return {n: new for n in names if (new := self.build_public(n)) != self.releases[-1].get(n, (None,))[0]}

    def publish(self, names: Any, waived: set[tuple[str, str]], *, is_ready: bool = False) -> int:
        changed = self.list_changed(names)
        blocked = {n for n, new in changed.items() if new and not {(n, gap) for gap in new["waivers"]} <= waived}
        return self.add_release(
            {} if blocked and not is_ready else {n: changed[n] for n in changed if n not in blocked}
        )

    def revert(self, to: int, names: Any) -> int:
        then, now = ({n: item[0] for n, item in release.items()} for release in (self.releases[to], self.releases[-1]))
        return self.add_release({n: then.get(n) for n in names if then.get(n) != now.get(n)})

    def add_release(self, changes: dict[str, Any]) -> int:
        current = self.releases[-1] | {n: (new, len(self.releases)) for n, new in changes.items()}
        self.releases += [{n: item for n, item in current.items() if item[0]}] if changes else []
        return 201 if changes else 409
