"""What other resources are called: filled in from the same release when an answer is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from api.db.statements import execute
from api.domain.document import DocumentParts, texts_of
from api.domain.kind import COLLECTION, KINDS, PROMPT, SECTION
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import State
from api.models import Edition, Resource
from api.services.delivery.edition_pairs import EditionPair
from api.services.delivery.release_cache import CachedRelease, _evict
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import public_at


@dataclass(frozen=True, slots=True)
class ResourceName:
    """Another resource as an answer names it: what it is called in each language, and in which state that is."""

    kind: str
    slug: str | None
    texts: Mapping[Language, tuple[str | None, State]]
    facts: Mapping[str, Any]

    def text(self, language: Language, rule: LanguageRule) -> str | None:
        """What it is called in this language; None where that is not to be served."""
        text, state = self.texts.get(language, (None, None))
        return text if rule.admits(state) else None


class ResourceNames:
    """The resources that a page of answers names, by row id and by id."""

    def __init__(self, names: Mapping[int | str, ResourceName | None]) -> None:
        self._names = names

    def find(self, row_id: int | None) -> ResourceName | None:
        return None if row_id is None else self._names.get(row_id)

    def find_by_id(self, kind: str, key: str | None) -> ResourceName | None:
        return None if key is None else self._names.get(f"{kind}.{key}")


def read_names(
    session: Session, found: Sequence[EditionPair], parts: Sequence[DocumentParts], reading: ReadContext
) -> ResourceNames:
    """The names of all that these editions refer to."""
    row_ids = {one.collection_id for one in found} | {one.category_id for one in found}
    # A collection is named in its own answer too: whose the rights are stands in every one.
    row_ids |= {one.resource_id for one in found if one.kind == COLLECTION.name}
    wanted: set[int | str] = {row_id for row_id in row_ids if row_id is not None}
    for one, mine in zip(found, parts, strict=True):
        if KINDS[one.kind].facts:
            wanted |= _names_in(json.loads(mine.facts))
    known = reading.held.names
    names = {name: known[name] for name in wanted if name in known}
    if len(names) < len(wanted):
        names |= _read(session, wanted - names.keys(), reading)
    return ResourceNames(names)


def _names_in(facts: Mapping[str, Any]) -> set[str]:
    """The ids of the resources that these facts name."""
    sections = {f"{SECTION.name}.{facts['part_of']}"} if facts.get("part_of") else set()
    return sections | {f"{PROMPT.name}.{key}" for key in facts.get("prompts") or ()}


def _read(session: Session, wanted: Iterable[int | str], reading: ReadContext) -> dict[int | str, ResourceName | None]:
    """The names that nobody asked for yet, kept for the next who does. None is: not public in this release."""
    row_ids = [name for name in wanted if isinstance(name, int)]
    keys = [name for name in wanted if isinstance(name, str)]
    rows: dict[int | str, list[Any]] = {}
    for row in _ask(session, reading, row_ids, by_key=False) if row_ids else ():
        rows.setdefault(row.id, []).append(row)
    for row in _ask(session, reading, [key.partition(".")[2] for key in keys], by_key=True) if keys else ():
        rows.setdefault(f"{row.kind}.{row.key}", []).append(row)
    names = {name: _name(rows[name]) if name in rows else None for name in wanted}
    _keep(reading.held, names)
    return names


def _keep(held: CachedRelease, names: Mapping[int | str, ResourceName | None]) -> None:
    _evict(held.names)
    held.names.update(names)


def _ask(session: Session, reading: ReadContext, names: list[Any], *, by_key: bool) -> Iterable[Any]:
    statement = _named(by_key=by_key, is_current=reading.snapshot.is_current)
    return execute(session, statement, names=names, release=reading.snapshot.release)


@cache
def _named(*, by_key: bool, is_current: bool) -> Select[Any]:
    names: Any = bindparam("names", expanding=True)
    # Of these two kinds facts name others by their keys.
    is_wanted = and_(Resource.kind.in_((SECTION.name, PROMPT.name)), Resource.key.in_(names))
    return (
        select(
            Resource.id, Resource.kind, Resource.key, Edition.language, Edition.state,
            Edition.slugs, Edition.source_language, Edition.document, Edition.facts,
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .where(public_at(Edition, is_current=is_current), ~Edition.withdrawn)
        .where(is_wanted if by_key else Edition.resource_id.in_(names))
    )  # fmt: skip


def _name(pair: list[Any]) -> ResourceName:
    first = pair[0]
    title_field = KINDS[first.kind].title_field
    texts = {
        Language(row.language): (texts_of(row.document)[title_field], State(row.state))
        for row in pair
        if row.document is not None
    }
    return ResourceName(first.kind, first.slugs[first.source_language], texts, first.facts)
