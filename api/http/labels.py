"""What the stable words of the answers mean, for a reader: states, origins, reasons, gaps.

The JSON and the CSV keep the words themselves: those are for programs, and never change.
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
    """A stable word's name and meaning, as messages by the language of the text that it is said of."""

    code: str
    names: ByLanguage
    meanings: ByLanguage


def _same(message: str) -> ByLanguage:
    """One message, whatever the language of the text."""
    return dict.fromkeys(Language, message)


def _table(*labels: Label) -> Mapping[str, Label]:
    return {label.code: label for label in labels}


# A name of a language would mutate in the middle of a sentence: what is missing is named in one piece.
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
        _same(N_("The text was public in an earlier release and is so no longer.")),
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
# Of the language asked for, which another one is served instead of.
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
        _same(N_("The text went out before it had been reviewed to the degree that the service requires.")),
    ),
)
_GROUPS = (
    (N_("State of a text"), STATES),
    (N_("Origin: who wrote a text"), ORIGINS),
    (N_("Reason: why another language is served"), REASONS),
    (N_("Gap: what a waiver let pass"), GAPS),
)


def label_state(words: Translations, language: Language, state: str, of: Language) -> str:
    """The name of a state, said in ``language`` of a text in the language ``of``."""
    return words.gettext(language, STATES[state].names[of])


def label_origin(words: Translations, language: Language, origin: str) -> str:
    """The name of an origin."""
    return words.gettext(language, ORIGINS[origin].names[language])


def label_reason(words: Translations, language: Language, reason: str, requested: Language) -> str:
    """The notice beside a text that stands in for the one ``requested``."""
    return words.gettext(language, REASONS[reason].meanings[requested])


def label_gap(words: Translations, language: Language, gap: str, of: Language) -> str:
    """The name of a gap that was waived for the language ``of``."""
    return words.gettext(language, GAPS[gap].names[of])


@dataclass(frozen=True, slots=True)
class Explanation:
    """A stable word with its names and meanings in the reader's language, each once."""

    code: str
    names: tuple[str, ...]
    meanings: tuple[str, ...]


def explain(words: Translations, language: Language) -> list[tuple[str, list[Explanation]]]:
    """Every stable word of the answers, explained in ``language``, under the title of its group."""
    return [
        (words.gettext(language, title), [_explain(words, language, label) for label in labels.values()])
        for title, labels in _GROUPS
    ]


def _explain(words: Translations, language: Language, label: Label) -> Explanation:
    def say(messages: Iterable[str]) -> tuple[str, ...]:
        return tuple(words.gettext(language, message) for message in dict.fromkeys(messages))

    return Explanation(label.code, say(label.names.values()), say(label.meanings.values()))
