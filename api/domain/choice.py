"""What somebody chose to embed, and the address at which it stands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from api.domain.kind import GROUND_RULE, MOMENT, PROMPT
from api.domain.language import Language

# What can be embedded, and where: one that ends with a slash wants a slug.
PLACES = {
    "moment": f"{MOMENT.plural}/",
    "prompt": f"{PROMPT.plural}/",
    "prompts": PROMPT.plural,
    "ground-rules": GROUND_RULE.plural,
    "session": "session",
}
STAGES = PROMPT.facet_values
THEMES = ("auto", "light", "dark")
MOST_MOMENTS = 20
MOST_MINUTES = 240


@dataclass(frozen=True, slots=True)
class Choice:
    """One embed: what is in it, and how it is shown. What stands as it does without saying is None or empty."""

    kind: str
    slug: str | None = None
    collection: str | None = None
    stage: str | None = None
    moments: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    minutes: int | None = None
    language: Language | None = None
    theme: str = "auto"
    has_switch: bool = True
    release: int | None = None

    @property
    def content(self) -> dict[str, str]:
        """What is in it, as the parameters of its address."""
        given = {
            "stage": self.stage if self.kind == "prompts" else None,
            "collection": self.collection if self.kind in {"prompts", "ground-rules"} else None,
        }
        if self.kind == "session":
            given |= {
                "moments": ",".join(self.moments),
                "stages": ",".join(self.stages),
                "minutes": str(self.minutes or ""),
            }
        return {name: value for name, value in given.items() if value}

    @property
    def manner(self) -> dict[str, str]:
        """How it is shown, as the parameters of its address."""
        given = {
            "lang": self.language.value if self.language else None,
            "switch": None if self.has_switch else "no",
            "theme": None if self.theme == "auto" else self.theme,
            "release": None if self.release is None else str(self.release),
        }
        return {name: value for name, value in given.items() if value}

    @property
    def address(self) -> str:
        """The path and query of the embed."""
        place = PLACES[self.kind]
        slug = self.slug or "" if place.endswith("/") else ""
        return _join(f"/embed/{place}{slug}", {**self.content, **self.manner})

    def address_of(self, path: str, **more: str) -> str:
        """The address of something else that is made from the same choice."""
        named = {"kind": self.kind} | ({"slug": self.slug} if self.slug else {})
        return _join(path, {**named, **self.content, **self.manner, **more})


def _join(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query, safe=',')}" if query else path
