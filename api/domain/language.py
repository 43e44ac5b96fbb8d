"""The two languages, their tags, and the ``Accept-Language`` header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from api.domain.quality import parse_quality

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


# The primary subtags of the two languages: the code in BCP 47, and the codes of ISO 639 that CLDR replaces by it.
_BY_SUBTAG = {
    "cy": Language.CY,
    "cym": Language.CY,
    "wel": Language.CY,
    "en": Language.EN,
    "eng": Language.EN,
}
_TAG = re.compile(r"([a-z]{2,8})(?:[-_][a-z0-9]{1,8})*")


def parse_language(tag: str) -> Language | None:
    """Return the language of a BCP 47 tag, or None if the tag is malformed or names neither language.

    Case does not matter (RFC 5646, 2.1.1). Further subtags, such as a region, are ignored, as in a lookup (RFC 4647,
    3.4). As in CLDR's locale identifiers (UTS 35), ``_`` may separate subtags, and ``cym``, ``wel`` and ``eng`` count
    as ``cy`` and ``en``: BCP 47 has no such subtags, so they cannot mean another language.
    """
    match = _TAG.fullmatch(tag.lower()) if tag.isascii() else None
    return _BY_SUBTAG.get(match[1]) if match else None


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


def canonical_language(value: str) -> str:
    """Return a language tag in its canonical form, such as ``cy`` for ``CY`` or ``cy-GB``; other values unchanged."""
    language = parse_language(value)
    return value if language is None else language.value


def parse_accept_language(header: str | None) -> Preference:
    """Return the preference in an ``Accept-Language`` header (RFC 9110, 12.5.4); malformed parts are ignored.

    Tags are read as in ``parse_language``: ``cy-GB`` counts as ``cy``. ``q=0`` refuses a language, ``*`` is ignored. A
    header that refuses both languages cannot be satisfied and counts as no preference.
    """
    if header is None:
        return Preference(None)
    quality: dict[Language, float] = {}
    for part in header[:MAX_HEADER_CHARACTERS].split(",")[:MAX_HEADER_RANGES]:
        tag, _, parameters = part.partition(";")
        language = parse_language(tag.strip())
        q = parse_quality(parameters)
        if language is None or q is None:
            continue
        # The highest quality of a language counts: "cy-GB;q=0, cy" is still a request for Welsh.
        quality[language] = max(q, quality.get(language, 0.0))
    refused = {language for language, q in quality.items() if q == 0}
    accepted = [language for language, q in quality.items() if q > 0]
    if len(refused) == len(Language):
        return Preference(None)
    if accepted:
        best = max(accepted, key=lambda language: quality[language])  # the first one if several are best
        return Preference(best, best.other in refused)
    if refused:
        return Preference(refused.pop().other, is_other_refused=True)
    return Preference(None)
