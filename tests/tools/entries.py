"""The entries of the small booklets that tests use. An entry describes a resource with plain values."""

from __future__ import annotations

from dataclasses import dataclass

OTHER_LANGUAGE = {"cy": "en", "en": "cy"}


@dataclass(frozen=True)
class Entry:
    """A resource. ``texts[language][field]`` is a text; ``state``, ``origin`` and ``outdated`` belong to the target."""

    id: str
    source: str
    slugs: dict[str, str | None]
    texts: dict[str, dict[str, str]]
    state: str = "translated"
    origin: str = "human"
    outdated: bool = False
    number: int | None = None
    category: str | None = None
    collection: str | None = None
    facet: str | None = None
    withdrawn: bool = False
    waived: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.id.partition(".")[0]

    @property
    def slug(self) -> str | None:
        return self.slugs[self.source]

    def state_in(self, language: str) -> str | None:
        """Return the state of the text in a language after publication; None if the language is omitted."""
        if language == self.source:
            return "source"
        is_omitted = bool({"missing", "returned"} & set(self.waived))
        return None if is_omitted or language not in self.texts else self.state
