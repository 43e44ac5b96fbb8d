"""Making a resource: its texts, its place, its slugs, in one language or in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db import lock_releases
from api.domain.access import Person
from api.domain.errors import Fault, Forbidden, RequestRefused, TextRefused
from api.domain.kind import CATEGORY, COLLECTION, KINDS, Kind, ResourceId
from api.domain.language import Language
from api.domain.rank import ranks_between
from api.domain.slug import MAX_LENGTH, cut_slug, find_slug_fault, is_slug, slugify
from api.domain.state import Origin, State
from api.domain.text import normalise, plain
from api.models import Resource
from api.services.act import Act, record
from api.services.resource import find_slug_holders, get_row_id, insert_resources
from api.services.resource_view import find_parent
from api.services.unit import NewText, insert_revisions, insert_units, revision_row, set_standing
from api.services.working_copy import read_slugs


@dataclass(frozen=True, slots=True)
class NewResource:
    """A resource to be made: its texts by field and language; the source language must have all of them."""

    kind: str
    source_language: Language
    texts: Mapping[str, Mapping[str, str]]
    key: str | None = None
    collection: str | None = None
    category: str | None = None
    number: int | None = None
    facet: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    slugs: Mapping[str, str | None] = field(default_factory=dict)


def create_resource(session: Session, act: Act, person: Person, new: NewResource) -> str:
    """The id of a new resource. Raises RequestRefused with a pointer for each thing wrong, Forbidden, TextRefused."""
    kind = KINDS[new.kind]
    for language in _languages_of(new):
        if not person.may_write(language):
            raise Forbidden("language", language=language.value)
    texts = _check_texts(kind, new)
    # Names and places are free or taken: nobody may take one between the look and the writing.
    lock_releases(session)
    collection_id, category_id = _check_parents(session, kind, new)
    slugs, key = _check_slugs(session, kind, new, texts)
    highest = session.scalar(select(func.max(Resource.rank)).where(Resource.kind == kind.name))
    columns = {
        "kind": kind.name,
        "key": key,
        "collection_id": collection_id,
        "category_id": category_id,
        "source_language": new.source_language.value,
        "rank": next(iter(ranks_between(highest, None, 1))),
        "number": new.number,
        "facet": new.facet,
        "facts": {name: new.facts.get(name) for name in kind.facts},
        "withdrawn": False,
        "version": 1,
        "loaded": None,
    }
    row_id = insert_resources(session, [columns], [slugs])[0]
    _insert_texts(session, act, row_id, new.source_language, texts)
    name = str(ResourceId(kind.name, key))
    record(session, act, "create", name, detail={"source_language": new.source_language.value})
    return name


def _languages_of(new: NewResource) -> set[Language]:
    return {Language(language) for texts in new.texts.values() for language in texts}


def _check_texts(kind: Kind, new: NewResource) -> dict[str, dict[Language, str]]:
    """The texts, tidied. A text that cannot be kept is told with its pointer, like everything else."""
    faults: list[Fault] = []
    found: dict[str, dict[Language, str]] = {}
    if not new.texts:
        faults.append(Fault("missing-text", pointer="/texts"))
    for name, texts in new.texts.items():
        if all(f.name != name for f in kind.fields):
            faults.append(Fault("unknown-text", pointer=f"/texts/{name}", data={"value": name[:50], "kind": kind.name}))
            continue
        if new.source_language.value not in texts:
            faults.append(Fault("missing-source", pointer=f"/texts/{name}/{new.source_language.value}"))
        found[name] = {}
        for language, text in texts.items():
            try:
                found[name][Language(language)] = normalise(text, is_block=kind.get_field(name).is_block)
            except TextRefused as error:
                faults.append(Fault(error.fault, pointer=f"/texts/{name}/{language}", data=error.data))
    if faults:
        raise RequestRefused(faults)
    return found


def _check_parents(session: Session, kind: Kind, new: NewResource) -> tuple[int | None, int | None]:
    faults: list[Fault] = []
    collection = find_parent(session, COLLECTION, new.collection, "/collection", faults)
    category = find_parent(session, CATEGORY, new.category, "/category", faults)
    if kind is not COLLECTION and new.collection is None:
        faults.append(Fault("required", pointer="/collection"))
    if kind.has_category and new.category is None:
        faults.append(Fault("required", pointer="/category"))
    if kind.facet and new.facet is None:
        faults.append(Fault("required", pointer=f"/{kind.facet}"))
    if faults:
        raise RequestRefused(faults)
    return (None if kind is COLLECTION else collection), (category if kind.has_category else None)


def _check_slugs(
    session: Session, kind: Kind, new: NewResource, texts: Mapping[str, Mapping[Language, str]]
) -> tuple[dict[Language, str | None], str]:
    """The slugs, made from the title where none is given, and the key, which is the source's slug."""
    slugs = {
        language: new.slugs.get(language.value) or _slug_from(session, kind, new, texts, language)
        for language in Language
    }
    key = new.key or slugs[new.source_language] or slugify(_any_text(texts, new.source_language))
    faults = []
    if key is None:
        faults.append(Fault("no-slug", pointer="/key"))
    elif not is_slug(key):
        faults.append(_slug_fault(key, "/key"))
    slugs[new.source_language] = slugs[new.source_language] or key
    given = {slug for slug in slugs.values() if slug}
    holders = find_slug_holders(session, kind.name, sorted(given))
    for language, slug in slugs.items():
        if slug is not None and not is_slug(slug):
            faults.append(_slug_fault(slug, f"/slugs/{language}"))
        elif slug in holders:
            data = {"value": slug, "holder": holders[slug]}
            faults.append(Fault("slug-taken", pointer=f"/slugs/{language}", data=data))
    was = session.scalar(select(Resource.deleted).where(Resource.kind == kind.name, Resource.key == (key or "")))
    if was is False:
        faults.append(Fault("key-taken", pointer="/key", data={"value": key}))
    elif was:
        faults.append(Fault("key-used-before", pointer="/key", data={"value": key}))
    if faults:
        raise RequestRefused(faults)
    return slugs, key or ""


def _slug_fault(slug: str, pointer: str) -> Fault:
    return Fault(
        find_slug_fault(slug) or "malformed-slug", pointer=pointer, data={"value": slug[:100], "limit": MAX_LENGTH}
    )


def _slug_from(
    session: Session, kind: Kind, new: NewResource, texts: Mapping[str, Mapping[Language, str]], language: Language
) -> str | None:
    title = next((texts[name][language] for name in kind.slug_fields if language in texts.get(name, {})), None)
    slug = slugify(plain(title)) if title else None
    if slug is None or not kind.has_collection_in_slug:
        return slug
    holder = get_row_id(session, f"{COLLECTION.name}.{new.collection}")
    prefix = read_slugs(session, [holder])[holder][language.value] or new.collection
    return cut_slug(f"{prefix}-{slug}")


def _any_text(texts: Mapping[str, Mapping[Language, str]], language: Language) -> str:
    first = next(iter(texts.values()), {}).get(language, "")
    return " ".join(plain(first).split()[:8])


def _insert_texts(
    session: Session, act: Act, row_id: int, source: Language, texts: Mapping[str, Mapping[Language, str]]
) -> None:
    for name, by_language in texts.items():
        unit_id = insert_units(session, [{"resource_id": row_id, "field": name, "version": 1}])[0]
        first = revision_row(act, unit_id, source, by_language[source], NewText(by_language[source]), act_word="write")
        source_id = insert_revisions(session, [first | {"state": State.SOURCE.value}])[0]
        set_standing(session, "source_id", [(unit_id, source_id)])
        if source.other in by_language:
            text = by_language[source.other]
            row = revision_row(act, unit_id, source.other, text, NewText(text, Origin.HUMAN), act_word="write")
            target_id = insert_revisions(session, [row | {"based_on_id": source_id}])[0]
            set_standing(session, "target_id", [(unit_id, target_id)])
