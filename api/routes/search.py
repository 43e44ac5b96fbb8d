"""The route of the search over all public texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import DEFAULT_LIMIT
from api.http.context import get_context
from api.http.rate_limits import limit_as_search
from api.http.read_context import open_read_session, parse_read_context
from api.http.responses import render_content
from api.openapi.contract import ServiceBlueprint, document_operation
from api.routes.content import LANGUAGE_HEADERS
from api.schemas.query import search_query
from api.schemas.search import HitListSchema
from api.services.delivery.request import Filters
from api.services.delivery.search import SearchRequest, search_content

searching = ServiceBlueprint(
    "search", __name__, description="Search for words in all their forms, Welsh mutations included."
)


@searching.route("/search")
@searching.arguments(search_query(), location="query")
@document_operation(
    summary="Search the public content",
    description="Finds words in all kinds of resource and in both languages, also in their mutated and inflected "
    "forms. The best match comes first, with the words found marked. It always searches the current "
    "release.",
    operation="search_content",
    schema=HitListSchema,
    problems=(410, 429),
    headers=LANGUAGE_HEADERS,
)
@limit_as_search
def get_hits(arguments: Mapping[str, Any]) -> Response:
    context = get_context()
    search_request = SearchRequest(
        arguments["q"],
        arguments.get("kind", ()),
        Filters(arguments.get("collection"), arguments.get("category", ())),
        arguments.get("limit", DEFAULT_LIMIT),
        arguments.get("after"),
    )
    with open_read_session() as session:
        read_context = parse_read_context(session, arguments)
        result = search_content(session, read_context, context.branding, search_request)
    return render_content(result, read_context, arguments)
