"""Search over all public texts, in both languages, best match first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT, CursorFormat
from api.domain.document import split_document, texts_of, to_json
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.rule import LanguageRule
from api.models import Edition
from api.services.delivery.content import ContentResult
from api.services.delivery.links import Links
from api.services.delivery.request import Branding, Filters, ReadContext, join_values
from api.services.delivery.resolve_filters import resolve_names
from api.services.delivery.search_page import SearchMatches, SearchScope, find_page
from api.services.delivery.serializer import REQUIRED_FIELDS
from api.services.search.find import SearchFilters
from api.services.search.plan import SearchPlan
from api.services.search.snippet import cut_snippet


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A request for a page of a search. If ``kinds`` is empty, all kinds are searched."""

    q: str
    kinds: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def to_query(self) -> dict[str, str | int | None]:
        """Return the search query and the filters as query parameters."""
        return {
            "q": self.q,
            "kind": join_values(self.kinds),
            "collection": self.filters.collection,
            "category": join_values(self.filters.categories),
        }

    def fingerprint(self, context: ReadContext) -> str:
        """Return the fingerprint of this search, which is the same for all its pages."""
        rule = context.rule
        params = sorted(map(str, self.to_query().items()))
        return CursorFormat.fingerprint("search", params, rule.language, rule.fallback, rule.min_state)


def search_content(session: Session, context: ReadContext, branding: Branding, request: SearchRequest) -> ContentResult:
    """Return a page of hits.

    Raises InvalidRequestError for a query without words, unknown filters and bad cursors; PageExpiredError for a page
    of an older release; DatabaseUnavailableError if there is no index.
    """
    links = Links(branding.public_url, context)
    names = resolve_names(session, request.filters, context)
    columns = {"kind": request.kinds, "collection_id": names.collections, "category_id": names.categories}
    narrowing = SearchFilters(context.rule, columns={name: values for name, values in columns.items() if values})
    params = {**request.to_query(), "fields": join_values(context.fields), "limit": request.limit}
    scope = SearchScope(
        request.q, narrowing, request.limit, request.after, request.fingerprint(context), links.search_page(params)
    )
    result = find_page(session, context, scope)
    items = _describe_hits(session, links, result, context.rule)
    urls = links.search_pages(params, request.after, result.cursors)
    body: dict[str, Any] = {
        "items": [_select_fields(item, context) for item in items],
        "total": result.total,
        "release": context.snapshot.release,
        "links": urls,
    }
    languages = tuple(language for language in Language if any(item["language"] == language for item in items))
    alternate = None
    if request.after is None:
        other = replace(context.rule, language=context.rule.language.other)
        alternate = (other.language, links.search_page(params, other))
    keys = ("lists", "search", *(item["id"] for item in items))
    return ContentResult(to_json(body), languages or (context.rule.language,), urls, keys, alternate)


def _select_fields(item: dict[str, Any], context: ReadContext) -> dict[str, Any]:
    names = {*context.fields, *REQUIRED_FIELDS}
    return {name: value for name, value in item.items() if name in names} if context.fields else item


def _describe_hits(session: Session, links: Links, result: SearchMatches, rule: LanguageRule) -> list[dict[str, Any]]:
    ids = [match.edition_id for match in result.matches]
    query = select(Edition.id, Edition.kind, Edition.language, Edition.document).where(Edition.id.in_(ids))
    rows = {row.id: row for row in session.execute(query)} if ids else {}
    plans = {plan.language: plan for plan in result.plans}
    return [_describe_hit(rows[edition_id], links, plans, rule) for edition_id in ids]


def _describe_hit(row: Any, links: Links, plans: dict[Language, SearchPlan], rule: LanguageRule) -> dict[str, Any]:
    kind, language = KINDS[row.kind], Language(row.language)
    parts, texts = split_document(row.document), texts_of(row.document)
    snippet = cut_snippet(kind, texts, plans[language])
    slug, is_requested = parts.slug or "", language is rule.language
    url = links.resource(kind, slug) if is_requested else links.resource_in_language(kind, slug, language, True)
    return {
        "id": parts.id,
        "kind": kind.name,
        "slug": parts.slug,
        "title": texts.get(kind.title_field) or texts.get("text"),
        "language": language.value,
        "snippet": {"text": snippet.text, "html": snippet.html, "marks": [list(mark) for mark in snippet.marks]},
        "url": url,
    }
