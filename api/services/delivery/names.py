"""What other resources are called: filled in from the same release when an answer is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from api.domain.kind import KINDS, PROMPT, SECTION
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.domain.state import State
from api.models import Edition, Resource
from api.services.delivery.editions import Found
from api.services.snapshot import Snapshot, at_release


@dataclass(frozen=True, slots=True)
class Name:
    """Another resource as an answer names it; a language in which it is not served is absent from ``texts``."""

    id: str
    kind: str
    slug: str | None
    texts: Mapping[Language, str]
    facts: Mapping[str, Any]


class Names:
    """The resources that a page of answers names, by row id and by id."""

    def __init__(self, names: Mapping[int, Name]) -> None:
        self._by_row = names
        self._by_id = {name.id: name for name in names.values()}

    def find(self, row_id: int | None) -> Name | None:
        return None if row_id is None else self._by_row.get(row_id)

    def find_by_id(self, kind: str, key: str | None) -> Name | None:
        return None if key is None else self._by_id.get(f"{kind}.{key}")


def read_names(
    session: Session,
    found: Iterable[Found],
    documents: Iterable[Mapping[str, Any]],
    snapshot: Snapshot,
    rule: LanguageRule,
) -> Names:
    """The names of all that these editions refer to, in the languages in which ``rule`` lets them be served."""
    found = list(found)
    row_ids = {i for f in found for i in (f.collection_id, f.category_id) if i is not None}
    # A collection is named in its own answer too: whose the rights are stands in every one.
    row_ids |= {f.resource_id for f in found if f.kind == "collection"}
    keys: dict[str, set[str]] = {SECTION.name: set(), PROMPT.name: set()}
    for document in documents:
        facts = document["facts"]
        keys[SECTION.name] |= {facts["part_of"]} if facts.get("part_of") else set()
        keys[PROMPT.name] |= set(facts.get("prompts") or ())
    wanted: list[ColumnElement[bool]] = [Edition.resource_id.in_(row_ids)] if row_ids else []
    wanted += [and_(Resource.kind == kind, Resource.key.in_(some)) for kind, some in keys.items() if some]
    if not wanted:
        return Names({})
    query = (
        select(
            Resource.id, Resource.kind, Resource.key, Edition.language, Edition.state,
            Edition.slugs, Edition.source_language, Edition.document, Edition.facts,
        )
        .join(Resource, Resource.id == Edition.resource_id)
        .where(at_release(Edition, snapshot), ~Edition.withdrawn, or_(*wanted))
    )  # fmt: skip
    rows: dict[int, list[Any]] = {}
    for row in session.execute(query):
        rows.setdefault(row.id, []).append(row)
    return Names({row_id: _name(pair, rule) for row_id, pair in rows.items()})


def _name(pair: list[Any], rule: LanguageRule) -> Name:
    first = pair[0]
    title_field = KINDS[first.kind].title_field
    texts = {
        Language(row.language): json.loads(row.document)["texts"][title_field]
        for row in pair
        if row.document is not None and rule.admits(State(row.state))
    }
    slug = first.slugs[first.source_language]
    return Name(f"{first.kind}.{first.key}", first.kind, slug, texts, first.facts)
