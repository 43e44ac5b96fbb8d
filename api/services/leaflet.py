"""A choice as something to hand out: its texts in one language, in parts, with what must be said of each.

Both languages come from one reading of one release: the same leaflet can be written in either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from api.domain.choice import STAGES, Choice
from api.domain.errors import SlugMoved
from api.domain.kind import GROUND_RULE, GUIDE, MOMENT, PROMPT, Kind
from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.delivery.content import get_resource, list_resources
from api.services.delivery.request import Filters, ListRequest, Reading, Voice

Document = Mapping[str, Any]
# A part's name, its step in the guide, and what is in it.
Cut = tuple[str, Document | None, tuple[Document, ...]]
# More than any booklet has of one kind.
ALL = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A few words, and the language that they are really in."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Passage:
    """One resource in the language in which it is served. ``notes`` are stable words for what must be said of it."""

    id: str
    kind: str
    language: Language
    title: str | None
    html: str
    highlight: str | None
    notes: tuple[str, ...]
    attribution: str


@dataclass(frozen=True, slots=True)
class Part:
    """Passages that belong together; ``name`` is their kind or stage."""

    name: str
    passages: tuple[Passage, ...]
    heading: Line | None = None
    lead: Line | None = None


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What was chosen, for a reader of ``language``. ``notes`` hold for every passage, which then says them no more."""

    language: Language
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    release: int

    @property
    def passages(self) -> list[Passage]:
        return [passage for part in self.parts for passage in part.passages]

    @property
    def title(self) -> Line | None:
        """The title of the first text, where the texts have titles."""
        first = self.passages[0] if self.passages else None
        return Line(first.title, first.language) if first and first.title else None

    @property
    def attributions(self) -> list[Line]:
        """Whose the texts are, each booklet once."""
        return list({line.text: line for line in (Line(p.attribution, p.language) for p in self.passages)}.values())


@dataclass(frozen=True, slots=True)
class Sheet:
    """The documents of a choice, both languages in each."""

    parts: tuple[Cut, ...]
    release: int

    def write(self, language: Language) -> Leaflet:
        """The leaflet for a reader of ``language``."""
        parts = tuple(
            Part(
                name,
                tuple(_write(document, language) for document in documents),
                _line(step, ("heading", "title"), language),
                _line(step, ("lead",), language),
            )
            for name, step, documents in self.parts
        )
        noted = [set(passage.notes) for part in parts for passage in part.passages]
        common = set.intersection(*noted) if noted else set()
        order = [note for note in NOTES if note in common]
        return Leaflet(language, tuple(_without(part, common) for part in parts), tuple(order), self.release)


# In the order in which they are said.
NOTES = ("missing", "below_min_state", "machine", "unreviewed", "outdated")


def read_sheet(session: Session, reading: Reading, voice: Voice, choice: Choice) -> Sheet:
    """What was chosen, by a bilingual reading. Raises what ``get_resource`` and ``list_resources`` raise."""
    reading = replace(reading, is_bilingual=True)

    def get(kind: Kind, slug: str) -> Document:
        try:
            return get_resource(session, reading, voice, kind, slug).body
        except SlugMoved as moved:
            return get_resource(session, reading, voice, kind, moved.slug).body

    def find(kind: Kind, collection: str | None = None, facet: str | None = None) -> tuple[Document, ...]:
        request = ListRequest(kind, Filters(collection=collection, facet=facet), limit=ALL)
        return tuple(list_resources(session, reading, voice, request).body["items"])

    def step_by_step(collection: str | None, stages: Sequence[str]) -> list[Cut]:
        prompts = find(PROMPT, collection)
        return list(_by_step(prompts, find(GUIDE, collection, "step"), stages))

    parts: list[Cut]
    if choice.kind in {MOMENT.name, PROMPT.name}:
        kind = MOMENT if choice.kind == MOMENT.name else PROMPT
        parts = [(choice.kind, None, (get(kind, choice.slug or ""),))]
    elif choice.kind == "prompts":
        parts = step_by_step(choice.collection, (choice.stage,) if choice.stage else STAGES)
    elif choice.kind == "ground-rules":
        parts = [("ground-rules", None, find(GROUND_RULE, choice.collection))]
    else:
        moments = tuple(get(MOMENT, slug) for slug in choice.moments)
        collection = moments[0]["collection"]["slug"] if moments else choice.collection
        parts = [("ground-rules", None, find(GROUND_RULE, collection)), ("moments", None, moments)]
        parts += step_by_step(collection, choice.stages or STAGES)
    return Sheet(tuple(part for part in parts if part[2]), reading.snapshot.release)


def _by_step(prompts: Iterable[Document], steps: Iterable[Document], stages: Sequence[str]) -> Iterable[Cut]:
    """Prompts stage by stage, those that are said at one step of the guide together."""
    step_of = {prompt["slug"]: step for step in steps for prompt in step["prompts"]}
    grouped: dict[tuple[str, str], list[Document]] = {}
    for prompt in prompts:
        if prompt["stage"] in stages:
            step = step_of.get(prompt["slug"])
            grouped.setdefault((prompt["stage"], step["id"] if step else ""), []).append(prompt)
    for (stage, _), together in grouped.items():
        yield stage, step_of.get(together[0]["slug"]), tuple(together)


def _write(document: Document, language: Language) -> Passage:
    served = language if language.value in document["languages"] else language.other
    texts = {name: both.get(served.value) for name, both in document.items() if isinstance(both, dict)}
    return Passage(
        document["id"],
        document["kind"],
        served,
        texts.get("title"),
        texts.get("body_html") or texts.get("text_html") or "",
        texts.get("highlight_html"),
        tuple(_note(document["translations"], language, served)),
        document["rights"]["attribution"][served.value],
    )


def _note(translations: Document, language: Language, served: Language) -> Iterable[str]:
    if served is not language:
        yield "missing" if translations[language.value] is None else "below_min_state"
    facts = translations[served.value]
    if facts["state"] == State.TRANSLATED:
        yield "machine" if facts["origin"] == Origin.MACHINE else "unreviewed"
    if facts["outdated"]:
        yield "outdated"


def _line(step: Document | None, names: Sequence[str], language: Language) -> Line | None:
    """The first of these texts that the step has, in this language or else in the other."""
    if step is None:
        return None
    for name in names:
        for each in (language, language.other):
            if step[name][each.value]:
                return Line(step[name][each.value], each)
    return None


def _without(part: Part, common: set[str]) -> Part:
    passages = (replace(p, notes=tuple(note for note in p.notes if note not in common)) for p in part.passages)
    return replace(part, passages=tuple(passages))
