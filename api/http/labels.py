"""Names and meanings of the codes in responses (states, origins, reasons, gaps), in both languages.

JSON and CSV contain only the codes, which are for programs and never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.domain.gap import Gap
from api.domain.language import Language
from api.domain.state import Origin
from api.i18n import N_, Translations

ByLanguage = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Label:
    """The name and the meaning of a code.

    ``names`` and ``meanings`` each hold one message per language, since the message may depend on the language of the
    text.
    """

    code: str
    names: ByLanguage
    meanings: ByLanguage


def _same(message: str) -> ByLanguage:
    """Return a mapping with the same message for both languages."""
    return dict.fromkeys(Language, message)


def _table(*labels: Label) -> Mapping[str, Label]:
    return {label.code: label for label in labels}


# One message per language, without a placeholder: in a Welsh sentence, the name of a language may change its first
# letter.
_MISSING = {Language.CY: N_("No Welsh text"), Language.EN: N_("No English text")}
_SOURCE_CHANGED = N_("The source text has changed since this translation was made.")

STATES = _table(
    Label(
        "source",
        _same(N_("Source text")),
        _same(N_("The text in the language that it was first written in.")),
    ),
    Label(
        "initial",
        _same(N_("Not translated")),
        _same(N_("There is no translation yet, or only a draft, which is not public.")),
    ),
    Label(
        "translated",
        _same(N_("Translated")),
        _same(N_("There is a translation. No reviewer has approved it yet.")),
    ),
    Label(
        "reviewed",
        _same(N_("Reviewed")),
        _same(N_("Somebody other than its author has approved the translation.")),
    ),
    Label("outdated", _same(N_("Outdated")), _same(_SOURCE_CHANGED)),
    Label("missing", _MISSING, _same(N_("The text is not public in this language."))),
    Label(
        "withdrawn",
        _same(N_("Withdrawn")),
        _same(N_("The text was public in an earlier release, but is not public now.")),
    ),
)
ORIGINS = _table(
    Label(Origin.HUMAN.value, _same(N_("A person")), _same(N_("A person wrote the text."))),
    Label(
        Origin.MACHINE.value,
        _same(N_("A machine")),
        _same(N_("A machine wrote the text. The state says whether a person has reviewed it.")),
    ),
    Label(
        Origin.POST_EDITED.value,
        _same(N_("A machine, then a person")),
        _same(N_("A machine drafted the text, and a person finished it.")),
    ),
    Label(Origin.UNKNOWN.value, _same(N_("Not known")), _same(N_("It is not known who wrote the text."))),
)
# Reasons why the requested language is not served. Messages are keyed by the requested language.
REASONS = _table(
    Label(
        "missing",
        _MISSING,
        {
            Language.CY: N_("This text is not available in Welsh yet. The English is shown in its place."),
            Language.EN: N_("This text is not available in English yet. The Welsh is shown in its place."),
        },
    ),
    Label(
        "below_min_state",
        _same(N_("Not reviewed to the degree asked for")),
        {
            Language.CY: N_(
                "The Welsh text has not been reviewed to the degree asked for. The English is shown in its place."
            ),
            Language.EN: N_(
                "The English text has not been reviewed to the degree asked for. The Welsh is shown in its place."
            ),
        },
    ),
)
GAPS = _table(
    Label(
        Gap.MISSING.value,
        _MISSING,
        _same(N_("There is no text in this language: the release left the language out.")),
    ),
    Label(
        Gap.RETURNED.value,
        _same(N_("Sent back")),
        _same(N_("A reviewer sent the text back: the release left the language out.")),
    ),
    Label(Gap.OUTDATED.value, _same(N_("Outdated")), _same(_SOURCE_CHANGED)),
    Label(
        Gap.BELOW_REQUIRED_STATE.value,
        _same(N_("Not reviewed to the degree required")),
        _same(N_("The text was published before it had been reviewed to the degree that the service requires.")),
    ),
)
CHANGES = _table(
    Label("published", _same(N_("Published")), _same(N_("The resource is new, or its text or its place has changed."))),
    Label("moved", _same(N_("Moved")), _same(N_("The resource has another slug, and perhaps another text."))),
    Label(
        "withdrawn",
        _same(N_("Withdrawn")),
        _same(N_("The text was public in an earlier release, but is not public now.")),
    ),
)
# Notes about one text, in the reader's language.
NOTES: Mapping[str, str] = {
    "machine": N_("Machine translation. No person has reviewed it yet."),
    "reviewed-machine": N_("Machine translation. A person has reviewed it."),
    "unreviewed": N_("No reviewer has approved this translation yet."),
    "source-by-machine": N_("A machine wrote this text."),
    "outdated": _SOURCE_CHANGED,
}
_GROUPS = (
    (N_("State of a text"), STATES),
    (N_("Origin: who wrote a text"), ORIGINS),
    (N_("Reason: why another language is served"), REASONS),
    (N_("Gap: what a waiver allowed"), GAPS),
    (N_("Change: what a release did to a resource"), CHANGES),
)


def label_reason(translations: Translations, language: Language, reason: str, requested: Language) -> str:
    """Return the notice, in ``language``, that explains why the ``requested`` language is not shown."""
    return translations.gettext(language, REASONS[reason].meanings[requested])


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code with its names and meanings in the reader's language, without duplicates."""

    code: str
    names: tuple[str, ...]
    meanings: tuple[str, ...]


def explain(translations: Translations, language: Language) -> list[tuple[str, list[Explanation]]]:
    """Return all codes with their explanations in ``language``, grouped under titles."""
    return [
        (translations.gettext(language, title), [_explain(translations, language, label) for label in labels.values()])
        for title, labels in _GROUPS
    ]


def _explain(translations: Translations, language: Language, label: Label) -> Explanation:
    def translate(messages: Iterable[str]) -> tuple[str, ...]:
        return tuple(translations.gettext(language, message) for message in dict.fromkeys(messages))

    return Explanation(label.code, translate(label.names.values()), translate(label.meanings.values()))
