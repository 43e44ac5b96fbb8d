"""The two languages, and the ``Accept-Language`` header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Longer headers are cut: RFC 9110 sets no limit, so a hostile client could send a very long one.
MAX_HEADER_CHARACTERS = 1_000
MAX_HEADER_RANGES = 32


class Language(StrEnum):
    """A language of the service, as a BCP 47 tag. Welsh and English are equal: each may be the source of a text."""

    CY = "cy"
    EN = "en"

    @property
    def other(self) -> Language:
        """Return the other language."""
        return Language.EN if self is Language.CY else Language.CY


class Fallback(StrEnum):
    """Whether the other language may be served if the requested language is not available."""

    ALLOW = "allow"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Preference:
    """The preference in an ``Accept-Language`` header; ``language`` is None if the header has no preference."""

    language: Language | None
    is_other_refused: bool = False

    def or_default(self, default: Language) -> Preference:
        """Return this preference, or a preference for ``default`` if this one has no language."""
        return self if self.language is not None else Preference(default)


def parse_accept_language(header: str | None) -> Preference:
    """Return the preference in an ``Accept-Language`` header (RFC 9110, 12.5.4); malformed parts are ignored.

    ``cy-GB`` counts as ``cy``, ``q=0`` refuses a language, ``*`` is ignored. A header that refuses both languages
    cannot be satisfied and counts as no preference.
    """
    if header is None:
        return Preference(None)
    quality: dict[Language, float] = {}
    for part in header[:MAX_HEADER_CHARACTERS].split(",")[:MAX_HEADER_RANGES]:
        tag, _, parameters = part.partition(";")
        language = _parse_tag(tag)
        q = _parse_quality(parameters)
        if language is None or q is None:
            continue
        # The highest quality of a language counts: "cy-GB;q=0, cy" is still a request for Welsh.
        quality[language] = max(q, quality.get(language, 0.0))
    refused = {language for language, q in quality.items() if q == 0}
    accepted = [language for language, q in quality.items() if q > 0]
    if len(refused) == len(Language):
        return Preference(None)
    if accepted:
        best = max(accepted, key=lambda language: quality[language])  # of equal qualities, the first counts
        return Preference(best, best.other in refused)
    if refused:
        return Preference(refused.pop().other, is_other_refused=True)
    return Preference(None)


def _parse_tag(tag: str) -> Language | None:
    primary = tag.strip().lower().partition("-")[0]
    return Language(primary) if primary in {"cy", "en"} else None


def _parse_quality(parameters: str) -> float | None:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        q = float(value.strip())
    except ValueError:
        return None
    return q if 0 <= q <= 1 else None
