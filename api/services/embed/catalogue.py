"""The catalogue of everything that can be embedded, by name, in the order of the booklets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from api.domain.emoji import cut_words
from api.domain.kind import COLLECTION, MOMENT, PROMPT, Kind
from api.domain.language import Language
from api.services.embed.reader import Reader
from api.services.publishing.snapshot import Snapshot

# In characters. Longer names are cut off: a prompt has no title, so its whole text is its name.
MAX_NAME_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Option:
    """A resource that can be chosen: its slug, and its name in ``language``."""

    slug: str
    name: str
    language: Language


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Moments by category, prompts by stage, and booklets.

    ``keys`` are the surrogate keys of all these resources.
    """

    moments: tuple[tuple[Option | None, tuple[Option, ...]], ...]
    prompts: tuple[tuple[str, tuple[Option, ...]], ...]
    collections: tuple[Option, ...]
    snapshot: Snapshot
    keys: tuple[str, ...]

    @property
    def release(self) -> int:
        """The number of the release."""
        return self.snapshot.release

    @property
    def first_moment(self) -> str | None:
        """The slug of the first moment."""
        if not self.moments:
            return None
        _, moments = self.moments[0]
        return moments[0].slug


def read_catalogue(reader: Reader) -> Catalogue:
    """Return the catalogue. Names are in the reader's language if possible, otherwise in the other language."""

    def read(kind: Kind) -> list[Mapping[str, Any]]:
        documents, _ = reader.list_documents(kind)
        return list(documents)

    moments = groupby(read(MOMENT), key=lambda moment: (moment["category"] or {}).get("slug"))
    prompts = groupby(read(PROMPT), key=lambda prompt: prompt["stage"])
    return Catalogue(
        tuple(_to_category(slug, list(group)) for slug, group in moments),
        tuple((stage, tuple(_to_option(prompt, prompt["text"]) for prompt in group)) for stage, group in prompts),
        tuple(_to_option(collection, collection["title"]) for collection in read(COLLECTION)),
        reader.context.snapshot,
        tuple(reader.keys),
    )


def _to_category(slug: str | None, moments: list[Mapping[str, Any]]) -> tuple[Option | None, tuple[Option, ...]]:
    # The name of a moment's category is in the language of the moment, or missing.
    named = next((moment for moment in moments if moment["category"] and moment["category"]["name"]), None)
    category = None
    if named is not None and slug is not None:
        category = _to_option(named, named["category"]["name"])
    return category, tuple(_to_option(moment, f"{moment['number']}. {moment['title']}") for moment in moments)


def _to_option(document: Mapping[str, Any], name: str) -> Option:
    short = name if len(name) <= MAX_NAME_LENGTH else cut_words(name, MAX_NAME_LENGTH) + "…"
    return Option(document["slug"], short, Language(document["language"]["served"]))
