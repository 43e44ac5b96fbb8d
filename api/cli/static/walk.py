"""The pages of a static export: the application's response to each URL that the links of a release lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api.cli.static.page import Alias, ExportedPage, RetiredPath, file_name
from api.domain.kind import KINDS, Kind
from api.domain.language import Language
from api.http.context import get_context
from api.http.problems import BY_STATUS, PROBLEMS
from api.http.responses import cache_control
from api.models import Edition, Slug, Suppression
from api.services.publishing.snapshot import at_release, read_snapshot

# The change feed is exported for followers who are up to this many releases behind.
FOLLOWED_RELEASES = 20
_BADGE = "/v1/translation-status/badge.svg"


class ExportError(Exception):
    """The release cannot be written as files; the message says why."""


class SiteWalk:
    """All pages of one release, requested from an application. If ``release`` is None, the current release is used.

    Raises ExportError if the release does not exist.
    """

    def __init__(self, app: Flask, release: int | None) -> None:
        self._app = app
        with app.app_context():
            self._context = get_context()
        self._pin = f"release={release}" if release else ""
        self.public_url = self._context.settings.public_url
        self.default_language = self._context.settings.default_language
        self._state = self._read_state()
        self.release = release or self._state[0]
        if not 0 < self.release <= self._state[0]:
            raise ExportError(f"there is no release {self.release}" if release else "nothing is public yet")

    def _read_state(self) -> tuple[int, int]:
        """Return the newest release and the number of suppressions."""
        with self._context.database.reading() as session:
            suppressions = session.scalar(select(func.count()).select_from(Suppression)) or 0
            return read_snapshot(session).release, suppressions

    def is_outdated(self) -> bool:
        """Return whether there has been a release or a suppression since the walk began."""
        return self._read_state() != self._state

    def fetch(self, url: str) -> TestResponse:
        """Return the application's response to a GET request without headers."""
        client: FlaskClient = self._app.test_client(use_cookies=False)
        return client.get(url)

    def cache_control(self, *, is_immutable: bool) -> str:
        """Return the service's Cache-Control header for pages that never change (``is_immutable``) or for others."""
        with self._app.app_context():
            return cache_control(is_immutable)

    def render_problem(self, status: int, language: Language) -> dict[str, Any]:
        """Return the service's problem document for this status, without members that depend on the request."""
        problem = BY_STATUS[404] if status == 404 else PROBLEMS["withdrawn"]
        return {
            "type": f"{self.public_url}/problems/{problem.name}",
            "title": self._context.translations.gettext(language, problem.title),
            "status": status,
            "language": language.value,
        }

    def pages(self) -> Iterator[ExportedPage | Alias]:
        """Yield every page. Aliases come after the page that they lead to."""
        yield from self._reports()
        for kind in KINDS.values():
            yield from self._lists(kind.plural)
            for slugs, slug in self._slugs(kind):
                # If the two languages have different slugs, each slug selects its own language.
                languages = {name: Language(language) for language, name in slugs.items() if all(slugs.values())}
                is_shared = len(languages) < len(Language)
                path, pages = f"/v1/{kind.plural}/{slug}", []
                for page in self._resource(kind, slug, None if is_shared else languages[slug]):
                    yield page
                    pages += [page] if isinstance(page, ExportedPage) and page.path == path else []
                for other in sorted({name for name in slugs.values() if name} - {slug}):
                    yield from self._with_other_slug(pages, f"/v1/{kind.plural}/{other}", languages[other])
                    folder = f"v1/bilingual/{kind.plural}"
                    yield Alias(f"{folder}/{other}", f"{folder}/{slug}")

    def _with_other_slug(self, pages: list[ExportedPage], path: str, language: Language) -> Iterator[Alias]:
        """Yield the aliases of a resource's pages at the path of its other slug, which selects ``language``."""
        for page in pages:
            is_default = page.query == _join_queries(f"lang={language}&fallback=allow", self._pin)
            for query in sorted({page.query, *({"", self._pin} if is_default else ())}):
                yield Alias(file_name(path, query), page.file)

    def _reports(self) -> Iterator[ExportedPage | Alias]:
        for path in ("/v1/translation-status", "/v1/translation-status.csv"):
            yield from self._with_aliases(self._page(path, self._pin))
        for language in Language:
            page = self._page(_BADGE, _join_queries(f"lang={language}", self._pin))
            yield from self._with_aliases(page) if language == self.default_language else (page,)
        yield from map(self._page, ("/v1/vocabulary", "/openapi.json", "/openapi.yaml"))
        for number in range(1, self.release + 1):
            yield self._page(f"/v1/releases/{number}")
        # These pages name the current release, so they cannot be part of an export of an older release.
        if not self._pin:
            yield self._page("/v1")
            yield from self._follow(self._page("/v1/releases"))
            for since in sorted({0, *range(max(0, self.release - FOLLOWED_RELEASES), self.release + 1)}):
                yield from self._follow(self._page("/v1/changes", f"since={since}"))
            yield from self._follow(self._page("/v1/changes", "since=0&include=content"))

    def _page(self, path: str, query: str = "") -> ExportedPage:
        page = self._find_page(path, query)
        if page is None:
            raise ExportError(f"{_join_url(path, query)} is not found")
        return page

    def _page_at(self, link: str) -> ExportedPage:
        url = self._split(link)
        return self._page(url.path, url.query)

    def _find_page(self, path: str, query: str = "") -> ExportedPage | None:
        """Return the page at this URL, or None if the response is a 404."""
        url = _join_url(path, query)
        response = self.fetch(url)
        if response.status_code not in {200, 404}:
            raise ExportError(f"{url} has the status {response.status_code}")
        return ExportedPage(path, query, response.data) if response.status_code == 200 else None

    def _split(self, link: str) -> SplitResult:
        """Return the parts of a link without the path of the public URL."""
        return urlsplit(link.removeprefix(self.public_url))

    def _follow(self, page: ExportedPage) -> Iterator[ExportedPage]:
        """Yield a page of a list, all later pages, and the first page again at the URL that later pages link to."""
        yield page
        seen = {page.query}
        while link := json.loads(page.body)["links"]["next"]:
            yield (page := self._page_at(link))
            first = self._page_at(json.loads(page.body)["links"]["first"])
            if first.query not in seen:
                seen.add(first.query)
                yield first

    def _with_aliases(self, page: ExportedPage, query: str = "") -> Iterator[ExportedPage | Alias]:
        """Yield ``page`` and its aliases: URLs with the same path and ``query``, with and without ``release``."""
        yield page
        for alias in sorted({query, _join_queries(query, self._pin)} - {page.query}):
            yield Alias(file_name(page.path, alias), page.file)

    def _lists(self, plural: str, query: str = "") -> Iterator[ExportedPage | Alias]:
        """Yield all pages of a list: first the pages in each single language, then the bilingual pages."""
        for page in self._in_each_language(f"/v1/{plural}", query):
            yield from self._follow(page) if isinstance(page, ExportedPage) else (page,)
        bilingual = self._page(f"/v1/bilingual/{plural}", _join_queries(query, self._pin))
        yield from self._with_aliases(bilingual, query)
        yield from islice(self._follow(bilingual), 1, None)

    def _in_each_language(
        self, path: str, query: str = "", selected: Language | None = None
    ) -> Iterator[ExportedPage | Alias]:
        """Yield the page for each language, with and without fallback.

        The page for ``selected`` with fallback, or else for the default language, is also the response to a URL without
        ``lang``.
        """
        for language in Language:
            for rule in (f"lang={language}", f"lang={language}&fallback=allow"):
                page = self._find_page(path, _join_queries(rule, query, self._pin))
                if page is None:
                    continue  # the resource has no text in this language
                is_default = rule == f"lang={selected or self.default_language}&fallback=allow"
                yield from self._with_aliases(page, query) if is_default else (page,)

    def _slugs(self, kind: Kind) -> Iterator[tuple[Mapping[str, str | None], str]]:
        """Yield the slugs of each public resource by language, and the slug used in the names of its files."""
        query = _join_queries("fields=slug,slugs&limit=100", self._pin)
        for page in self._follow(self._page(f"/v1/bilingual/{kind.plural}", query)):
            yield from ((item["slugs"], item["slug"]) for item in json.loads(page.body)["items"])

    def _resource(self, kind: Kind, slug: str, selected: Language | None) -> Iterator[ExportedPage | Alias]:
        yield from self._in_each_language(f"/v1/{kind.plural}/{slug}", selected=selected)
        bilingual = self._page(f"/v1/bilingual/{kind.plural}/{slug}", self._pin)
        yield from self._with_aliases(bilingual)
        # Add the lists that the resource links to: a category's moments, a collection's contents.
        body = json.loads(bilingual.body)
        for link in filter(None, (body.get("moments"), body.get("contents"))):
            url = self._split(link["url"])
            filters = "&".join(f"{name}={value}" for name, value in parse_qsl(url.query) if name != "release")
            yield from self._lists(url.path.removeprefix("/v1/bilingual/"), filters)

    def retired_paths(self) -> Iterator[RetiredPath]:
        """Yield the paths of slugs that were once public and now redirect or belong to a withdrawn resource."""
        with self._context.database.reading() as session:
            snapshot = read_snapshot(session, self.release if self._pin else None)
            query = (
                select(Slug.kind, Slug.slug, Edition.slugs, Edition.withdrawn)
                .join(Edition, Edition.resource_id == Slug.resource_id)
                .where(Slug.first_release.is_not(None), Edition.language == Language.EN, at_release(Edition, snapshot))
                .order_by(Slug.kind, Slug.slug)
            )
            for row in session.execute(query, execution_options={"yield_per": 1_000}):
                if row.withdrawn or row.slug not in row.slugs.values():
                    yield from self._retired(f"{KINDS[row.kind].plural}/{row.slug}")

    def _retired(self, name: str) -> Iterator[RetiredPath]:
        for path in (f"/v1/{name}", f"/v1/bilingual/{name}"):
            response = self.fetch(_join_url(path, self._pin))
            if response.status_code == 308:
                yield RetiredPath(path, self._split(response.headers["Location"]).path)
            elif response.status_code == 410:
                yield RetiredPath(path, None)


def _join_queries(*queries: str) -> str:
    return "&".join(filter(None, queries))


def _join_url(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
