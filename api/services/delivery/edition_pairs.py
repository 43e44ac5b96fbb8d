"""Pairs of editions: both languages of a resource at one release, read by slug, by row id, or as part of a list.

Every statement is built once for each ``QueryShape``. Values are parameters. Statements return rows, not ORM objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from api.db.read_session import LIMIT_ONE, Columns, execute, table_of
from api.domain.document import DocumentParts, split_document
from api.domain.kind import KINDS, Kind
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState, State
from api.models import Edition, Resource, Slug, Suppression
from api.services.delivery.request import ReadContext
from api.services.delivery.scope import FilterForm, Scope, bind_filters, filter_conditions
from api.services.publishing.snapshot import public_at

# The edition in the requested language and the edition in the other language. They are tables, not mapped classes: for
# a statement about mapped classes, SQLAlchemy needs 50 % more time to find the cached SQL.
_REQUESTED_TABLE, _ALTERNATE_TABLE = table_of(Edition).alias("requested"), table_of(Edition).alias("alternate")
REQUESTED, ALTERNATE = _REQUESTED_TABLE.c, _ALTERNATE_TABLE.c


class EditionPair(NamedTuple):
    """The public editions of a resource at one release; ``documents`` contains only the documents that were read."""

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
        """Return the parts of the document in this language or, if it is missing, in the other language."""
        return split_document(self.documents[language] or self.documents[language.other] or "")

    @property
    def is_public(self) -> bool:
        """True if at least one language has a document."""
        return any(self.documents.values())


class QueryShape(NamedTuple):
    """The properties of a query that determine its SQL. All other values are parameters."""

    filtered: tuple[FilterForm, ...]
    is_current: bool
    min_state: MinState
    is_bilingual: bool
    has_fallback: bool


def query_shape(context: ReadContext, scope: Scope | None = None) -> QueryShape:
    """Return the shape of a query about the resources of a scope, or about all resources if ``scope`` is None."""
    rule, is_current = context.rule, context.snapshot.is_current
    has_fallback = rule.fallback is Fallback.ALLOW
    filtered = () if scope is None else scope.filter_forms
    return QueryShape(filtered, is_current, rule.min_state, context.is_bilingual, has_fallback)


def bind_values(scope: Scope, context: ReadContext) -> dict[str, Any]:
    """Return the parameters of a query about the resources of a scope."""
    return {"kind": scope.kind.name, **bind_filters(scope.filters), **_context_values(context)}


def _context_values(context: ReadContext) -> dict[str, Any]:
    language = context.rule.language
    return {"language": language.value, "alternate": language.other.value, "release": context.snapshot.release}


def select_editions(shape: QueryShape) -> Select[Any]:
    """Select the resources of a scope that the language rule admits.

    If the query is bilingual or allows a fallback, one admitted language is enough.
    """
    requested_ok, alternate_ok = is_admitted(REQUESTED, shape.min_state), is_admitted(ALTERNATE, shape.min_state)
    is_either = shape.is_bilingual or shape.has_fallback
    return _select_pairs(shape).where(
        *in_scope(REQUESTED, shape),
        or_(requested_ok, alternate_ok) if is_either else requested_ok,
    )


def in_scope(edition: Columns, shape: QueryShape) -> list[ColumnElement[bool]]:
    """Return the conditions that select the resources of a scope."""
    return [edition.kind == bindparam("kind"), *filter_conditions(edition, shape.filtered)]


def is_admitted(edition: Columns, min_state: MinState) -> ColumnElement[bool]:
    """Return the condition that an edition is public (has a state) and that ``min_state`` admits its state."""
    admitted: ColumnElement[bool] = edition.state.in_(
        [literal_column(f"'{state.value}'") for state in State if min_state.admits(state)]
    )
    return admitted


def _select_pairs(shape: QueryShape, source: FromClause | None = None) -> Select[Any]:
    # Read only the document that will be served. A bilingual query reads both documents.
    requested_ok = is_admitted(REQUESTED, shape.min_state)
    alternate_document = (
        ALTERNATE.document if shape.is_bilingual else case((requested_ok, None), else_=ALTERNATE.document)
    )
    return (
        select(
            REQUESTED.resource_id, REQUESTED.kind, REQUESTED.rank, REQUESTED.first_release, REQUESTED.collection_id,
            REQUESTED.category_id, REQUESTED.facet, REQUESTED.state, REQUESTED.document,
            ALTERNATE.state.label("alternate_state"), alternate_document.label("alternate_document"),
        )
        .select_from(_join_pairs() if source is None else source)
        .where(REQUESTED.language == bindparam("language"), public_at(REQUESTED, is_current=shape.is_current))
    )  # fmt: skip


def _join_pairs() -> FromClause:
    is_same_edition = and_(
        ALTERNATE.resource_id == REQUESTED.resource_id,
        ALTERNATE.first_release == REQUESTED.first_release,
        ALTERNATE.language == bindparam("alternate"),
    )
    return _REQUESTED_TABLE.join(_ALTERNATE_TABLE, is_same_edition)


def to_edition_pair(row: Any, rule: LanguageRule) -> EditionPair:
    """Convert a row of ``select_editions`` to a pair."""
    requested, alternate = rule.language, rule.language.other
    states = {requested: _STATES[row.state], alternate: _STATES[row.alternate_state]}
    documents = {requested: row.document, alternate: row.alternate_document}
    return EditionPair(
        row.resource_id, row.kind, row.rank, row.first_release, row.collection_id, row.category_id, row.facet, states,
        documents,
    )  # fmt: skip


_STATES: Mapping[str | None, State | None] = {None: None, **{state.value: state for state in State}}


@cache
def _select_by_row_id(shape: QueryShape) -> Select[Any]:
    row_ids: Any = bindparam("resource_ids", expanding=True)
    return _select_pairs(shape).where(REQUESTED.resource_id.in_(row_ids), ~REQUESTED.withdrawn)


def find_editions(session: Session, resource_ids: Sequence[int], context: ReadContext) -> list[EditionPair]:
    """Return the public editions of these resources, in no particular order. Withdrawn resources are left out."""
    statement = _select_by_row_id(query_shape(context))
    rows = execute(session, statement, resource_ids=list(resource_ids), **_context_values(context))
    return [to_edition_pair(row, context.rule) for row in rows]


@cache
def _select_by_slug(shape: QueryShape) -> Select[Any]:
    slug, resource, suppression = table_of(Slug), table_of(Resource), table_of(Suppression)
    source = (
        slug.join(_join_pairs(), REQUESTED.resource_id == slug.c.resource_id)
        .join(resource, resource.c.id == REQUESTED.resource_id)
        .outerjoin(suppression, suppression.c.resource_id == REQUESTED.resource_id)
    )
    extra = (
        resource.c.key, REQUESTED.slugs, REQUESTED.source_language, REQUESTED.withdrawn,
        suppression.c.resource_id.is_not(None).label("is_suppressed"),
    )  # fmt: skip
    return _select_pairs(shape, source).add_columns(*extra).where(*is_released_slug(slug.c))


def is_released_slug(slug: Columns) -> list[ColumnElement[bool]]:
    """Return the conditions that a slug matches the parameters ``kind`` and ``slug`` and was released."""
    return [slug.kind == bindparam("kind"), slug.slug == bindparam("slug"), slug.first_release.is_not(None)]


def find_by_slug(session: Session, kind: Kind, slug: str, context: ReadContext) -> Any:
    """Return the row of the resource that has or once had this slug; None if there is no such resource.

    Besides the columns of a pair, the row has ``key``, ``slugs``, ``source_language``, ``withdrawn`` and
    ``is_suppressed``.
    """
    statement = _select_by_slug(query_shape(context))
    return execute(session, statement, kind=kind.name, slug=slug, **_context_values(context)).first()


@cache
def _select_neighbours(shape: QueryShape) -> Select[Any]:
    key, position = tuple_(REQUESTED.rank, REQUESTED.resource_id), tuple_(bindparam("rank"), bindparam("position_id"))
    following = _select_neighbour(shape, "next").where(key > position).order_by(REQUESTED.rank, REQUESTED.resource_id)
    preceding = _select_neighbour(shape, "previous").where(key < position)
    preceding = preceding.order_by(REQUESTED.rank.desc(), REQUESTED.resource_id.desc())
    # SQLite accepts a LIMIT in a part of a UNION only if that part is a subquery.
    parts = [query.limit(LIMIT_ONE).subquery() for query in (following, preceding)]
    neighbours = union_all(*(select(part) for part in parts)).subquery()
    return select(neighbours)


def _select_neighbour(shape: QueryShape, relation: str) -> Select[Any]:
    relation_column: ColumnElement[str] = literal_column(f"'{relation}'").label("relation")
    return select_editions(shape).with_only_columns(relation_column, REQUESTED.slugs, REQUESTED.source_language)


def find_neighbour_slugs(session: Session, edition: EditionPair, context: ReadContext) -> dict[str, str]:
    """Return the slugs of the ``next`` and ``previous`` resources that the language rule serves, if they exist."""
    scope = Scope(KINDS[edition.kind], edition.collection_id, facets=(edition.facet,) if edition.facet else ())
    values = bind_values(scope, context)
    statement = _select_neighbours(query_shape(context, scope))
    rows = execute(session, statement, rank=edition.rank, position_id=edition.resource_id, **values)
    return {row.relation: row.slugs[row.source_language] for row in rows}
