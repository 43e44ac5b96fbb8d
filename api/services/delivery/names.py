"""The names of the resources that a response mentions, read from the release of the response."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from api.db.read_session import execute
from api.domain.document import DocumentParts, texts_of
from api.domain.kind import COLLECTION, KINDS, PROMPT, SECTION
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import State
from api.models import Edition, Resource
from api.services.delivery.edition_pairs import EditionPair
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import public_at


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The name of a resource in each language, with the state of the resource in that language."""

    kind: str
    slug: str | None
    texts: Mapping[Language, tuple[str | None, State]]
    facts: Mapping[str, Any]

    @property
    def states(self) -> Mapping[Language, State | None]:
        """The state of the resource in each language in which it is public."""
        return {language: state for language, (_, state) in self.texts.items()}

    def text(self, language: Language, rule: LanguageRule) -> str | None:
        """Return the name in this language; None if the rule does not admit its state."""
        text, state = self.texts.get(language, (None, None))
        return text if rule.admits(state) else None


class ResourceNames:
    """The names for one response. They are looked up by row id, or by kind and key."""

    def __init__(self, names: Mapping[int | str, ResourceName | None]) -> None:
        self._names = names

    def find(self, row_id: int | None) -> ResourceName | None:
        """Return the name of the resource with this row id; None if it is not public."""
        return None if row_id is None else self._names.get(row_id)

    def find_by_id(self, kind: str, key: str | None) -> ResourceName | None:
        """Return the name of the resource with this kind and key; None if it is not public."""
        return None if key is None else self._names.get(f"{kind}.{key}")


def read_names(
    session: Session, editions: Sequence[EditionPair], parts: Sequence[DocumentParts], context: ReadContext
) -> ResourceNames:
    """Return the names of all resources that these editions refer to."""
    row_ids = {edition.collection_id for edition in editions} | {edition.category_id for edition in editions}
    # The rights notice of a collection contains the name of the collection.
    row_ids |= {edition.resource_id for edition in editions if edition.kind == COLLECTION.name}
    required: set[int | str] = {row_id for row_id in row_ids if row_id is not None}
    for edition, item in zip(editions, parts, strict=True):
        if KINDS[edition.kind].facts:
            required |= _ids_in(json.loads(item.facts))
    cached = context.cache.names
    names = {name: cached[name] for name in required if name in cached}
    if len(names) < len(required):
        names |= _read(session, required - names.keys(), context)
    return ResourceNames(names)


def _ids_in(facts: Mapping[str, Any]) -> set[str]:
    """Return the ids of the resources that these facts refer to."""
    sections = {f"{SECTION.name}.{facts['part_of']}"} if facts.get("part_of") else set()
    return sections | {f"{PROMPT.name}.{key}" for key in facts.get("prompts") or ()}


def _read(
    session: Session, required: Iterable[int | str], context: ReadContext
) -> dict[int | str, ResourceName | None]:
    """Read and cache names. The name of a resource that is not public in this release is None."""
    row_ids = [name for name in required if isinstance(name, int)]
    ids = [name for name in required if isinstance(name, str)]
    rows: dict[int | str, list[Any]] = {}
    for row in _query(session, context, row_ids, by_key=False) if row_ids else ():
        rows.setdefault(row.id, []).append(row)
    for row in _query(session, context, [name.partition(".")[2] for name in ids], by_key=True) if ids else ():
        rows.setdefault(f"{row.kind}.{row.key}", []).append(row)
    names = {name: _to_name(rows[name]) if name in rows else None for name in required}
    context.cache.add_names(names)
    return names


def _query(session: Session, context: ReadContext, names: list[Any], *, by_key: bool) -> Iterable[Any]:
    statement = _select_names(by_key=by_key, is_current=context.snapshot.is_current)
    return execute(session, statement, names=names, release=context.snapshot.release)


@cache
def _select_names(*, by_key: bool, is_current: bool) -> Select[Any]:
    names: Any = bindparam("names", expanding=True)
    # Facts refer to sections and prompts by key.
    has_key = and_(Resource.kind.in_((SECTION.name, PROMPT.name)), Resource.key.in_(names))
    return (
        select(
            Resource.id, Resource.kind, Resource.key, Edition.language, Edition.state,
            Edition.slugs, Edition.source_language, Edition.document, Edition.facts,
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .where(public_at(Edition, is_current=is_current), ~Edition.withdrawn)
        .where(has_key if by_key else Edition.resource_id.in_(names))
    )  # fmt: skip


def _to_name(rows: list[Any]) -> ResourceName:
    """Return the name of a resource from its edition rows, one for each language."""
    first = rows[0]
    title_field = KINDS[first.kind].title_field
    texts = {
        Language(row.language): (texts_of(row.document)[title_field], State(row.state))
        for row in rows
        if row.document is not None
    }
    return ResourceName(first.kind, first.slugs[first.source_language], texts, first.facts)
