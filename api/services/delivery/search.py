"""Searching what is public, all kinds and both languages: hits, best first, the words found marked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT, CursorFormat
from api.domain.document import split_document, texts_of, to_json
from api.domain.kind import KINDS
from api.domain.language import Language
from api.models import Edition
from api.services.delivery.content import ContentResult
from api.services.delivery.links import Links
from api.services.delivery.request import Branding, Filters, ReadContext
from api.services.delivery.resolve_slug import resolve_names
from api.services.delivery.search_page import SearchMatches, SearchScope, find_page
from api.services.search.find import Narrowing
from api.services.search.meaning import SearchPlan
from api.services.search.snippet import cut_snippet

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One page of a search over all kinds, or over one."""

    q: str
    kind: str | None = None
    filters: Filters = field(default_factory=Filters)
    limit: int = DEFAULT_LIMIT
    after: str | None = None

    def to_query(self) -> dict[str, str | int | None]:
        """What it is narrowed to, under the names of its query parameters."""
        return {
            "q": self.q,
            "kind": self.kind,
            "collection": self.filters.collection,
            "category": self.filters.category,
        }

    def fingerprint(self, reading: ReadContext) -> str:
        """Return the fingerprint of this search, the same for all its pages."""
        rule = reading.rule
        params = sorted(map(str, self.to_query().items()))
        return CursorFormat.fingerprint("search", params, rule.language, rule.fallback, rule.min_state)


def search(session: Session, reading: ReadContext, branding: Branding, request: SearchRequest) -> ContentResult:
    """A page of hits. Raises RequestRefused for a query without words, PageExpired for a page of an older release."""
    links = Links(branding.public_url, reading)
    collection, category = resolve_names(session, request.filters, reading)
    narrowing = Narrowing(reading.rule, kind=request.kind, collection_id=collection, category_id=category)
    given = request.to_query()
    own = {"limit": request.limit, "after": request.after}
    asked = SearchScope(
        request.q, narrowing, request.limit, request.after, request.fingerprint(reading),
        links.search_page({**given, "limit": request.limit}),
    )  # fmt: skip
    found = find_page(session, reading, asked)
    items = _describe(session, links, found)
    said = {"self": links.search_page({**given, **own})}
    if found.after:
        said["next"] = links.search_page({**given, "limit": request.limit, "after": found.after}, is_spelt_out=True)
    body: Document = {
        "items": items,
        "total": found.total,
        "release": reading.snapshot.release,
        "links": {"self": said["self"], "next": said.get("next")},
    }
    languages = tuple(language for language in Language if any(item["language"] == language for item in items))
    alternate = None
    if request.after is None:
        other = replace(reading.rule, language=reading.rule.language.other)
        alternate = (other.language, links.search_page({**given, **own}, other))
    keys = ("lists", "search", *(item["id"] for item in items))
    return ContentResult(to_json(body), languages or (reading.rule.language,), said, keys, alternate)


def _describe(session: Session, links: Links, found: SearchMatches) -> list[Document]:
    """The hits of a page, in order."""
    ids = [match.edition_id for match in found.matches]
    query = select(Edition.id, Edition.kind, Edition.language, Edition.document).where(Edition.id.in_(ids))
    rows = {row.id: row for row in session.execute(query)} if ids else {}
    meanings = {meaning.language: meaning for meaning in found.meanings}
    return [_hit(rows[each], links, meanings) for each in ids]


def _hit(row: Any, links: Links, meanings: dict[Language, SearchPlan]) -> Document:
    kind, language = KINDS[row.kind], Language(row.language)
    parts, texts = split_document(row.document), texts_of(row.document)
    snippet = cut_snippet(kind, texts, meanings[language])
    return {
        "id": parts.id,
        "kind": kind.name,
        "slug": parts.slug,
        "title": texts.get(kind.title_field) or texts.get("text"),
        "language": language.value,
        "snippet": {"text": snippet.text, "html": snippet.html, "marks": [list(mark) for mark in snippet.marks]},
        "url": links.resource_in_language(kind, parts.slug or "", language, is_admitted=True),
    }
