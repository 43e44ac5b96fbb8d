"""Texts with their metadata, in the form in which a load compares them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.domain.language import Language
from api.domain.state import Origin, State
from api.services.booklets.folder import FolderResource, FolderUnit


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text with its state and origin. ``tool`` is the tool that made a machine translation."""

    text: str
    state: str
    origin: str
    tool: str | None

    @property
    def before_review(self) -> TextRecord:
        """The same text, with the state that it had before a reviewer approved it."""
        return replace(self, state=State.TRANSLATED.value) if self.state == State.REVIEWED else self


def get_folder_text(resource: FolderResource, unit: FolderUnit, language: Language) -> TextRecord | None:
    """Return the text of a unit in a content folder in one language; None if the unit has no text in this language."""
    text = unit.texts.get(language)
    if text is None:
        return None
    if language is resource.source_language:
        return TextRecord(text, State.SOURCE.value, unit.source_origin.value, None)
    return TextRecord(text, (unit.state or State.TRANSLATED).value, (unit.origin or Origin.UNKNOWN).value, unit.tool)
