"""The two languages, and which of them a reader asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# A header is read up to here and no further: RFC 9110 sets no limit, and a hostile client would.
MAX_HEADER_CHARACTERS = 1_000
MAX_HEADER_RANGES = 32


class Language(StrEnum):
    """A BCP 47 tag of the service. Neither member is the original of the other."""

    CY = "cy"
    EN = "en"

    @property
    def other(self) -> Language:
        return Language.EN if self is Language.CY else Language.CY


class Fallback(StrEnum):
    """May the other language stand in for the one asked for?"""

    ALLOW = "allow"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Preference:
    """What an ``Accept-Language`` header comes down to: one of four, or nothing said (``language`` is None)."""

    language: Language | None
    is_other_refused: bool = False

    def or_default(self, default: Language) -> Preference:
        """One of four: who said nothing prefers the default."""
        return self if self.language is not None else Preference(default)


def parse_accept_language(header: str | None) -> Preference:
    """The preference in a header field of RFC 9110, 12.5.4; never an error.

    ``cy-GB`` counts as ``cy``, ``q=0`` refuses, ``*`` is no preference, what cannot be read is skipped.
    A header that refuses both languages asks for nothing that can be given and counts as nothing said.
    """
    quality: dict[Language, float] = {}
    for part in (header or "")[:MAX_HEADER_CHARACTERS].split(",")[:MAX_HEADER_RANGES]:
        tag, _, parameters = part.partition(";")
        language = _parse_tag(tag)
        q = _parse_quality(parameters)
        if language is None or q is None:
            continue
        # Of two ranges for one language the better one counts, so that "cy-GB;q=0, cy" still asks for Welsh.
        quality[language] = max(q, quality.get(language, 0.0))
    refused = {language for language, q in quality.items() if q == 0}
    wanted = [language for language, q in quality.items() if q > 0]
    if len(refused) == len(Language):
        return Preference(None)
    if wanted:
        best = max(wanted, key=lambda language: quality[language])  # of equals, max() keeps the first named
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
