"""Raw requests, which tests send through the cache and past the cache."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from typing import Any

import flask
from flask import Flask, request_started

from api.domain.kind import KINDS, MOMENT
from api.edge.middleware import CacheMiddleware

# Problems contain the request id. With a fixed id, two responses with the same problem are equal.
REQUEST_ID = "the-same-request-id"


@dataclass(frozen=True)
class RawRequest:
    """A request in the form that a WSGI server passes on: raw path and query, and headers under their WSGI names."""

    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} {dict(self.headers)}"


@dataclass(frozen=True)
class RawResponse:
    """A response without its Date header."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def send(app: Flask, request: RawRequest) -> RawResponse:
    """Call ``app`` directly with the request, since a client would normalise the request; return the response."""
    head: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
        head[:] = status, headers

    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_REQUEST_ID": REQUEST_ID,
    }
    chunks = app(environ | request.headers, start)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return RawResponse(head[0], tuple(header for header in head[1] if header[0] != "Date"), body)


def assert_same_response(cached: Flask, uncached: Flask, request: RawRequest) -> RawResponse:
    """Assert that the applications with and without the cache give the same response, and return the response."""
    expected = send(uncached, request)
    # A cached response must not contain the id of the request that filled the cache.
    assert not expected.status.startswith("200") or REQUEST_ID.encode() not in expected.body
    for source in ("the application", "the cache, by key", "the cache, by raw request"):
        assert send(cached, request) == expected, f"{request}, from {source}"
    return expected


def get_middleware(app: Flask) -> CacheMiddleware:
    """Return the cache in front of ``app``."""
    middleware: CacheMiddleware = app.extensions["edge"]
    return middleware


def record_application_requests(app: Flask, on_request: Callable[[], object] = lambda: None) -> list[str]:
    """Record the requests that reach the application behind the cache, and return the growing list of their paths.

    Each recorded request also calls ``on_request``.
    """
    paths: list[str] = []

    def record(_app: Flask, **_: object) -> None:
        paths.append(flask.request.path)
        on_request()

    request_started.connect(record, app, weak=False)
    return paths


def random_requests(count: int, seed: int, releases: int, slugs: Mapping[str, list[str]]) -> list[RawRequest]:
    """Return random requests, some common and some invalid."""
    random = Random(seed)
    return [_random_request(random, releases, slugs) for _ in range(count)]


# Search terms in URL encoding: mutated, accented, encoded in several ways, and empty.
SEARCH_TERMS = (
    "title",
    "first",
    "gyntaf",
    "t%C5%B7",
    "t%c5%b7",
    "i%27r+first",
    "i%E2%80%99r%20first",
    '"cy+first"',
    "-x",
    "",
)

HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "HTTP_ACCEPT_LANGUAGE",
        ("cy", "en", "cy-GB,cy;q=0.9,en;q=0.8", "cy;q=0", "en;q=0, cy", "cy, en;q=0", "fr", "*", ""),
    ),
    ("HTTP_ACCEPT", ("*/*", "application/json", "application/json;charset=utf-8", "text/html", "", "a")),
    ("HTTP_IF_NONE_MATCH", ("*", '"x"', 'W/"x", "y"', "x", "")),
    ("HTTP_IF_MATCH", ("*", '"x"')),
)


def _random_request(random: Random, releases: int, slugs: Mapping[str, list[str]]) -> RawRequest:
    kind = random.choice(list(KINDS.values()))
    is_bilingual = random.random() < 0.25
    root = "/v1/bilingual/" if is_bilingual else "/v1/"
    parameters: list[str] = []
    shape = random.random()
    if shape < 0.45:
        path = f"{root}{kind.plural}/{random.choice(slugs[kind.name])}"
    elif shape < 0.52:
        is_bilingual = False
        path, parameters = "/v1/search", ["q=" + random.choice(SEARCH_TERMS), f"limit={random.randint(1, 3)}"]
    elif shape < 0.87:
        path = root + kind.plural
        options = ["sort=title", "category=care", "number=2"] if kind is MOMENT else []
        parameters += random.sample([f"limit={random.randint(1, 30)}", f"limit={random.randint(0, 3)}", *options], 1)
        parameters += ["q=" + random.choice(SEARCH_TERMS)] if random.random() < 0.1 else []
    else:
        path = random.choice(
            [
                "/v1",
                "/v1/releases",
                "/v1/releases/1",
                "/v1/changes",
                "/v1/translation-status",
                "/v1/moments/random",
                "/v1/translation-status.csv",
                "/v1/translation-status/badge.svg",
                "/docs/words",
                "/problems",
                "/embed/moments/first",
                "/embed/prompts",
                "/nothing",
            ]
        )
        parameters += {"/v1/changes": ["since=0"], "/v1/moments/random": ["seed=heddiw"]}.get(path, [])
    language = ["lang=cy", "lang=en", "fallback=allow", "fallback=none"] if not is_bilingual else []
    optional = [*language, "min_state=reviewed", "fields=slug", f"release={random.randint(1, releases)}"]
    parameters += [parameter for parameter in optional if random.random() < 0.15]
    parameters += ["unknown=1"] if random.random() < 0.05 else []
    random.shuffle(parameters)
    headers = {name: random.choice(values) for name, values in HEADERS if random.random() < 0.15}
    return RawRequest(path, "&".join(parameters), headers, random.choice(["GET", "GET", "GET", "HEAD"]))
