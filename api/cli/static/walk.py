"""Every address of a release that a reader can come to by links, asked of the application itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api.domain.kind import KINDS, Kind
from api.domain.language import Language
from api.http.context import get_context
from api.http.problems import BY_STATUS, PROBLEMS
from api.http.responses import cache_control
from api.models import Edition, Slug, Suppression
from api.services.publishing.snapshot import at_release, read_snapshot

# The four that an Accept-Language header comes down to.
CLASSES = {"cy": "cy", "en": "en", "cy only": "cy, en;q=0", "en only": "en, cy;q=0"}
# How many releases back a follower of the changes may have stopped.
FOLLOWED = 20
_BADGE = "/v1/translation-status/badge.svg"


class ExportError(Exception):
    """The release cannot be written as files; the message says why."""


@dataclass(frozen=True, slots=True)
class ExportedPage:
    """One answer: the address that gives it whatever the headers say, its bytes, and its headers."""

    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alias:
    """A second slug of a resource: the same answers."""

    path: str
    leads_to: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A slug that leads elsewhere, or (``location`` is None) to nothing any more."""

    path: str
    location: str | None


class SiteWalk:
    """Asks one application for one release."""

    def __init__(self, app: Flask, release: int | None) -> None:
        self._app, self.pinned = app, release
        with app.app_context():
            self._service = get_context()
        self._suffix = f"release={release}" if release else ""
        self.public_url = self._service.settings.public_url
        self.default_language = self._service.settings.default_language
        self.state = self._read_state()
        self.release = release or self.state[0]
        if not 0 < self.release <= self.state[0]:
            raise ExportError(f"there is no release {self.release}" if release else "nothing is public yet")

    def _read_state(self) -> tuple[int, int]:
        with self._service.database.reading() as session:
            suppressed = session.scalar(select(func.count()).select_from(Suppression)) or 0
            return read_snapshot(session).release, suppressed

    def is_overtaken(self) -> bool:
        """Was there a release, or a suppression, since the walk began?"""
        return self._read_state() != self.state

    def ask(self, address: str, accept_language: str | None = None) -> TestResponse:
        """What the application answers, as to anybody."""
        client: FlaskClient = self._app.test_client(use_cookies=False)
        headers = {"Accept-Language": accept_language} if accept_language else {}
        return client.get(address, headers=headers)

    def cache_control(self, *, is_immutable: bool) -> str:
        """What the service says of how long an answer may be kept."""
        with self._app.app_context():
            return cache_control(is_immutable)

    def tell_problem(self, status: int, language: str) -> dict[str, Any]:
        """The service's problem for this status, without what it says of one request."""
        problem = BY_STATUS[404] if status == 404 else PROBLEMS["withdrawn"]
        return {
            "type": f"{self.public_url}/problems/{problem.name}",
            "title": self._service.translations.gettext(Language(language), problem.title),
            "status": status,
            "language": language,
        }

    def pages(self) -> Iterator[ExportedPage | Alias]:
        """Every answer, one after the other; none is kept."""
        yield from self._reports()
        for kind in KINDS.values():
            yield from self._list(f"/v1/{kind.plural}")
            yield from self._plain_list(f"/v1/bilingual/{kind.plural}")
            for slugs, slug in self._slugs(kind):
                yield from self._resource(kind, slug)
                yield from (
                    Alias(f"/v1/{root}{kind.plural}/{other}", f"/v1/{root}{kind.plural}/{slug}")
                    for root in ("", "bilingual/")
                    for other in sorted({name for name in slugs.values() if name} - {slug})
                )

    def _reports(self) -> Iterator[ExportedPage]:
        status = [f"/v1/translation-status{end}" for end in ("", ".csv")]
        yield from (self._get(path, self._suffix) for path in status)
        for language in Language:
            yield self._get(_BADGE, "&".join(filter(None, (f"lang={language}", self._suffix))))
        yield self._get("/openapi.json")
        for number in range(1, self.release + 1):
            yield self._get(f"/v1/releases/{number}")
        # What says which release is the current one cannot be had of an older one.
        if not self.pinned:
            yield self._get("/v1")
            yield from self._follow(self._get("/v1/releases"))
            for since in sorted({0, *range(max(0, self.release - FOLLOWED), self.release + 1)}):
                yield from self._follow(self._get("/v1/changes", f"since={since}"))
            yield from self._follow(self._get("/v1/changes", "since=0&include=content"))

    def _get(self, path: str, query: str = "") -> ExportedPage:
        response = self.ask(f"{path}?{query}" if query else path)
        if response.status_code != 200:
            raise ExportError(f"{path}?{query} answered {response.status_code}")
        return ExportedPage(path, query, response.data, dict(response.headers))

    def _follow(self, page: ExportedPage) -> Iterator[ExportedPage]:
        """A page and all that come after it."""
        yield page
        while link := json.loads(page.body)["links"]["next"]:
            parts = urlsplit(link)
            page = self._get(parts.path, parts.query)
            yield page

    def _plain_list(self, path: str, query: str = "") -> Iterator[ExportedPage]:
        yield from self._follow(self._get(path, "&".join(filter(None, (query, self._suffix)))))

    def _worded(self, path: str, query: str = "") -> Iterator[ExportedPage]:
        """An address in the language of its reader: one answer for each of the four, under its own address."""
        asked = "&".join(filter(None, (query, self._suffix)))
        for header in CLASSES.values():
            response = self.ask(f"{path}?{asked}" if asked else path, header)
            # Where a language is missing, who refuses the other is told so: that is no answer to keep.
            if response.status_code == 200:
                parts = urlsplit(response.headers["Content-Location"])
                yield ExportedPage(parts.path, parts.query, response.data, dict(response.headers))

    def _list(self, path: str, query: str = "") -> Iterator[ExportedPage]:
        for page in self._worded(path, query):
            yield from self._follow(page)

    def _slugs(self, kind: Kind) -> Iterator[tuple[Mapping[str, str | None], str]]:
        """The slugs of each resource that is public in a language."""
        query = "&".join(filter(None, ("fields=slug,slugs&limit=100", self._suffix)))
        for page in self._follow(self._get(f"/v1/bilingual/{kind.plural}", query)):
            yield from ((item["slugs"], item["slug"]) for item in json.loads(page.body)["items"])

    def _resource(self, kind: Kind, slug: str) -> Iterator[ExportedPage]:
        pages = list(self._worded(f"/v1/{kind.plural}/{slug}"))
        yield from pages
        both = self._get(f"/v1/bilingual/{kind.plural}/{slug}", self._suffix)
        yield both
        # The lists that it leads to: a category's moments, what a section is printed around.
        body = json.loads(both.body)
        for link in filter(None, (body.get("moments"), body.get("contents"))):
            parts = urlsplit(link["url"])
            narrowed = "&".join(f"{name}={value[0]}" for name, value in parse_qs(parts.query).items()
                                if name != "release")  # fmt: skip
            yield from self._list(parts.path.replace("/bilingual/", "/"), narrowed)
            yield from self._plain_list(parts.path, narrowed)

    def gone(self) -> Iterator[Gone]:
        """Slugs that were addresses once, or lead to what was withdrawn."""
        with self._service.database.reading() as session:
            snapshot = read_snapshot(session, self.pinned)
            query = (
                select(Slug.kind, Slug.slug, Edition.slugs, Edition.withdrawn)
                .join(Edition, Edition.resource_id == Slug.resource_id)
                .where(Slug.first_release.is_not(None), Edition.language == Language.EN, at_release(Edition, snapshot))
                .order_by(Slug.kind, Slug.slug)
            )
            for row in session.execute(query, execution_options={"yield_per": 1_000}):
                if row.withdrawn or row.slug not in row.slugs.values():
                    yield from self._ask_gone(f"{KINDS[row.kind].plural}/{row.slug}")

    def _ask_gone(self, name: str) -> Iterator[Gone]:
        for path in (f"/v1/{name}", f"/v1/bilingual/{name}"):
            response = self.ask(path + (f"?{self._suffix}" if self._suffix else ""))
            if response.status_code == 308:
                yield Gone(path, urlsplit(response.headers["Location"]).path)
            elif response.status_code == 410:
                yield Gone(path, None)
