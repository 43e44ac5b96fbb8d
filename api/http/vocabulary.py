"""The vocabulary: the words for the codes in responses, in both languages, for sites that show the content.

The pages of the service use the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain.language import Language
from api.http.labels import CHANGES, GAPS, NOTES, ORIGINS, REASONS, STATES, Label
from api.i18n import N_, Translations

LANGUAGES = {"cy": N_("Welsh"), "en": N_("English")}
KIND_WORDS = {
    "collection": N_("Booklet"),
    "section": N_("Section"),
    "category": N_("Category"),
    "moment": N_("Magic moment"),
    "ground-rule": N_("Ground rule"),
    "prompt": N_("Prompt"),
    "guide": N_("Part of the guide"),
}
KIND_PLURALS = {
    "collection": N_("Booklets"),
    "section": N_("Sections"),
    "category": N_("Categories"),
    "moment": N_("Magic moments"),
    "ground-rule": N_("Ground rules"),
    "prompt": N_("Prompts"),
    "guide": N_("Guide"),
}
STAGES = {
    "framing": N_("Framing the discussion"),
    "response": N_("Responding"),
    "reflection": N_("Looking back on the discussion"),
    "after": N_("After the session"),
}
PARTS = {"requirement": N_("Requirement"), "step": N_("Step"), "key-word": N_("Key word")}
# The labels of each group.
_LABELS: Mapping[str, Mapping[str, Label]] = {
    "states": STATES,
    "origins": ORIGINS,
    "reasons": REASONS,
    "gaps": GAPS,
    "changes": CHANGES,
}
# The name of a label that has a different name for each language of a text.
_NO_TEXT = N_("No text in this language")

BilingualWords = dict[str, str]


def build_vocabulary(translations: Translations) -> dict[str, Any]:
    """Return the words by group and code. Each word is an object with its English and its Welsh."""

    def both(message: str) -> BilingualWords:
        return {language.value: translations.gettext(language, message) for language in (Language.EN, Language.CY)}

    def words(messages: Mapping[str, str]) -> dict[str, BilingualWords]:
        return {code: both(message) for code, message in messages.items()}

    labels = {group: words({code: _name(label) for code, label in table.items()}) for group, table in _LABELS.items()}
    meanings = {
        group: words({code: next(iter(label.meanings.values())) for code, label in table.items()})
        for group, table in _LABELS.items()
        if table is not REASONS
    }
    notices = {
        reason: {language.value: both(label.meanings[language]) for language in (Language.EN, Language.CY)}
        for reason, label in REASONS.items()
    }
    return {
        "languages": words(LANGUAGES),
        "kinds": words(KIND_WORDS),
        "kind_plurals": words(KIND_PLURALS),
        "stages": words(STAGES),
        "parts": words(PARTS),
        **labels,
        "meanings": meanings,
        "notes": words(NOTES),
        "notices": notices,
    }


def _name(label: Label) -> str:
    names = set(label.names.values())
    return names.pop() if len(names) == 1 else _NO_TEXT
