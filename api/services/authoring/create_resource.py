"""Creation of a resource: its texts, position and slugs, in one language or in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.database import lock_exclusive
from api.domain.actions import AuditAction, RevisionAct
from api.domain.emoji import cut_text
from api.domain.emphasis import strip_emphasis
from api.domain.errors import ForbiddenError, InvalidRequestError, InvalidTextError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import COLLECTION, KINDS, Kind, ResourceId
from api.domain.language import Language
from api.domain.slug import MAX_SLUG_LENGTH, find_slug_issue, is_slug, slugify
from api.domain.state import State
from api.domain.text import normalise
from api.models import Resource
from api.services.access.audit_log import AuditContext, record_audit
from api.services.authoring.ranks import choose_ranks
from api.services.authoring.resource_view import find_category, find_parent
from api.services.authoring.resources import find_slug_holders, insert_resources
from api.services.authoring.slugs import make_slug
from api.services.authoring.units import NewText, build_revision, insert_revisions, insert_units, set_current_revisions

# Texts by field and language: as clients send them, and after normalisation.
GivenTexts = Mapping[str, Mapping[str, str]]
NormalisedTexts = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True, slots=True)
class NewResource:
    """A resource to be created. Each of its texts must be given in the source language."""

    kind: str
    source_language: Language
    texts: GivenTexts
    key: str | None = None
    collection: str | None = None
    category: str | None = None
    number: int | None = None
    facet: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    slugs: Mapping[str, str | None] = field(default_factory=dict)


def create_resource(session: Session, audit: AuditContext, new: NewResource) -> str:
    """Create a resource as the last one of its kind, and return its id.

    Raises ForbiddenError, and InvalidRequestError with a pointer for each issue.
    """
    kind = KINDS[new.kind]
    check_languages(audit, new.texts)
    texts = normalise_texts(kind, new.source_language, new.texts, kind.required)
    # Lock before choosing a key, slugs and a rank, so that no other transaction takes them before they are written.
    lock_exclusive(session)
    collection_id, category_id = _find_parents(session, kind, new)
    slugs, key = _choose_slugs(session, kind, new, texts, collection_id)
    highest = session.scalar(select(func.max(Resource.rank)).where(Resource.kind == kind.name))
    columns = {
        "kind": kind.name,
        "key": key,
        "collection_id": collection_id,
        "category_id": category_id,
        "source_language": new.source_language.value,
        "rank": choose_ranks(session, kind.name, highest, None, 1)[0],
        "number": new.number,
        "facet": new.facet,
        "facts": {name: new.facts.get(name) for name in kind.facts},
        "withdrawn": False,
        "version": 1,
        "loaded": None,
    }
    row_id = insert_resources(session, [columns], [slugs])[0]
    resource = str(ResourceId(kind.name, key))
    numbers = insert_unit_texts(session, audit, row_id, new.source_language, texts)
    detail = {"source_language": new.source_language.value, "texts": numbers}
    record_audit(session, audit, AuditAction.CREATE, resource, detail=detail)
    return resource


def check_languages(audit: AuditContext, texts: GivenTexts) -> None:
    """Raise ForbiddenError if a text is in a language that the person may not write."""
    for language in {Language(language) for by_language in texts.values() for language in by_language}:
        if not audit.person.may_write(language):
            raise ForbiddenError("language", language=language.value)


def normalise_texts(kind: Kind, source: Language, texts: GivenTexts, required: Iterable[str]) -> NormalisedTexts:
    """Return the normalised texts. Raises InvalidRequestError with a pointer for each missing or invalid text."""
    issues: list[Issue] = []
    normalised: dict[str, dict[Language, str]] = {}
    if not texts:
        issues.append(Issue(IssueCode.MISSING_TEXT, pointer="/texts"))
    else:
        issues += [
            Issue(IssueCode.MISSING_SOURCE, pointer=f"/texts/{name}/{source}") for name in required if name not in texts
        ]
    fields = {field.name: field for field in kind.fields}
    for name, by_language in texts.items():
        if name not in fields:
            data = {"value": cut_text(name, 50), "kind": kind.name}
            issues.append(Issue(IssueCode.UNKNOWN_TEXT, pointer=f"/texts/{name}", data=data))
            continue
        if source.value not in by_language:
            issues.append(Issue(IssueCode.MISSING_SOURCE, pointer=f"/texts/{name}/{source}"))
        normalised[name] = {}
        for language, text in by_language.items():
            try:
                normalised[name][Language(language)] = normalise(text, is_block=fields[name].is_block)
            except InvalidTextError as error:
                issues.append(Issue(error.code, pointer=f"/texts/{name}/{language}", data=error.data))
    if issues:
        raise InvalidRequestError(issues)
    return normalised


def _find_parents(session: Session, kind: Kind, new: NewResource) -> tuple[int | None, int | None]:
    """Return the row ids of the collection and the category. Raises InvalidRequestError."""
    issues: list[Issue] = []
    is_allowed = {"collection": kind is not COLLECTION, "category": kind.has_category, "number": kind.has_number}
    values = {"collection": new.collection, "category": new.category, "number": new.number}
    for name, value in values.items():
        if value is not None and not is_allowed[name]:
            issues.append(Issue(IssueCode.NOT_OF_THIS_KIND, pointer=f"/{name}", data={"kind": kind.name}))
        elif value is None and is_allowed[name] and name != "number":
            issues.append(Issue(IssueCode.REQUIRED, pointer=f"/{name}"))
    if kind.facet and new.facet is None:
        issues.append(Issue(IssueCode.REQUIRED, pointer=f"/{kind.facet}"))
    collection_id = find_parent(session, COLLECTION, new.collection, "/collection", issues)
    category_id = find_category(session, new.category, collection_id, issues)
    if issues:
        raise InvalidRequestError(issues)
    return collection_id, category_id


def _choose_slugs(
    session: Session, kind: Kind, new: NewResource, texts: NormalisedTexts, collection_id: int | None
) -> tuple[dict[Language, str | None], str]:
    """Return the slugs and the key of a new resource.

    A missing slug is made from the title. A missing key is the slug in the source language. Raises InvalidRequestError.
    """
    slugs = {language: new.slugs.get(language.value) for language in Language}
    for language in Language:
        title = next((texts[name][language] for name in kind.slug_fields if language in texts.get(name, {})), None)
        if slugs[language] is None and title is not None:
            slugs[language] = make_slug(session, kind.name, collection_id, language, title)
    key = new.key or slugs[new.source_language] or slugify(_first_words(kind, texts, new.source_language))
    slugs[new.source_language] = slugs[new.source_language] or key
    issues = [*_find_key_issues(session, kind, key), *_find_slug_issues(session, kind, slugs)]
    if issues:
        raise InvalidRequestError(issues)
    return slugs, key or ""


def _find_key_issues(session: Session, kind: Kind, key: str | None) -> list[Issue]:
    """Return an issue if the key is missing, malformed, taken, or used before."""
    if key is None:
        return [Issue(IssueCode.NO_SLUG, pointer="/key")]
    if not is_slug(key):
        return [_slug_issue(key, "/key")]
    was_deleted = session.scalar(select(Resource.deleted).where(Resource.kind == kind.name, Resource.key == key))
    if was_deleted is None:
        return []
    code = IssueCode.KEY_USED_BEFORE if was_deleted else IssueCode.KEY_TAKEN
    return [Issue(code, pointer="/key", data={"value": key})]


def _find_slug_issues(session: Session, kind: Kind, slugs: Mapping[Language, str | None]) -> list[Issue]:
    """Return an issue for each slug that is malformed or taken."""
    issues: list[Issue] = []
    holders = find_slug_holders(session, kind.name, sorted({slug for slug in slugs.values() if slug}))
    for language, slug in slugs.items():
        if slug is not None and not is_slug(slug):
            issues.append(_slug_issue(slug, f"/slugs/{language}"))
        elif slug in holders:
            data = {"value": slug, "holder": holders[slug]}
            issues.append(Issue(IssueCode.SLUG_TAKEN, pointer=f"/slugs/{language}", data=data))
    return issues


def _slug_issue(slug: str, pointer: str) -> Issue:
    code = find_slug_issue(slug) or IssueCode.MALFORMED_SLUG
    return Issue(code, pointer=pointer, data={"value": cut_text(slug, 100), "limit": MAX_SLUG_LENGTH})


def _first_words(kind: Kind, texts: NormalisedTexts, language: Language) -> str:
    """Return the first words of the first of these texts, in the order of the kind's fields."""
    first = next(texts[field.name] for field in kind.fields if field.name in texts)
    return " ".join(strip_emphasis(first[language]).split()[:8])


def insert_unit_texts(
    session: Session, audit: AuditContext, row_id: int, source: Language, texts: NormalisedTexts
) -> dict[str, dict[str, int]]:
    """Insert one unit for each field of ``texts``.

    Return the revision numbers by field and language, for the audit log.
    """
    for name, by_language in texts.items():
        unit_id = insert_units(session, [{"resource_id": row_id, "field": name, "version": 1}])[0]
        source_id = None
        for language, column in ((source, "source_id"), (source.other, "target_id")):
            if language not in by_language:
                continue
            text = by_language[language]
            row = build_revision(audit, unit_id, language, text, NewText(text), act=RevisionAct.WRITE)
            row |= {"state": State.SOURCE.value} if language is source else {"based_on_id": source_id}
            revision_id = insert_revisions(session, [row])[0]
            source_id = source_id or revision_id
            set_current_revisions(session, column, [(unit_id, revision_id)])
    return {name: {language.value: 1 for language in by_language} for name, by_language in texts.items()}
