"""Search: words, in any of their forms, found in everything that is public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.domain.cursor import DEFAULT_LIMIT
from api.http.cache_hints import delivering
from api.http.context import get_service
from api.http.rate_limits import searches
from api.http.read_context import read_request, respond
from api.openapi.contract import ServiceBlueprint, promise
from api.routes.content import WORDED
from api.schemas.query import search_query
from api.schemas.search import HitListSchema
from api.services.delivery.request import Filters
from api.services.delivery.search import SearchRequest, search

searching = ServiceBlueprint("search", __name__, description="Words in any of their forms, Welsh mutations included.")


@searching.route("/search")
@searching.arguments(search_query(), location="query")
@promise(
    summary="Search all that is public, in both languages",
    operation="search",
    schema=HitListSchema,
    problems=(410, 429),
    headers=WORDED,
)
@searches
def get_hits(arguments: Mapping[str, Any]) -> Response:
    service = get_service()
    wanted = SearchRequest(
        arguments["q"],
        arguments.get("kind"),
        Filters(arguments.get("collection"), arguments.get("category")),
        arguments.get("limit", DEFAULT_LIMIT),
        arguments.get("after"),
    )
    with delivering() as session:
        reading = read_request(session, arguments)
        answer = search(session, reading, service.voice, wanted)
    return respond(answer, reading, arguments)
