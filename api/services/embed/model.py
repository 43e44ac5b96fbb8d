"""What one embed page shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from api.domain.language import Language
from api.services.delivery.request import ReadContext
from api.services.embed.passage import Passage, common_notes
from api.services.embed.target import Target


@dataclass(frozen=True, slots=True)
class LanguageText:
    """A short text beside the passages, and the language that it is in."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class PassageGroup:
    """Passages that belong together, under a heading and a lead of the booklet; ``stage`` where they share one."""

    passages: tuple[Passage, ...]
    heading: LanguageText | None = None
    lead: LanguageText | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a session: what the group is shown, and what only the facilitator needs, as safe HTML."""

    title: LanguageText | None
    group: PassageGroup | None
    notes: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class MissingItem:
    """A text that was asked for by name and cannot be shown: ``reason`` says why, ``exists`` where it can be read."""

    slug: str
    reason: str
    exists: Language | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """All that one embed page shows. ``omitted`` counts what the language rule left out."""

    target: Target
    context: ReadContext
    groups: tuple[PassageGroup, ...] = ()
    moments: tuple[Passage, ...] = ()
    rules: tuple[Passage, ...] = ()
    steps: tuple[Step, ...] = ()
    missing: tuple[MissingItem, ...] = ()
    omitted: int = 0
    keys: tuple[str, ...] = ()
    # All that is shown, whatever its place.
    passages: tuple[Passage, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of every text on the page."""
        return common_notes(self.passages)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages really on the page, its own first."""
        own = self.context.rule.language
        has_other = any(passage.language is not own for passage in self.passages)
        return (own, own.other) if has_other else (own,)

    @property
    def has_other(self) -> bool:
        """Can the page be read in the other language too? What fell back is in it already."""
        own = self.context.rule.language
        return self.omitted > 0 or any(passage.language is not own or passage.has_other for passage in self.passages)
