"""What the small booklets of the tests are made of: one resource a value, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

OTHER_LANGUAGE = {"cy": "en", "en": "cy"}


@dataclass(frozen=True)
class Entry:
    """One resource. ``texts`` by language and field; ``state``, ``origin`` and ``outdated`` are the target's."""

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
        """The state of a language of this entry, were it public; None where the language stays out."""
        if language == self.source:
            return "source"
        left_out = {"missing", "returned"} & set(self.waived)
        return None if left_out or language not in self.texts else self.state
