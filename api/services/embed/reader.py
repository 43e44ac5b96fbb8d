"""Reading of resources for embeds, through the delivery services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.orm import Session

from api.domain.cursor import MAX_LIMIT
from api.domain.errors import LanguageNotAvailableError, NothingToServeError
from api.domain.kind import Kind
from api.services.delivery.content import ContentResult, get_public_resource, get_random_resource, list_resources
from api.services.delivery.request import Branding, Filters, ListRequest, ReadContext
from api.services.embed.passage import Passage, make_passage
from api.services.embed.target import Target, context_query


class Reader:
    """Reads resources for one request, and collects their surrogate keys in ``keys``.

    ``context`` has the language that the first slug selected, if the request left it open.
    """

    def __init__(self, session: Session, context: ReadContext, branding: Branding) -> None:
        self._session, self.context, self._branding = session, context, branding
        self.keys: dict[str, None] = {}

    def get(self, kind: Kind, slug: str) -> Passage:
        """Return a resource. Raises the errors of ``get_public_resource``."""
        return self._to_passage(get_public_resource(self._session, self.context, self._branding, kind, slug))

    def list_documents(
        self, kind: Kind, collection: str | None = None, facet: str | None = None
    ) -> tuple[list[Any], int]:
        """Return all documents of a kind, and the number that the language rule left out."""
        filters = Filters(collection=collection, facets=(facet,) if facet else ())
        documents: list[Any] = []
        after: str | None = None
        while True:
            request = ListRequest(kind, filters, limit=MAX_LIMIT, after=after)
            result = list_resources(self._session, self.context, self._branding, request)
            body = json.loads(result.body)
            documents += body["items"]
            self._add_keys(result)
            following = result.links["next"]
            if following is None:
                return documents, body["omitted"]
            after = parse_qs(urlsplit(following).query)["after"][0]

    def choose(self, kind: Kind, filters: Filters, seed: str | None) -> Passage:
        """Return a random resource. Raises the errors of ``get_random_resource``."""
        return self._to_passage(get_random_resource(self._session, self.context, self._branding, kind, filters, seed))

    def list_passages(
        self, kind: Kind, collection: str | None = None, facet: str | None = None
    ) -> tuple[list[Passage], int]:
        """Return all resources of a kind as passages, and the number that the language rule left out."""
        documents, omitted = self.list_documents(kind, collection, facet)
        return [make_passage(document, self.context.rule.min_state) for document in documents], omitted

    def _to_passage(self, result: ContentResult) -> Passage:
        self._add_keys(result)
        self.context = result.context or self.context
        return make_passage(json.loads(result.body), self.context.rule.min_state)

    def _add_keys(self, result: ContentResult) -> None:
        self.keys |= dict.fromkeys(result.keys)

    def require(self, passages: Sequence[Passage], omitted: int, target: Target) -> None:
        """Raise an error if there are no passages.

        The error is LanguageNotAvailableError if the language rule left out all passages, and NothingToServeError if
        nothing is public.
        """
        if passages:
            return
        rule = self.context.rule
        if omitted:
            url = target.url(self._branding.public_url, context_query(self.context, rule.language.other))
            raise LanguageNotAvailableError(rule.language.value, "missing", rule.language.other.value, url)
        raise NothingToServeError
