"""The content of an embed page, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from api.domain.language import Language
from api.services.delivery.request import ReadContext
from api.services.embed.passage import Passage, common_notes
from api.services.embed.target import Target


@dataclass(frozen=True, slots=True)
class LanguageText:
    """A short text, such as a heading, and its language."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class PassageGroup:
    """Passages with a common heading and lead. ``stage`` is set if all passages have the same stage."""

    passages: tuple[Passage, ...]
    heading: LanguageText | None = None
    lead: LanguageText | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class DiscussionStep:
    """A step of a discussion: passages for the group, and notes for the facilitator."""

    title: LanguageText | None
    group: PassageGroup | None
    notes: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class MissingItem:
    """A text that was requested by slug and cannot be shown.

    ``available_in`` is the other language, if the text is public in it.
    """

    slug: str
    reason: str
    available_in: Language | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """The content of an embed page. ``omitted`` is the number of texts that the language rule left out."""

    target: Target
    context: ReadContext
    groups: tuple[PassageGroup, ...] = ()
    moments: tuple[Passage, ...] = ()
    rules: tuple[Passage, ...] = ()
    steps: tuple[DiscussionStep, ...] = ()
    missing: tuple[MissingItem, ...] = ()
    omitted: int = 0
    keys: tuple[str, ...] = ()
    # All passages in ``groups``, ``moments``, ``rules`` and ``steps``.
    passages: tuple[Passage, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes that apply to every passage on the page."""
        return common_notes(self.passages)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the passages on the page, the requested one first."""
        own = self.context.rule.language
        has_other = any(passage.language is not own for passage in self.passages)
        return (own, own.other) if has_other else (own,)

    @property
    def has_other(self) -> bool:
        """Whether any text of the page is available in the other language."""
        own = self.context.rule.language
        return self.omitted > 0 or any(passage.language is not own or passage.has_other for passage in self.passages)
