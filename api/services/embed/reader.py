"""Asking the delivery services for what an embed needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.orm import Session

from api.domain.cursor import MAX_LIMIT
from api.domain.errors import LanguageNotAvailableError, NothingToServeError
from api.domain.kind import Kind
from api.services.delivery.content import ContentResult, get_random_resource, get_resource, list_resources
from api.services.delivery.request import Branding, Filters, ListRequest, ReadContext
from api.services.embed.passage import Passage, make_passage
from api.services.embed.target import Target


class Reader:
    """Reads for one request."""

    def __init__(self, session: Session, reading: ReadContext, branding: Branding) -> None:
        self._session, self.context, self._voice = session, reading, branding
        self.keys: dict[str, None] = {}

    def get(self, kind: Kind, slug: str) -> Passage:
        """One resource. Raises what ``get_resource`` raises."""
        return self._passage(get_resource(self._session, self.context, self._voice, kind, slug))

    def list_documents(
        self, kind: Kind, collection: str | None = None, facet: str | None = None
    ) -> tuple[list[Any], int]:
        """All documents of a kind, and how many the language rule left out."""
        filters = Filters(collection=collection, facet=facet)
        documents: list[Any] = []
        after: str | None = None
        while True:
            request = ListRequest(kind, filters, limit=MAX_LIMIT, after=after)
            answer = list_resources(self._session, self.context, self._voice, request)
            body = _read_body(answer)
            documents += body["items"]
            self._note(answer)
            if "next" not in answer.links:
                return documents, body["omitted"]
            after = parse_qs(urlsplit(answer.links["next"]).query)["after"][0]

    def choose(self, kind: Kind, filters: Filters, seed: str | None) -> Passage:
        """One of those that fit. Raises what ``choose_one`` raises."""
        return self._passage(get_random_resource(self._session, self.context, self._voice, kind, filters, seed))

    def list_passages(
        self, kind: Kind, collection: str | None = None, facet: str | None = None
    ) -> tuple[list[Passage], int]:
        documents, omitted = self.list_documents(kind, collection, facet)
        return [make_passage(each, self.context.rule.min_state) for each in documents], omitted

    def _passage(self, answer: ContentResult) -> Passage:
        self._note(answer)
        return make_passage(_read_body(answer), self.context.rule.min_state)

    def _note(self, answer: ContentResult) -> None:
        self.keys |= dict.fromkeys(answer.keys)

    def require(self, passages: Sequence[Passage], omitted: int, target: Target) -> None:
        """Raises LanguageMissing where the language rule left all out, NothingToServe where nothing is public."""
        if passages:
            return
        rule = self.context.rule
        if omitted:
            url = target.url(self._voice.public_url, {"lang": rule.language.other.value})
            raise LanguageNotAvailableError(rule.language.value, "missing", rule.language.other.value, url)
        raise NothingToServeError


def _read_body(answer: ContentResult) -> Any:
    """The body of an answer as plain data."""
    return json.loads(answer.body)
