"""All endpoints that can be read without a token, with a URL for each. Also assertions about problems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import create_app
from api.domain.kind import PLURALS
from api.pages.static_files import NEWEST_COMPONENT, STYLE
from api.settings import Settings

SLUGS = {
    "collections": "consultant-social-workers",
    "sections": "consultant-social-workers-ground-rules",
    "categories": "better-outcomes",
    "moments": "chain-reaction",
    "ground-rules": "everyone-is-asked",
    "prompts": "some-worry-me",
    "guide": "discuss-in-groups",
}
# Queries for the endpoints that need one. With its query, an endpoint returns 200 and always the same content.
REQUIRED_QUERIES = {
    "/v1/changes": "since=0",
    "/v1/search": "q=gartref",
    "/v1/moments/random": "seed=heddiw",
    "/v1/oembed": "url=http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fmoments%2Fchain-reaction",
    "/embed/moments/random": "seed=heddiw",
    "/embed/session": "moments=chain-reaction,being-heard",
    "/embed": "kind=moment&slug=chain-reaction",
    "/embed/handout": "kind=moment&slug=chain-reaction",
    "/embed/handout.pdf": "kind=moment&slug=chain-reaction",
    "/embed/qr.svg": "kind=moment&slug=chain-reaction",
    "/embed/scorm.zip": "kind=moment&slug=chain-reaction",
}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: its URL rule, a path and query that return 200, and the methods that need a token."""

    rule: str
    path: str
    query: str = ""
    writes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.rule

    @property
    def allow(self) -> str:
        """The value of the ``Allow`` header."""
        return ", ".join(sorted({"GET", "HEAD", "OPTIONS", *self.writes}))

    def url(self, *more: str) -> str:
        """Return the URL of the endpoint with additional parameters."""
        query = "&".join(part for part in (self.query, *more) if part)
        return f"{self.path}?{query}" if query else self.path

    @property
    def is_v1(self) -> bool:
        return self.rule == "/v1" or self.rule.startswith("/v1/")

    @property
    def is_bilingual(self) -> bool:
        return self.rule.startswith("/v1/bilingual/")

    @property
    def plural(self) -> str:
        return self.rule.split("/")[3 if self.is_bilingual else 2] if self.is_v1 and self.rule != "/v1" else ""

    @property
    def is_content(self) -> bool:
        """Whether the endpoint returns resources of the booklets."""
        return self.plural in PLURALS

    @property
    def is_embed(self) -> bool:
        """Whether the endpoint is an embed page or helps to make one. Its problems are HTML pages in both languages."""
        return self.rule.startswith("/embed/") or self.rule == "/embed"

    @property
    def is_asset(self) -> bool:
        return self.rule.startswith("/embed/assets/") or self.rule.endswith(".js")

    @property
    def is_builder(self) -> bool:
        """Whether the endpoint helps to make embeds, and is not embedded itself."""
        return self.rule in {"/embed", "/embed/handout", "/embed/handout.pdf", "/embed/qr.svg", "/embed/scorm.zip"}

    @property
    def accepts_unknown_parameters(self) -> bool:
        """Whether the endpoint ignores unknown parameters."""
        return self.is_embed or self.rule == "/v1/oembed"

    @property
    def is_random(self) -> bool:
        return self.rule.endswith("/random")

    @property
    def is_health(self) -> bool:
        return self.rule in {"/healthz", "/readyz"}


def make_empty_app() -> Flask:
    """Return an application without a database, for its URL map."""
    return create_app(Settings(database_url="sqlite://", log_level="error"))


def _list() -> list[Endpoint]:
    """List the endpoints that need no token. The access tests cover the endpoints that need a token."""
    endpoints = []
    app = make_empty_app()
    for rule in app.url_map.iter_rules():
        # The root only redirects.
        if rule.rule == "/" or hasattr(app.view_functions[rule.endpoint], "roles"):
            continue
        plural = rule.rule.rpartition("/<slug>")[0].rpartition("/")[2]
        values: dict[str, Any] = {
            "slug": SLUGS.get(plural),
            "number": "1",
            "name": "not-found",
            "file": STYLE.name,
            "mark": NEWEST_COMPONENT.hash,
        }
        path = rule.rule.replace("<path:name>", "docs.js")
        for name in rule.arguments:
            path = path.replace(f"<{name}>", str(values[name]))
        writes = {m for r in app.url_map.iter_rules() if r.rule == rule.rule for m in r.methods or ()} & set(WRITES)
        endpoints.append(Endpoint(rule.rule, path, REQUIRED_QUERIES.get(path, ""), tuple(sorted(writes))))
    return sorted(endpoints, key=str)


ENDPOINTS = _list()
V1 = [endpoint for endpoint in ENDPOINTS if endpoint.is_v1]
CONTENT = [endpoint for endpoint in V1 if endpoint.is_content]
MONOLINGUAL = [endpoint for endpoint in CONTENT if not endpoint.is_bilingual]
LISTS = [endpoint for endpoint in CONTENT if not endpoint.rule.endswith(("<slug>", "random"))]
RESOURCES = [endpoint for endpoint in CONTENT if endpoint.rule.endswith("<slug>")]
PAGED = [*LISTS, *(endpoint for endpoint in V1 if endpoint.rule in {"/v1/releases", "/v1/changes", "/v1/search"})]
EMBEDS = [e for e in ENDPOINTS if e.is_embed and not e.is_asset and not e.is_builder]
CACHEABLE = [endpoint for endpoint in ENDPOINTS if not endpoint.is_health]


def for_endpoints(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    """Return a decorator that runs a test for each of these endpoints."""
    return pytest.mark.parametrize("endpoint", endpoints, ids=str)


PROBLEM_FIELDS = {"type", "title", "status", "detail", "language", "request_id"}


def assert_problem(response: TestResponse, status: int, language: str = "en") -> dict[str, Any]:
    """Assert the status and language of a problem (RFC 9457) in a response, and return the problem."""
    assert response.status_code == status, response.text[:500]
    if f"{response.request.path}/".startswith("/embed/"):
        return _read_problem_page(response, language)
    assert response.content_type == "application/problem+json"
    problem: dict[str, Any] = response.get_json()
    assert problem.keys() >= PROBLEM_FIELDS
    assert problem["status"] == status
    assert problem["language"] == language == response.headers["Content-Language"]
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert problem["title"]
    assert problem["detail"]
    assert "{" not in problem["title"] + problem["detail"]
    return problem


def _read_problem_page(response: TestResponse, language: str) -> dict[str, Any]:
    """Return the problem on an HTML page. The page has the reader's language first, then the other language."""
    assert response.content_type == "text/html; charset=utf-8"
    other = {"cy": "en", "en": "cy"}[language]
    assert response.headers["Content-Language"] == f"{language}, {other}"
    assert f'<html lang="{language}"' in response.text
    assert response.text.count("<section>") == response.text.count(f'<section lang="{other}">') == 1
    titles = re.findall(r"<h[12]>(.+?)</h[12]>", response.text)
    assert len(set(titles)) == 2 or response.status_code == 412
    text = unescape(re.sub(r"<[^>]+>", "", response.text.partition("<main>")[2]))
    assert "{" not in text
    return {"title": titles[0], "detail": text, "language": language, "request_id": response.headers["X-Request-Id"]}


def assert_parameter_error(
    response: TestResponse, parameter: str, language: str = "en", status: int = 400
) -> dict[str, Any]:
    """Assert that a response is a problem about a parameter, and return the error about the parameter."""
    problem = assert_problem(response, status, language)
    errors = [error for error in problem["errors"] if error.get("parameter") == parameter]
    assert errors, problem
    assert errors[0]["detail"]
    error: dict[str, Any] = errors[0]
    return error
