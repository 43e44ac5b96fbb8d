"""Editions of one release, found for a reader: by address, by list, by chance. Rows, never ORM objects.

Every statement is built once for each ``Shape`` and takes its values as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session

from api.db.statements import LIMIT_ONE, Columns, execute, table_of
from api.domain.document import DocumentParts, split_document
from api.domain.kind import KINDS, Kind
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState, State
from api.models import Edition
from api.services.delivery.request import ReadContext
from api.services.publishing.snapshot import Snapshot, public_at

# The edition in the language asked for, and its twin in the other: the tables, and what they are known by, columns.
# Tables, because finding the SQL of a statement takes half as long again where it is about mapped classes.
_ASKED, _OTHER = table_of(Edition).alias("asked"), table_of(Edition).alias("other")
Asked, Other = _ASKED.c, _OTHER.c


class EditionPair(NamedTuple):
    """A resource as public in one release: the states of its languages, and the documents that were asked for."""

    resource_id: int
    kind: str
    rank: int
    first_release: int
    collection_id: int | None
    category_id: int | None
    facet: str | None
    states: Mapping[Language, State | None]
    documents: Mapping[Language, str | None]

    def split_document(self, language: Language) -> DocumentParts:
        """The parts of the document in this language, or in the other where that is the one there is."""
        return split_document(self.documents[language] or self.documents[language.other] or "")

    @property
    def is_public(self) -> bool:
        """Does either language have a document?"""
        return any(self.documents.values())


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list holds, by row ids."""

    kind: Kind
    collection_id: int | None = None
    category_id: int | None = None
    number: int | None = None
    facet: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What it narrows to, by column; what it leaves open is absent."""
        values = {
            "collection_id": self.collection_id,
            "category_id": self.category_id,
            "number": self.number,
            "facet": self.facet,
        }
        return {name: value for name, value in values.items() if value is not None}


class QueryShape(NamedTuple):
    """What of a question decides how its statement is written; the rest are values."""

    narrowed: tuple[str, ...]
    is_current: bool
    min_state: MinState
    is_bilingual: bool
    has_fallback: bool


def query_shape(reading: ReadContext, narrowed: Sequence[str] = ()) -> QueryShape:
    rule = reading.rule
    is_current = reading.snapshot.is_current
    return QueryShape(
        tuple(narrowed), is_current, rule.min_state, reading.is_bilingual, rule.fallback is Fallback.ALLOW
    )  # fmt: skip


def bind_values(scope: Scope, reading: ReadContext) -> dict[str, Any]:
    """The values that every statement about editions takes."""
    return {"kind": scope.kind.name, **scope.values, **_values(reading.snapshot, reading.rule)}


def _values(snapshot: Snapshot, rule: LanguageRule) -> dict[str, Any]:
    return {"language": rule.language.value, "other": rule.language.other.value, "release": snapshot.release}


# How many columns ``_select`` has: first those that ``Found`` has too, then states and documents.
_PLACES, _COLUMNS = 7, 11


def select_editions(shape: QueryShape) -> Select[Any]:
    """The resources of a scope that the rule serves (or, bilingual, that are public in either language)."""
    asked_ok, other_ok = is_admitted(Asked, shape.min_state), is_admitted(Other, shape.min_state)
    is_other_in = shape.is_bilingual or shape.has_fallback
    return _select(shape).where(
        *in_scope(Asked, shape),
        Asked.language == bindparam("language"),
        public_at(Asked, is_current=shape.is_current),
        or_(asked_ok, other_ok) if is_other_in else asked_ok,
    )


def in_scope(edition: Columns, shape: QueryShape) -> list[ColumnElement[bool]]:
    """The conditions that a scope sets; what it leaves open sets none."""
    narrowed = [getattr(edition, name) == bindparam(name) for name in shape.narrowed]
    return [edition.kind == bindparam("kind"), *narrowed]


def _select(shape: QueryShape) -> Select[Any]:
    # Of a pair only the document that will be served is read, unless both are.
    asked_ok = is_admitted(Asked, shape.min_state)
    other_needed = Other.document if shape.is_bilingual else case((asked_ok, None), else_=Other.document)
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
    )
    twins = and_(
        Other.resource_id == Asked.resource_id,
        Other.first_release == Asked.first_release,
        Other.language == bindparam("other"),
    )
    return select(*columns).select_from(_ASKED.join(_OTHER, twins))


def is_admitted(edition: Columns, least: MinState) -> ColumnElement[bool]:
    """Is this language public (else it has no state), and as far reviewed as it must be?"""
    is_in: ColumnElement[bool] = edition.state.in_(
        [literal_column(f"'{state.value}'") for state in State if least.admits(state)]
    )
    return is_in


def to_edition_pair(row: Row[Any], rule: LanguageRule) -> EditionPair:
    """A row of ``select_editions`` with its two languages named."""
    # By their places in ``_select``: each name would be looked up in every row.
    state, other_state, document, other_document = row[_PLACES:_COLUMNS]
    states = _states(rule.language, state, other_state)
    documents = {rule.language: document, rule.language.other: other_document}
    return EditionPair(*row[:_PLACES], states, documents)  # type: ignore[call-arg]  # a row is any values


@cache
def _states(asked: Language, state: str | None, other: str | None) -> Mapping[Language, State | None]:
    """The states of a pair, for all pairs that have them: there are few."""
    return {asked: _STATES[state], asked.other: _STATES[other]}


_STATES: Mapping[str | None, State | None] = {None: None, **{state.value: state for state in State}}


@cache
def _by_row_id(shape: QueryShape, *, is_one: bool) -> Select[Any]:
    wanted: Any = bindparam("resource_ids", expanding=not is_one)
    return _select(shape).where(
        Asked.resource_id == wanted if is_one else Asked.resource_id.in_(wanted),
        Asked.language == bindparam("language"),
        public_at(Asked, is_current=shape.is_current),
        ~Asked.withdrawn,
    )


def find_editions(session: Session, resource_ids: Sequence[int], reading: ReadContext) -> list[EditionPair]:
    """These resources as public, in no order; one that was not, or was withdrawn, is left out."""
    values, is_one = _values(reading.snapshot, reading.rule), len(resource_ids) == 1
    statement = _by_row_id(query_shape(reading), is_one=is_one)
    rows = execute(session, statement, resource_ids=resource_ids[0] if is_one else list(resource_ids), **values)
    return [to_edition_pair(row, reading.rule) for row in rows]


@cache
def _neighbour(shape: QueryShape, *, is_next: bool) -> Select[Any]:
    key, here = tuple_(Asked.rank, Asked.resource_id), tuple_(bindparam("rank"), bindparam("resource_id"))
    query = select_editions(shape).with_only_columns(Asked.slugs, Asked.source_language).limit(LIMIT_ONE)
    if is_next:
        return query.where(key > here).order_by(Asked.rank, Asked.resource_id)
    return query.where(key < here).order_by(Asked.rank.desc(), Asked.resource_id.desc())


def find_neighbour(session: Session, found: EditionPair, reading: ReadContext, *, is_next: bool) -> Any:
    """The ``slugs`` and ``source_language`` of the resource before or after, as the same reader would meet it."""
    scope = Scope(KINDS[found.kind], found.collection_id, facet=found.facet)
    statement = _neighbour(query_shape(reading, tuple(scope.values)), is_next=is_next)
    values = bind_values(scope, reading)
    return execute(session, statement, rank=found.rank, resource_id=found.resource_id, **values).first()
