"""What editors do to resources: create, move, name, withdraw, delete what nobody ever read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from api.domain.access import Person
from api.domain.errors import (
    ActRefused,
    Fault,
    Forbidden,
    PreconditionFailed,
    PreconditionMissing,
    RequestRefused,
    TextRefused,
)
from api.domain.kind import CATEGORY, COLLECTION, KINDS, Kind, ResourceId, parse_resource_id
from api.domain.language import Language
from api.domain.rank import ranks_between
from api.domain.slug import MAX_LENGTH, is_slug, slugify
from api.domain.state import Origin, State
from api.domain.text import normalise, plain
from api.models import Edition, Resource, ResourceSlug, Slug, Unit
from api.services.act import Act, record
from api.services.resource import find_slug_holders, get_row_id, insert_resources, set_slug
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


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What is to change of a resource: only the names in ``given``."""

    given: frozenset[str]
    category: str | None = None
    number: int | None = None
    slugs: Mapping[str, str | None] = field(default_factory=dict)
    after: str | None = None
    before: str | None = None
    is_withdrawn: bool | None = None


def etag_of(row_id: int, version: int) -> str:
    """The validator of a resource's working copy: its texts have their own."""
    return f'"resource-{row_id}-{version}"'


def get_resource_view(session: Session, resource: str) -> tuple[dict[str, Any], str]:
    """The working copy of a resource, without its texts, and its ETag. Raises UnknownResource."""
    row_id = get_row_id(session, resource)
    row = session.scalars(select(Resource).where(Resource.id == row_id).execution_options(populate_existing=True)).one()
    return _view(session, row), etag_of(row.id, row.version)


def _view(session: Session, row: Resource) -> dict[str, Any]:
    parents = {
        parent.id: parent.key
        for parent in session.execute(
            select(Resource.id, Resource.key).where(
                Resource.id.in_([i for i in (row.collection_id, row.category_id) if i])
            )
        )
    }
    has = set(session.scalars(select(Unit.field).where(Unit.resource_id == row.id)))
    fields = [field.name for field in KINDS[row.kind].fields if field.name in has]
    last = session.scalar(
        select(func.max(Edition.first_release)).where(Edition.resource_id == row.id, Edition.end_release.is_(None))
    )
    name = f"{row.kind}.{row.key}"
    return {
        "id": name,
        "kind": row.kind,
        "source_language": row.source_language,
        "slugs": read_slugs(session, [row.id])[row.id],
        "collection": parents.get(row.collection_id or 0),
        "category": parents.get(row.category_id or 0),
        "number": row.number,
        KINDS[row.kind].facet or "facet": row.facet,
        "facts": row.facts,
        "withdrawn": row.withdrawn,
        "release": last,
        "units": [f"{name}.{f}" for f in fields],
    }


def list_resource_views(
    session: Session, kind: str | None, after: tuple[str, int, int] | None, limit: int
) -> tuple[list[dict[str, Any]], tuple[str, int, int] | None]:
    """A page of working copies by kind and place, each with its ``etag``; and the key of the last if there is more."""
    place = (Resource.kind, Resource.rank, Resource.id)
    query = select(Resource).where(~Resource.deleted).order_by(*place).limit(limit + 1)
    if kind is not None:
        query = query.where(Resource.kind == kind)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    rows = session.scalars(query).all()
    items = [_view(session, row) | {"etag": etag_of(row.id, row.version)} for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return items, (last.kind, last.rank, last.id) if last else None


def create_resource(session: Session, act: Act, person: Person, new: NewResource) -> str:
    """The id of a new resource. Raises RequestRefused with a pointer for each thing wrong, Forbidden, TextRefused."""
    kind = KINDS[new.kind]
    for language in _languages_of(new):
        if not person.may_write(language):
            raise Forbidden("language", language=language.value)
    texts = _check_texts(kind, new)
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
    collection = _find(session, COLLECTION, new.collection, "/collection", faults)
    category = _find(session, CATEGORY, new.category, "/category", faults)
    if kind is not COLLECTION and new.collection is None:
        faults.append(Fault("required", pointer="/collection"))
    if kind.has_category and new.category is None:
        faults.append(Fault("required", pointer="/category"))
    if kind.facet and new.facet is None:
        faults.append(Fault("required", pointer=f"/{kind.facet}"))
    if faults:
        raise RequestRefused(faults)
    return (None if kind is COLLECTION else collection), (category if kind.has_category else None)


def _find(session: Session, kind: Kind, key: str | None, pointer: str, faults: list[Fault]) -> int | None:
    if key is None:
        return None
    found = session.scalar(select(Resource.id).where(Resource.kind == kind.name, Resource.key == key))
    if found is None:
        faults.append(Fault("unknown-value", pointer=pointer, data={"value": key[:100]}))
    return found


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
    if key is None or not is_slug(key):
        faults.append(Fault("malformed-slug", pointer="/key", data={"value": (key or "")[:100]}))
    slugs[new.source_language] = slugs[new.source_language] or key
    given = {slug for slug in slugs.values() if slug}
    holders = find_slug_holders(session, kind.name, sorted(given))
    for language, slug in slugs.items():
        if slug is not None and not is_slug(slug):
            faults.append(Fault("malformed-slug", pointer=f"/slugs/{language}", data={"value": slug[:100]}))
        elif slug in holders:
            data = {"value": slug, "holder": holders[slug]}
            faults.append(Fault("slug-taken", pointer=f"/slugs/{language}", data=data))
    if key and session.scalar(select(Resource.id).where(Resource.kind == kind.name, Resource.key == key)):
        faults.append(Fault("key-taken", pointer="/key", data={"value": key}))
    if faults:
        raise RequestRefused(faults)
    return slugs, key or ""


def _slug_from(
    session: Session, kind: Kind, new: NewResource, texts: Mapping[str, Mapping[Language, str]], language: Language
) -> str | None:
    title = next((texts[name][language] for name in kind.slug_fields if language in texts.get(name, {})), None)
    slug = slugify(plain(title)) if title else None
    if slug is None or not kind.has_collection_in_slug:
        return slug
    holder = get_row_id(session, f"{COLLECTION.name}.{new.collection}")
    prefix = read_slugs(session, [holder])[holder][language.value] or new.collection
    return f"{prefix}-{slug}"[:MAX_LENGTH].rstrip("-")


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


def open_resource(session: Session, resource: str, if_match: str | None) -> int:
    """The row id of a resource, locked for one change. Raises PreconditionMissing, PreconditionFailed."""
    row_id = get_row_id(session, resource)
    session.execute(select(Resource.id).where(Resource.id == row_id).with_for_update())
    if if_match is None:
        raise PreconditionMissing
    current, etag = get_resource_view(session, resource)
    given = [part.strip() for part in if_match.split(",")]
    if given != ["*"] and etag not in given:
        raise PreconditionFailed(current, etag)
    return row_id


def change_resource(session: Session, act: Act, resource: str, row_id: int, change: ResourceChange) -> None:
    """Change what is given. Raises RequestRefused with a pointer each, SlugRefused."""
    kind = KINDS[resource.partition(".")[0]]
    columns = _columns(session, kind, row_id, change)
    if "slugs" in change.given:
        for language, slug in change.slugs.items():
            set_slug(session, act, resource, Language(language), slug)
    if columns:
        session.execute(update(Resource).where(Resource.id == row_id).values(**columns, version=Resource.version + 1))
        detail = {name: value for name, value in columns.items() if name != "rank"}
        word = "move" if set(columns) == {"rank"} else "change"
        if "withdrawn" in columns:
            word = "withdraw" if columns["withdrawn"] else "take-back"
        record(session, act, word, resource, detail=detail)


def _columns(session: Session, kind: Kind, row_id: int, change: ResourceChange) -> dict[str, Any]:
    faults: list[Fault] = []
    columns: dict[str, Any] = {}
    if "category" in change.given:
        if not kind.has_category:
            faults.append(Fault("not-of-this-kind", pointer="/category", data={"kind": kind.name}))
        columns["category_id"] = _find(session, CATEGORY, change.category, "/category", faults)
    if "number" in change.given:
        if not kind.has_number:
            faults.append(Fault("not-of-this-kind", pointer="/number", data={"kind": kind.name}))
        columns["number"] = change.number
    if "withdrawn" in change.given:
        columns["withdrawn"] = bool(change.is_withdrawn)
    if change.after is not None or change.before is not None:
        columns["rank"] = _rank_beside(session, kind, row_id, change, faults)
    if faults:
        raise RequestRefused(faults)
    return columns


def _rank_beside(session: Session, kind: Kind, row_id: int, change: ResourceChange, faults: list[Fault]) -> int:
    """The place right after, or right before, another resource of the kind: one row changes, its own."""
    beside = change.after or change.before or ""
    pointer = "/after" if change.after is not None else "/before"
    parsed = parse_resource_id(beside)
    place = None
    if parsed is not None and parsed.kind == kind.name:
        place = session.execute(
            select(Resource.id, Resource.rank).where(Resource.kind == parsed.kind, Resource.key == parsed.key)
        ).first()
    if place is None or place.id == row_id:
        faults.append(Fault("unknown-value", pointer=pointer, data={"value": beside[:100]}))
        return 0
    others = select(Resource.rank).where(Resource.kind == kind.name, Resource.id != row_id)
    if change.after is not None:
        following = session.scalar(select(func.min(others.where(Resource.rank > place.rank).subquery().c.rank)))
        low, high = place.rank, following
    else:
        preceding = session.scalar(select(func.max(others.where(Resource.rank < place.rank).subquery().c.rank)))
        low, high = preceding, place.rank
    try:
        return next(iter(ranks_between(low, high, 1)))
    except ValueError:
        faults.append(Fault("no-room", pointer=pointer))
        return 0


def delete_resource(session: Session, act: Act, resource: str, row_id: int) -> None:
    """Delete what was never released, with its texts. Raises ActRefused for anything that a reader may have seen."""
    was_public = session.scalar(select(Edition.id).where(Edition.resource_id == row_id).limit(1))
    holds = session.scalar(
        select(Resource.id).where((Resource.category_id == row_id) | (Resource.collection_id == row_id)).limit(1)
    )
    if was_public is not None:
        raise ActRefused("was-released")
    if holds is not None:
        raise ActRefused("in-use")
    session.execute(delete(ResourceSlug).where(ResourceSlug.resource_id == row_id))
    session.execute(delete(Slug).where(Slug.resource_id == row_id, Slug.first_release.is_(None)))
    # Its revisions stay for ever, as all do; only nobody meets them any more.
    session.execute(update(Resource).where(Resource.id == row_id).values(deleted=True, version=Resource.version + 1))
    record(session, act, "delete", resource)
