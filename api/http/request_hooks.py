"""Hooks before and after every view: methods, bodies, formats, request ids, common headers, the request log."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, request

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.http.cache_hints import ROUTE, WARMING, get_offered_media_types, is_acceptable
from api.http.context import get_request_id
from api.http.error_handlers import NotAcceptableError, is_below_embed, permanent_redirect
from api.http.query_string import LANGUAGE_PARAMETER
from api.schemas.parser import is_utf8, split_pairs

log = structlog.get_logger("eiliadau_hud")

View = Callable[..., Response]

_EXPOSED = "Allow, Content-Language, Content-Location, ETag, Link, Location, Retry-After, X-Request-Id"
# Browsers must not frame a response, guess its media type, or send its URL to linked sites.
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", _EXPOSED),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


def produces(media_type: str) -> Callable[[View], View]:
    """Declare the media type of a view's responses. Without this decorator, the media type is JSON."""

    def mark(view: View) -> View:
        view.gives = media_type  # type: ignore[attr-defined]  # functions accept attributes
        return view

    return mark


def install_request_hooks(app: Flask) -> None:
    """Run the hooks before and after every view of ``app``."""
    app.before_request(_start_timer)
    app.before_request(_redirect_from_trailing_slash)
    app.before_request(_respond_to_options)
    app.before_request(_refuse_body)
    app.before_request(_refuse_garbled_query)
    app.before_request(_check_accept)
    app.after_request(_add_headers_and_log)


def _start_timer() -> None:
    g.started = time.perf_counter()
    request.environ[ROUTE] = request.url_rule.rule if request.url_rule else None


def _redirect_from_trailing_slash() -> Response | None:
    """Redirect permanently to the URL without its trailing slash, if that URL exists.

    A preflight request, which must not be redirected, gets the response of the URL without the slash.
    """
    path = request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    if path.startswith("//") or path == "/" or not path.endswith("/"):
        return None
    path = path[:-1]
    allowed = _list_methods(path)
    if not allowed:
        return None
    return _options_response(allowed) if request.method == "OPTIONS" else permanent_redirect(quote(path))


def _list_methods(path: str | None = None) -> list[str]:
    """List the methods that the URL map allows at this path. By default, it is the path of the request."""
    # Several rules may match the URL, each with its own methods: list the methods of all rules.
    adapter = current_app.create_url_adapter(request)
    return sorted(adapter.allowed_methods(path) if adapter else ())


def _respond_to_options() -> Response | None:
    if request.method != "OPTIONS" or request.url_rule is None:
        return None
    return _options_response(_list_methods())


def _options_response(methods: list[str]) -> Response:
    allowed = ", ".join(methods)
    response = Response(
        status=204,
        headers={
            "Allow": allowed,
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": "Accept, Accept-Language, Authorization, Content-Type, If-Match, "
            "If-None-Match, Idempotency-Key, X-Request-Id",
            "Access-Control-Max-Age": "86400",
        },
    )
    del response.headers["Content-Type"]  # the response has no body
    return response


def _refuse_body() -> None:
    has_body = (request.content_length or 0) > 0 or "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if request.method in {"GET", "HEAD"} and request.url_rule is not None and has_body:
        raise InvalidRequestError([Issue(IssueCode.BODY_NOT_ALLOWED, pointer="")])


def _refuse_garbled_query() -> None:
    """Refuse a query string with bytes that are not UTF-8.

    Embed pages and oEmbed ignore unknown parameters, so their views check the parameters that they know.
    """
    if b"%" not in request.query_string or request.url_rule is None:
        return
    is_open = is_below_embed(request.path) or request.path == "/v1/oembed"
    pairs = [pair for pair in split_pairs(request.query_string) if not is_open or pair[0] == LANGUAGE_PARAMETER]
    garbled = [name for name, pair in pairs if not is_utf8(pair)]
    if garbled:
        raise InvalidRequestError([Issue(IssueCode.INVALID_CHARACTER, parameter=name[:100]) for name in garbled])


def _check_accept() -> None:
    if request.endpoint is None or request.routing_exception is not None or "Accept" not in request.headers:
        return
    offered = get_offered_media_types()
    if not is_acceptable(request.headers["Accept"], offered):
        raise NotAcceptableError(offered)


def _add_headers_and_log(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id = get_request_id()
    present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  # iterating yields pairs
    response.headers.extend([(name, value) for name, value in _HEADERS if name.lower() not in present])
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    log.info(
        "warmed" if WARMING in request.environ else "request",
        request_id=request_id,
        method=request.method,
        path=request.path,
        route=request.environ.get(ROUTE),
        status=response.status_code,
        ms=round(seconds * 1000, 2),
    )
    return response
