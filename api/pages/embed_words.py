"""The messages of the embed pages, and the name of an embed."""

from __future__ import annotations

from api.domain.emoji import cut_words
from api.domain.language import Language
from api.http.labels import NOTES, REASONS, label_reason
from api.i18n import N_, Nn_, Translations
from api.services.embed.model import Embed
from api.services.embed.target import EmbedKind

KIND_NAMES = {
    EmbedKind.MOMENT: N_("Magic moment"),
    EmbedKind.RANDOM: N_("Magic moment"),
    EmbedKind.PROMPT: N_("Prompt for discussion"),
    EmbedKind.PROMPTS: N_("Prompts for discussion"),
    EmbedKind.GROUND_RULES: N_("Ground rules for talk"),
    EmbedKind.DISCUSSION: N_("Discussion session"),
}
PROVIDER = N_("Magic Moments")
LANGUAGE_NAMES = {Language.CY: "Cymraeg", Language.EN: "English"}
OMITTED = {
    Language.CY: N_("Texts left out because they are not available in Welsh yet: {n}"),
    Language.EN: N_("Texts left out because they are not available in English yet: {n}"),
}
MISSING = {
    Language.CY: N_("This moment is not available in Welsh yet."),
    Language.EN: N_("This moment is not available in English yet."),
}
WITHDRAWN = N_("This moment has been withdrawn.")
READ_IN = {Language.CY: N_("Read it in Welsh"), Language.EN: N_("Read it in English")}
MINUTES_LABEL = Nn_("{n} minute", "{n} minutes")
MESSAGES = {
    "number": N_("Magic moment {number}"),
    "language": N_("Language"),
    "about": N_("About this text"),
    "previous": N_("Previous"),
    "next": N_("Next"),
    "moments": N_("Magic moments"),
    "rules": N_("Ground rules"),
    "steps": N_("Step by step"),
    "facilitator": N_("For the facilitator"),
    "before": N_("Before you begin"),
    "time": N_("Time for the discussion"),
    "licence": N_("Licence: {licence}"),
    "frozen": N_("The text as it was in release {release}"),
}
POSITION = N_("Number {at}, out of a total of {total}")
# Messages for the script, which reads them from the page.
TIMER = {
    "start": N_("Start the time"),
    "pause": N_("Pause"),
    "resume": N_("Continue"),
    "reset": N_("Start again"),
    "started": N_("The time has started."),
    "paused": N_("The time is paused."),
    "minute": N_("One minute left."),
    "half": N_("Half a minute left: choose who will speak for the group."),
    "over": N_("The time is up."),
}
MAX_TITLE = 100


def describe_note(translations: Translations, language: Language, note: str) -> str:
    """Return a note about a text in the reader's ``language``."""
    if note in REASONS:
        return label_reason(translations, language, note, language)
    return translations.gettext(language, NOTES[note])


def name_embed(translations: Translations, embed: Embed, language: Language) -> str:
    """Return the name of the embed: the title of the text if the title is in ``language``, or else the kind."""
    if len(embed.moments) == 1 and embed.target.kind is not EmbedKind.DISCUSSION:
        passage = embed.moments[0]
        if passage.language is language:
            return passage.title or shorten(passage.text)
        if passage.number is not None:
            return translations.gettext(language, MESSAGES["number"], {"number": passage.number})
    return translations.gettext(language, KIND_NAMES[embed.target.kind])


def shorten(text: str) -> str:
    """Return the beginning of a text as a title: whole words, at most 100 characters."""
    line = " ".join(text.split())
    if len(line) <= MAX_TITLE:
        return line
    return cut_words(line, MAX_TITLE - 1).rstrip(" ,;:.") + "…"
