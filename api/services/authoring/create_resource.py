"""Making a resource: its texts, its place, its slugs, in one language or in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.errors import ForbiddenError, InvalidRequestError, InvalidTextError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import COLLECTION, KINDS, Kind, ResourceId
from api.domain.language import Language
from api.domain.rank import ranks_between
from api.domain.roles import Person
from api.domain.slug import MAX_LENGTH, find_slug_issue, is_slug, slugify
from api.domain.state import State
from api.domain.text import normalise, strip_emphasis
from api.models import Resource
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.resource_view import find_category, find_parent
from api.services.authoring.resources import find_slug_holders, insert_resources
from api.services.authoring.slugs import make_slug
from api.services.authoring.units import NewText, build_revision, insert_revisions, insert_units, set_current_revisions


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


def create_resource(session: Session, audit: AuditContext, person: Person, new: NewResource) -> str:
    """The id of a new resource. Raises RequestRefused with a pointer for each thing wrong, Forbidden, TextRefused."""
    kind = KINDS[new.kind]
    for language in _languages_of(new):
        if not person.may_write(language):
            raise ForbiddenError("language", language=language.value)
    texts = check_texts(kind, new.source_language, new.texts, kind.required)
    # Names and places are free or taken: nobody may take one between the look and the writing.
    lock_exclusive(session)
    collection_id, category_id = _check_parents(session, kind, new)
    slugs, key = _check_slugs(session, kind, new, texts, collection_id)
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
    name = str(ResourceId(kind.name, key))
    made = insert_unit_texts(session, audit, row_id, new.source_language, texts)
    record_audit(session, audit, "create", name, detail={"source_language": new.source_language.value, "texts": made})
    return name


def _languages_of(new: NewResource) -> set[Language]:
    return {Language(language) for texts in new.texts.values() for language in texts}


def check_texts(
    kind: Kind, source: Language, given: Mapping[str, Mapping[str, str]], required: Iterable[str]
) -> dict[str, dict[Language, str]]:
    """The texts, tidied. A text that cannot be kept is told with its pointer, like everything else."""
    faults: list[Issue] = []
    found: dict[str, dict[Language, str]] = {}
    if not given:
        faults.append(Issue(IssueCode.MISSING_TEXT, pointer="/texts"))
    else:
        faults += [Issue(IssueCode.MISSING_SOURCE, pointer=f"/texts/{n}/{source}") for n in required if n not in given]
    for name, texts in given.items():
        if all(f.name != name for f in kind.fields):
            faults.append(
                Issue(IssueCode.UNKNOWN_TEXT, pointer=f"/texts/{name}", data={"value": name[:50], "kind": kind.name})
            )
            continue
        if source.value not in texts:
            faults.append(Issue(IssueCode.MISSING_SOURCE, pointer=f"/texts/{name}/{source}"))
        found[name] = {}
        for language, text in texts.items():
            try:
                found[name][Language(language)] = normalise(text, is_block=kind.get_field(name).is_block)
            except InvalidTextError as error:
                faults.append(Issue(error.code, pointer=f"/texts/{name}/{language}", data=error.data))
    if faults:
        raise InvalidRequestError(faults)
    return found


def _check_parents(session: Session, kind: Kind, new: NewResource) -> tuple[int | None, int | None]:
    faults: list[Issue] = []
    has = {"collection": kind is not COLLECTION, "category": kind.has_category, "number": kind.has_number}
    given = {"collection": new.collection, "category": new.category, "number": new.number}
    for name, value in given.items():
        if value is not None and not has[name]:
            faults.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer=f"/{name}", data={"kind": kind.name}))
        elif value is None and has[name] and name != "number":
            faults.append(Issue(IssueCode.REQUIRED, pointer=f"/{name}"))
    if kind.facet and new.facet is None:
        faults.append(Issue(IssueCode.REQUIRED, pointer=f"/{kind.facet}"))
    collection = find_parent(session, COLLECTION, new.collection, "/collection", faults)
    category = find_category(session, new.category, collection, faults)
    if faults:
        raise InvalidRequestError(faults)
    return collection, category


def _check_slugs(
    session: Session,
    kind: Kind,
    new: NewResource,
    texts: Mapping[str, Mapping[Language, str]],
    collection_id: int | None,
) -> tuple[dict[Language, str | None], str]:
    """The slugs, made from the title where none is given, and the key, which is the source's slug."""
    slugs = {language: new.slugs.get(language.value) for language in Language}
    for language in Language:
        title = next((texts[name][language] for name in kind.slug_fields if language in texts.get(name, {})), None)
        if slugs[language] is None and title is not None:
            slugs[language] = make_slug(session, kind.name, collection_id, language, title)
    key = new.key or slugs[new.source_language] or slugify(_first_words(kind, texts, new.source_language))
    faults = _find_key_faults(session, kind, key)
    slugs[new.source_language] = slugs[new.source_language] or key
    given = {slug for slug in slugs.values() if slug}
    holders = find_slug_holders(session, kind.name, sorted(given))
    for language, slug in slugs.items():
        if slug is not None and not is_slug(slug):
            faults.append(_slug_fault(slug, f"/slugs/{language}"))
        elif slug in holders:
            data = {"value": slug, "holder": holders[slug]}
            faults.append(Issue(IssueCode.SLUG_TAKEN, pointer=f"/slugs/{language}", data=data))
    if faults:
        raise InvalidRequestError(faults)
    return slugs, key or ""


def _find_key_faults(session: Session, kind: Kind, key: str | None) -> list[Issue]:
    """Why this can be no key of a new resource: it has not the form of one, or is or was another's."""
    if key is None:
        return [Issue(IssueCode.NO_SLUG, pointer="/key")]
    if not is_slug(key):
        return [_slug_fault(key, "/key")]
    was_deleted = session.scalar(select(Resource.deleted).where(Resource.kind == kind.name, Resource.key == key))
    if was_deleted is None:
        return []
    if was_deleted:
        return [Issue(IssueCode.KEY_USED_BEFORE, pointer="/key", data={"value": key})]
    return [Issue(IssueCode.KEY_TAKEN, pointer="/key", data={"value": key})]


def _slug_fault(slug: str, pointer: str) -> Issue:
    return Issue(
        find_slug_issue(slug) or IssueCode.MALFORMED_SLUG,
        pointer=pointer,
        data={"value": slug[:100], "limit": MAX_LENGTH},
    )


def _first_words(kind: Kind, texts: Mapping[str, Mapping[Language, str]], language: Language) -> str:
    """The first words of its first text, in the order of the kind's fields, whatever order they were given in."""
    first = next(texts[field.name] for field in kind.fields if field.name in texts)
    return " ".join(strip_emphasis(first[language]).split()[:8])


def insert_unit_texts(
    session: Session, audit: AuditContext, row_id: int, source: Language, texts: Mapping[str, Mapping[Language, str]]
) -> dict[str, dict[str, int]]:
    """Make units of these texts; what the trail says of them: by field and language, the number of the revision."""
    for name, by_language in texts.items():
        unit_id = insert_units(session, [{"resource_id": row_id, "field": name, "version": 1}])[0]
        source_id = None
        for language, column in ((source, "source_id"), (source.other, "target_id")):
            if language not in by_language:
                continue
            text = by_language[language]
            row = build_revision(audit, unit_id, language, text, NewText(text), act_word="write")
            row |= {"state": State.SOURCE.value} if language is source else {"based_on_id": source_id}
            revision_id = insert_revisions(session, [row])[0]
            source_id = source_id or revision_id
            set_current_revisions(session, column, [(unit_id, revision_id)])
    return {name: {language.value: 1 for language in by_language} for name, by_language in texts.items()}
