"""The filters of lists, as query parameters."""

from __future__ import annotations

from typing import Any

from api.domain.kind import KINDS, Kind
from api.domain.slug import MAX_SLUG_LENGTH
from api.schemas.common import described
from api.schemas.fields import SLUG, QueryInteger, QueryText
from api.schemas.list_fields import QueryOptions, QueryValues

# The kind of a resource, a full stop and its key.
MAX_ID_LENGTH = max(map(len, KINDS)) + 1 + MAX_SLUG_LENGTH


def collection_filter() -> QueryText:
    """Return the filter by a collection."""
    metadata = described("Only resources of the collection with this slug.", "consultant-social-workers")
    return QueryText(limit=MAX_SLUG_LENGTH, pattern=SLUG, metadata=metadata)


def category_filter() -> QueryValues:
    """Return the filter by one or more categories."""
    metadata = described("Only resources of one of the categories with these slugs.", ["better-outcomes", "research"])
    return QueryValues(QueryText(limit=MAX_SLUG_LENGTH, pattern=SLUG), metadata=metadata)


def _ids() -> QueryValues:
    metadata = described(
        "Only the resources with these ids (`moment.chain-reaction`), in the order of the list. Resources that are not "
        "public are left out; an id that was never public is a 400.",
        x_component="Ids",
    )
    return QueryValues(QueryText(limit=MAX_ID_LENGTH, pattern=rf"^[a-z-]+\.{SLUG[1:]}"), metadata=metadata)


def filter_fields(kind: Kind) -> dict[str, Any]:
    """Return the filters of lists of this kind, by parameter."""
    filters: dict[str, Any] = {"id": _ids()}
    if kind.name != "collection":
        filters["collection"] = collection_filter()
    if kind.has_category:
        filters["category"] = category_filter()
    if kind.has_number:
        filters["number"] = QueryInteger(
            1, 1_000_000, metadata=described("Only the resource with this printed number.")
        )
    if kind.facet:
        filters[kind.facet] = QueryOptions(
            kind.facet_values, metadata=described(f"Only resources of one of these values of `{kind.facet}`.")
        )
    return filters
