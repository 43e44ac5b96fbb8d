"""Editions of one release, found for a reader: by address, by list, by chance. Rows, never ORM objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from api.domain.kind import KINDS, Kind
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import State
from api.models import Edition
from api.services.snapshot import Snapshot, at_release

# The edition in the language asked for, and its twin in the other.
Asked = aliased(Edition, name="asked")
Other = aliased(Edition, name="other")


@dataclass(frozen=True, slots=True)
class Found:
    """A resource as public in one release: the states of its languages, and the documents that were asked for."""

    resource_id: int
    kind: str
    rank: int
    first_release: int
    collection_id: int | None
    category_id: int | None
    facet: str | None
    states: dict[Language, State | None]
    documents: dict[Language, str]
    sort_keys: dict[Language, bytes | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list holds, by row ids."""

    kind: Kind
    collection_id: int | None = None
    category_id: int | None = None
    number: int | None = None
    facet: str | None = None


def select_editions(scope: Scope, snapshot: Snapshot, rule: LanguageRule, *, is_bilingual: bool) -> Select[Any]:
    """The resources of ``scope`` that ``rule`` serves (or, bilingual, that are public in either language)."""
    asked_ok, other_ok = is_admitted(Asked, rule), is_admitted(Other, rule)
    is_other_in = is_bilingual or rule.fallback is Fallback.ALLOW
    where = [
        *in_scope(scope),
        Asked.language == rule.language.value,
        at_release(Asked, snapshot),
        or_(asked_ok, other_ok) if is_other_in else asked_ok,
    ]
    return _select(rule, is_bilingual=is_bilingual).where(*where)


def in_scope(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions that ``scope`` sets; what it leaves open sets none."""
    columns = (
        (Asked.collection_id, scope.collection_id),
        (Asked.category_id, scope.category_id),
        (Asked.number, scope.number),
        (Asked.facet, scope.facet),
    )
    return [Asked.kind == scope.kind.name, *(column == value for column, value in columns if value is not None)]


def _select(rule: LanguageRule, *, is_bilingual: bool) -> Select[Any]:
    # Of a pair only the document that will be served is read, unless both are.
    other_needed = Other.document if is_bilingual else case((is_admitted(Asked, rule), None), else_=Other.document)
    twin = and_(
        Other.resource_id == Asked.resource_id,
        Other.first_release == Asked.first_release,
        Other.language == rule.language.other.value,
    )
    columns: tuple[Any, ...] = (
        Asked.resource_id,
        Asked.kind,
        Asked.rank,
        Asked.first_release,
        Asked.collection_id,
        Asked.category_id,
        Asked.facet,
        Asked.state,
        Other.state.label("other_state"),
        Asked.document,
        other_needed.label("other_document"),
        Asked.sort_key,
        Other.sort_key.label("other_sort_key"),
    )
    return select(*columns).join(Other, twin)


def is_admitted(edition: type[Edition], rule: LanguageRule) -> ColumnElement[bool]:
    """Is this language public, in a state that the rule admits?"""
    states = [state.value for state in State if rule.admits(state)]
    return and_(edition.document.is_not(None), edition.state.in_(states)) if states else false()


def to_found(row: Row[Any], rule: LanguageRule) -> Found:
    """A row of ``select_editions`` with its two languages named."""
    asked, other = rule.language, rule.language.other
    documents = {asked: row.document, other: row.other_document}
    return Found(
        row.resource_id,
        row.kind,
        row.rank,
        row.first_release,
        row.collection_id,
        row.category_id,
        row.facet,
        states={asked: _state(row.state), other: _state(row.other_state)},
        documents={language: text for language, text in documents.items() if text is not None},
        sort_keys={asked: row.sort_key, other: row.other_sort_key},
    )


def _state(value: str | None) -> State | None:
    return None if value is None else State(value)


def find_edition(
    session: Session, resource_id: int, snapshot: Snapshot, rule: LanguageRule, *, is_bilingual: bool
) -> Found | None:
    """The resource as public at ``snapshot``; None where it was not, or was withdrawn."""
    query = _select(rule, is_bilingual=is_bilingual).where(
        Asked.resource_id == resource_id,
        Asked.language == rule.language.value,
        at_release(Asked, snapshot),
        ~Asked.withdrawn,
    )
    row = session.execute(query).first()
    return None if row is None else to_found(row, rule)


def find_neighbour(
    session: Session, found: Found, snapshot: Snapshot, rule: LanguageRule, *, is_next: bool, is_bilingual: bool
) -> Any:
    """The ``slugs`` and ``source_language`` of the resource before or after, as the same reader would meet it."""
    scope = Scope(KINDS[found.kind], found.collection_id, facet=found.facet)
    here = (found.rank, found.resource_id)
    key = tuple_(Asked.rank, Asked.resource_id)
    query = select_editions(scope, snapshot, rule, is_bilingual=is_bilingual).with_only_columns(
        Asked.slugs, Asked.source_language
    )
    if is_next:
        query = query.where(key > here).order_by(Asked.rank, Asked.resource_id)
    else:
        query = query.where(key < here).order_by(Asked.rank.desc(), Asked.resource_id.desc())
    return session.execute(query.limit(1)).first()


def read_page(session: Session, query: Select[Any], rule: LanguageRule, limit: int) -> Sequence[Found]:
    """The first rows of an ordered query, at most ``limit``."""
    return [to_found(row, rule) for row in session.execute(query.limit(limit))]
