"""What can be chosen to embed, by name, in the order of the booklets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from api.domain.kind import COLLECTION, MOMENT, PROMPT, Kind
from api.domain.language import Language
from api.services.embed.reader import Reader
from api.services.publishing.snapshot import Snapshot

# A prompt is a sentence: a list names it by its beginning.
MAX_NAME_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its slug, and what it is called in which language."""

    slug: str
    name: str
    language: Language


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Moments by category and prompts by stage, each group with its name; the booklets; what it was read from."""

    moments: tuple[tuple[Option | None, tuple[Option, ...]], ...]
    prompts: tuple[tuple[str, tuple[Option, ...]], ...]
    collections: tuple[Option, ...]
    snapshot: Snapshot
    keys: tuple[str, ...]

    @property
    def release(self) -> int:
        return self.snapshot.release

    @property
    def first_moment(self) -> str | None:
        return self.moments[0][1][0].slug if self.moments else None


def read_catalogue(reader: Reader) -> Catalogue:
    """Everything that is public, named in the reader's language or, where it has no text in that, in the other."""

    def find(kind: Kind) -> list[Mapping[str, Any]]:
        documents, _ = reader.list_documents(kind)
        return list(documents)

    moments = groupby(find(MOMENT), key=lambda each: (each["category"] or {}).get("slug"))
    prompts = groupby(find(PROMPT), key=lambda each: each["stage"])
    return Catalogue(
        tuple(_group(slug, list(together)) for slug, together in moments),
        tuple((stage, tuple(_dish(each, each["text"]) for each in together)) for stage, together in prompts),
        tuple(_dish(each, each["title"]) for each in find(COLLECTION)),
        reader.context.snapshot,
        tuple(reader.keys),
    )


def _group(slug: str | None, moments: list[Mapping[str, Any]]) -> tuple[Option | None, tuple[Option, ...]]:
    # The name of the category stands in the language of the moment, or it is not there.
    named = next((each for each in moments if each["category"] and each["category"]["name"]), None)
    name = None
    if named is not None and slug is not None:
        name = _dish(named, named["category"]["name"])
    return name, tuple(_dish(each, f"{each['number']}. {each['title']}") for each in moments)


def _dish(document: Mapping[str, Any], name: str) -> Option:
    cut = name if len(name) <= MAX_NAME_LENGTH else name[:MAX_NAME_LENGTH].rpartition(" ")[0] + "…"
    return Option(document["slug"], cut, Language(document["language"]["served"]))
