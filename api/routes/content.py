"""Routes of the content: lists and resources of each kind, in one language or in both, and a random moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from api.domain.kind import GROUND_RULE, GUIDE, KINDS, MOMENT, PROMPT, Kind
from api.domain.slug import MAX_SLUG_LENGTH
from api.http.context import get_context
from api.http.rate_limits import limit_as_search
from api.http.read_context import (
    open_read_session,
    open_requested_session,
    parse_read_context,
    refuse_contradictions,
    to_filters,
    to_list_request,
)
from api.http.responses import render_content
from api.openapi.contract import ServiceBlueprint, document_operation
from api.openapi.shared_parameters import component_name
from api.schemas.content import field_names, list_schema, resource_schema
from api.schemas.fields import SLUG
from api.schemas.query import list_query, random_query, resource_query
from api.services.delivery.content import ContentResult, get_public_resource, get_random_resource, list_resources

Arguments = Mapping[str, Any]
View = Callable[..., Response]
# The headers of responses in the one language that the request selects.
LANGUAGE_HEADERS = ("ETag", "Content-Language", "Content-Location", "Link", "Vary")
# Kinds with an embed page for each resource, and kinds with an embed page for all their resources.
EMBEDDABLE, EMBEDDABLE_SETS = (MOMENT, PROMPT), (PROMPT, GROUND_RULE)
SLUG_PARAMETER = {
    "in": "path",
    "name": "slug",
    "required": True,
    "description": "The resource’s slug, in either language.",
}
SLUG_SCHEMA = {"type": "string", "pattern": SLUG, "maxLength": MAX_SLUG_LENGTH}
EXAMPLE_SLUGS = {
    "collection": "consultant-social-workers",
    "section": "consultant-social-workers-why",
    "category": "better-outcomes",
    "moment": "chain-reaction",
    "ground-rule": "everyone-is-asked",
    "prompt": "some-worry-me",
    "guide": "discuss-in-groups",
}


content_routes = ServiceBlueprint("content", __name__, description="The booklets, in the language of the reader.")
bilingual = ServiceBlueprint("bilingual", __name__, description="The booklets, both languages side by side.")


def _list_view(kind: Kind, *, is_bilingual: bool) -> View:
    def view(arguments: Arguments) -> Response:
        refuse_contradictions(arguments)
        context = get_context()
        with open_requested_session(arguments) as session:
            read_context = parse_read_context(session, arguments, is_bilingual=is_bilingual)
            result = list_resources(session, read_context, context.branding, to_list_request(kind, arguments))
        return render_content(
            result, read_context, arguments, is_embeddable=_is_embeddable_set(kind, result, arguments)
        )

    return limit_as_search(view)


def _is_embeddable_set(kind: Kind, result: ContentResult, arguments: Arguments) -> bool:
    """Return whether an embed page can show this list.

    It cannot show empty lists, search results, later pages, other orders, a selection by id, or several stages at once.
    """
    has_items = any(key.startswith(f"{kind.name}.") for key in result.keys)
    is_whole = (
        arguments.keys().isdisjoint({"q", "after", "id", "sort"}) and len(arguments.get(kind.facet or "", ())) < 2
    )
    return kind in EMBEDDABLE_SETS and has_items and is_whole


def _resource_view(kind: Kind, *, is_bilingual: bool) -> View:
    def view(arguments: Arguments, slug: str) -> Response:
        context = get_context()
        with open_requested_session(arguments) as session:
            read_context = parse_read_context(session, arguments, is_bilingual=is_bilingual)
            result = get_public_resource(session, read_context, context.branding, kind, slug)
        return render_content(result, read_context, arguments, is_embeddable=kind in EMBEDDABLE)

    return view


def _nouns(kind: Kind) -> tuple[str, str]:
    """Return the singular and the plural noun for resources of this kind."""
    if kind is GUIDE:
        return "guide entry", "guide entries"
    return kind.name.replace("-", " "), kind.plural.replace("-", " ")


def _to_snake_case(noun: str) -> str:
    return noun.replace(" ", "_")


def _add_routes(blueprint: ServiceBlueprint, kind: Kind, *, is_bilingual: bool) -> None:
    names = field_names(kind)
    stem = ("bilingual_" if is_bilingual else "") + kind.name.replace("-", "_")
    prefix = "bilingual_" if is_bilingual else ""
    suffix = " in both languages" if is_bilingual else ""
    language = ", with each text in both languages" if is_bilingual else " in the language of the reader"
    noun, plural = _nouns(kind)
    list_docs = document_operation(
        summary=f"List {plural}{suffix}",
        description=f"A page of {plural}{language}, in the order of the booklet; with `q`, the best match first. "
        "The filters narrow the list, and `links.next` leads to the next page.",
        operation=f"list_{prefix}{_to_snake_case(plural)}",
        schema=list_schema(kind, is_bilingual=is_bilingual),
        problems=(404, 410),
        is_previewable=True,
        headers=LANGUAGE_HEADERS,
    )
    resource_docs = document_operation(
        summary=f"Get a {noun}{suffix}",
        description=f"One {noun}{language}, by its slug in either language.",
        operation=f"get_{prefix}{_to_snake_case(noun)}",
        schema=resource_schema(kind, is_bilingual=is_bilingual),
        problems=(308, 404, 410),
        is_previewable=True,
        headers=LANGUAGE_HEADERS,
    )
    list_arguments = blueprint.arguments(list_query(kind, names, is_bilingual=is_bilingual), location="query")
    arguments = blueprint.arguments(resource_query(kind, names, is_bilingual=is_bilingual), location="query")
    list_view = list_arguments(list_docs(_list_view(kind, is_bilingual=is_bilingual)))
    resource_view = arguments(resource_docs(_resource_view(kind, is_bilingual=is_bilingual)))
    blueprint.route(f"/{kind.plural}", endpoint=f"list_{stem}")(list_view)
    schema = {**SLUG_SCHEMA, "x-component": f"{component_name(kind.name)}Slug"}
    slug = {**SLUG_PARAMETER, "schema": schema, "example": EXAMPLE_SLUGS[kind.name]}
    blueprint.route(f"/{kind.plural}/<slug>", endpoint=f"get_{stem}", parameters=[slug])(resource_view)


@content_routes.route("/moments/random")
@content_routes.arguments(random_query(MOMENT, field_names(MOMENT)), location="query")
@document_operation(
    summary="Get a random moment, or the moment for a seed",
    description="With the same `seed`, the moment stays the same as long as it is available: with the date as the "
    "seed, it is the moment of the day. Without a seed, each request returns another moment, which caches must not "
    "store.",
    operation="get_random_moment",
    schema=resource_schema(MOMENT, is_bilingual=False),
    problems=(404,),
    headers=LANGUAGE_HEADERS,
)
def get_random_moment(arguments: Arguments) -> Response:
    context = get_context()
    seed = arguments.get("seed")
    with open_read_session() as session:
        read_context = parse_read_context(session, arguments)
        filters = to_filters(MOMENT, arguments)
        result = get_random_resource(session, read_context, context.branding, MOMENT, filters, seed)
    return render_content(
        result, read_context, arguments, is_stable=seed is not None, keys=("random",), is_embeddable=True
    )


for _kind in KINDS.values():
    _add_routes(content_routes, _kind, is_bilingual=False)
    _add_routes(bilingual, _kind, is_bilingual=True)
