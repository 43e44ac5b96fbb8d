"""Unusual URLs and headers of one client do not change the responses to other clients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask

from api.app import create_app
from tests.conftest import MakeApp, make_settings
from tests.tools.cache_bypass import RawRequest, assert_same_response, get_middleware, send

Pair = tuple[Flask, Flask]
ITEM, LIST = "/v1/moments/chain-reaction", "/v1/moments"
QUERIES = (
    "",
    "lang=cy",
    "lang=en",
    "lang=cy&lang=en",
    "lang=en&lang=cy",
    "%6cang=cy",
    "lang=c%79",
    "lang=%63y",
    "lang=",
    "lang",
    "lang=cy&",
    "&lang=cy",
    "lang=cy&&fallback=allow",
    "fallback=allow&lang=cy",
    "lang=cy&fallback=allow",
    "LANG=cy",
    "lang=cy;fallback=allow",
    "lang=cy%26fallback=allow",
    "lang=cy#x",
    "lang=cy%00",
    "lang=cy%ff",
    "l%ffang=cy",
    "lang=+cy",
    "lang=cy+",
    "lang=%20cy",
    "lang[]=cy",
    "lang=cy&limit=5",
    "limit=5&lang=cy",
    "limit=05&lang=cy",
    "limit=5.0&lang=cy",
    "limit=%35&lang=cy",
    "lang=cy&limit=\u00c2\u00b2",
    "lang=cy&limit=%D9%A5",
    "release=1&lang=cy",
    "release=01&lang=cy",
    "fields=slug,title",
    "fields=title,slug",
    "fields=slug%2Ctitle",
    "fields=slug&fields=title",
    "q=%E2%82%AC",
    "=",
    "&",
    "=cy",
    "lang=cy&x=" + "y" * 2_000,
    "lang=cy&\u00c3\u00bf=1",
    "lang=\u00c5\u00b5",
    "callback=alert",
    "utm_source=x&lang=cy",
)
PATHS = (
    ITEM,
    ITEM + "/",
    "/" + ITEM,
    "//v1/moments",
    "/v1//moments",
    "/v1/moments/.",
    "/v1/moments/../moments",
    "/V1/moments",
    LIST,
    LIST + "/",
    "/v1/moments/chain-reaction\x00",
    "/v1/moments/%63hain-reaction",
    "/v1/moments/cha\u00eene",
    "/v1/moments/\u00c5\u00b7",
    "/v1/moments/chain-reaction;lang=en",
    "/v1/moments/" + "a" * 3_000,
    "",
    "*",
    "/",
    "/v1/moments/chain-reaction?lang=en",
    "/v1/moments/adwaith-cadwynol",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    *(
        {"HTTP_ACCEPT_LANGUAGE": value}
        for value in (
            "cy",
            "en",
            "CY",
            "cy-GB",
            "cym",
            "cy;q=0",
            "en;q=0",
            "cy;q=0,en;q=0",
            "cy,en;q=0",
            "en,cy;q=0",
            "cy;q=0.1,en;q=0.2",
            "*",
            "*;q=0",
            "",
            ",",
            ";",
            "cy;q=x",
            "cy;q=2",
            "cy;Q=0",
            "cy; q = 0",
            "en;q=0.5,cy;q=0.5",
            "fr,cy;q=0.1",
            "c\u00fd",
            "cy\x00",
            "x" * 5_000,
            ",".join(["fr"] * 40 + ["cy"]),
            "cy," * 400 + "en;q=0",
        )
    ),
    *(
        {"HTTP_ACCEPT": value}
        for value in (
            "*/*",
            "application/json",
            "text/html",
            "application/*",
            "*/*;q=0",
            "application/json;q=0",
            "",
            "x",
            "text/html,*/*;q=0.1",
            "application/json;charset=utf-16",
            "y" * 5_000,
        )
    ),
    *(
        {name: value}
        for name, value in (
            ("HTTP_HOST", "evil.example"),
            ("HTTP_HOST", "evil.example:1@x"),
            ("HTTP_HOST", "a b"),
            ("HTTP_HOST", ""),
            ("HTTP_X_FORWARDED_HOST", "evil.example"),
            ("HTTP_X_FORWARDED_PROTO", "https"),
            ("HTTP_X_FORWARDED_PREFIX", "/x"),
            ("HTTP_X_FORWARDED_FOR", "1.2.3.4"),
            ("HTTP_FORWARDED", "host=evil.example"),
            ("HTTP_X_ORIGINAL_URL", "/v1/prompts"),
            ("HTTP_X_REWRITE_URL", "/v1/prompts"),
            ("HTTP_X_HTTP_METHOD_OVERRIDE", "DELETE"),
            ("HTTP_RANGE", "bytes=0-9"),
            ("HTTP_IF_RANGE", '"x"'),
            ("HTTP_IF_MODIFIED_SINCE", "Fri, 01 Jan 2100 00:00:00 GMT"),
            ("HTTP_COOKIE", "lang=en"),
            ("HTTP_UPGRADE", "websocket"),
            ("HTTP_ACCEPT_ENCODING", "gzip"),
            ("HTTP_ORIGIN", "https://evil.example"),
            ("HTTP_IF_NONE_MATCH", "*"),
            ("HTTP_IF_NONE_MATCH", '"a", W/"b'),
            ("HTTP_IF_MATCH", '"a"'),
            ("HTTP_IF_MATCH", ""),
            ("HTTP_AUTHORIZATION", "Basic eDp5"),
            ("HTTP_AUTHORIZATION", ""),
            ("HTTP_CONTENT_LENGTH", "1"),
            ("CONTENT_LENGTH", "0"),
            ("CONTENT_LENGTH", ""),
            ("HTTP_TRANSFER_ENCODING", "chunked"),
            ("HTTP_CACHE_CONTROL", "no-cache"),
            ("HTTP_PRAGMA", "no-cache"),
            ("CONTENT_TYPE", "application/json"),
        )
    ),
    {"HTTP_CONNECTION": "Upgrade", "HTTP_UPGRADE": "websocket"},
)


@pytest.fixture(scope="module")
def pair(shared_url: str) -> Iterator[Pair]:
    apps = create_app(make_settings(shared_url)), create_app(make_settings(shared_url, cache_mb=0))
    yield apps
    for app in apps:
        app.extensions["edge"].close()


def test_unusual_queries_get_the_same_responses_with_and_without_the_cache(pair: Pair) -> None:
    cached, uncached = pair
    # The second round runs in reverse order, when the cache holds the responses of the first round.
    for path, query in [*product((ITEM, LIST), QUERIES), *reversed(list(product((ITEM, LIST), QUERIES)))]:
        assert_same_response(cached, uncached, RawRequest(path, query))


def test_unusual_paths_get_the_same_responses_with_and_without_the_cache(pair: Pair) -> None:
    cached, uncached = pair
    for path, query in product(PATHS, ("", "lang=cy")):
        assert_same_response(cached, uncached, RawRequest(path, query))


def test_unusual_headers_do_not_change_later_responses(pair: Pair) -> None:
    cached, uncached = pair
    plain = {query: send(uncached, RawRequest(ITEM, query)) for query in ("", "lang=cy", "lang=en")}
    for headers in HEADERS:
        for query, expected in plain.items():
            assert_same_response(cached, uncached, RawRequest(ITEM, query, headers))
            assert send(cached, RawRequest(ITEM, query)) == expected, headers


def test_the_first_request_to_an_empty_cache_does_not_change_the_next_response(
    shared_url: str, make_app: MakeApp
) -> None:
    """Send each header to an empty cache first, then a request without headers."""
    uncached = make_app(shared_url, cache_mb=0)
    expected = send(uncached, RawRequest(LIST, "lang=cy"))
    cached = make_app(shared_url)
    store = get_middleware(cached).store
    for headers in HEADERS:
        epoch = store.epoch
        # Setting the epoch to None empties the store.
        store.set_epoch(None)
        store.set_epoch(epoch)
        send(cached, RawRequest(LIST, "lang=cy", headers))
        assert send(cached, RawRequest(LIST, "lang=cy")) == expected, headers
