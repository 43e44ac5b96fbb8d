"""Error handlers: every error as a problem document (RFC 9457) or page, and never a 500 for bad input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect

from api.domain import errors
from api.domain.document import to_json
from api.domain.errors import DomainError
from api.domain.language import Language
from api.http import cache_hints
from api.http.context import get_context, get_named_language, get_reader_language, get_request_id, override_language
from api.http.domain_problems import to_problem_context
from api.http.problem_document import ProblemContext, render_problem
from api.http.problems import BY_STATUS, PROBLEMS, ProblemType
from api.http.rate_limits import get_retry_after

log = structlog.get_logger("eiliadau_hud")

# Problems that caches may store: they depend on the content, which only a release changes. All other problems depend
# on one request.
CACHED = frozenset({"resource-not-found", "language-not-available", "withdrawn", "suppressed", "release-not-found"})

# Problems below this path are sent as pages, since people read them.
PAGES_PATH = "/embed"
_PAGE = "eiliadau_hud.problem_page"

# Makes a page from the problem documents in both languages.
ProblemPage = Callable[[Mapping[Language, Mapping[str, Any]], ProblemContext], Response]


class NotAcceptableError(HTTPException):
    """An error for an Accept header that excludes ``offered``, the media type of the URL."""

    code = 406

    def __init__(self, offered: str) -> None:
        super().__init__()
        self.offered = offered


def install_error_handlers(app: Flask, page: ProblemPage) -> None:
    """Make ``app`` respond to every error with a problem document, or with ``page`` below ``/embed``."""
    app.extensions[_PAGE] = page
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_unexpected_error)


def _on_domain_error(error: DomainError) -> Response:
    if isinstance(error, errors.SlugMovedError):
        return _redirect(error)
    # A read-only service stays read-only until its operator restarts it. A retry within seconds would be useless.
    may_retry = isinstance(error, errors.DatabaseUnavailableError) and not isinstance(
        error, errors.DatabaseReadOnlyError
    )
    headers = {"Retry-After": "1"} if may_retry else {}
    if isinstance(error, errors.UnauthenticatedError):
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"' if error.is_given else "Bearer"}
    if isinstance(error, errors.PreconditionFailedError):
        headers = {"ETag": error.etag}
    return _respond(lambda: to_problem_context(error), headers)


def _redirect(error: errors.SlugMovedError) -> Response:
    """Redirect permanently from a retired slug to the current one, with the same query (RFC 9110, 15.4.9)."""
    response = permanent_redirect(f"{request.path.rpartition('/')[0]}/{error.slug}")
    response.headers["Surrogate-Key"] = cache_hints.PROBLEM_KEY
    return response


def permanent_redirect(path: str) -> Response:
    """Return a permanent redirect to this path, with the query and the method of the request (RFC 9110, 15.4.9)."""
    query = request.query_string.decode("ascii", "replace")
    location = f"{get_context().settings.public_url}{path}" + (f"?{query}" if query else "")
    response = Response(status=308, headers={"Location": location})
    # The redirect is permanent for readers, but caches must not store it for ever: the resource may get its old slug
    # back.
    response.headers["Cache-Control"] = f"public, max-age={get_context().settings.max_age}"
    del response.headers["Content-Type"]  # the response has no body
    return response


def is_below_embed(path: str) -> bool:
    """Return whether the problems of this path are sent as pages."""
    return path == PAGES_PATH or path.startswith(f"{PAGES_PATH}/")


def _on_http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestRedirect):
        return error.get_response()  # type: ignore[return-value]  # Flask's own response class
    if isinstance(error, NotAcceptableError):
        return _respond_with(PROBLEMS["not-acceptable"], {"offered": error.offered})
    problem_type = BY_STATUS.get(error.code or 500)
    if problem_type is None:
        problem_type = PROBLEMS["internal-error" if (error.code or 500) >= 500 else "bad-request"]
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    headers = {"Allow": allowed} if problem_type.status == 405 else {}
    if problem_type.status == 429:
        headers = {"Retry-After": str(get_retry_after())}
    return _respond_with(problem_type, {"method": request.method, "allowed": allowed}, headers)


def _on_unexpected_error(error: Exception) -> Response:
    log.error("unexpected-error", request_id=get_request_id(), path=request.path, exc_info=error)
    return _respond_with(PROBLEMS["internal-error"], {}, status=InternalServerError.code)


def _respond_with(
    problem_type: ProblemType,
    data: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
    *,
    status: int | None = None,
) -> Response:
    problem = ProblemContext(problem_type, data, {}, status or problem_type.status)
    return _respond(lambda: problem, headers or {})


def _respond(make_problem: Callable[[], ProblemContext], headers: Mapping[str, str]) -> Response:
    """Return the problem as a document in the reader's language, or as a page in both languages."""
    problem = make_problem()
    if is_below_embed(request.path):
        documents = {}
        for language in Language:
            with override_language(language):
                documents[language] = render_problem(make_problem())
        response: Response = current_app.extensions[_PAGE](documents, problem)
    else:
        response = Response(
            to_json(render_problem(problem)), status=problem.status, content_type=cache_hints.PROBLEM_JSON
        )
        response.headers["Content-Language"] = get_reader_language().value
    if get_named_language() is None:
        response.headers["Vary"] = "Accept-Language"
    # A response to a request with a token is private.
    is_cached = problem.problem_type.name in CACHED and "Authorization" not in request.headers
    response.headers["Cache-Control"] = f"public, max-age={get_context().settings.max_age}" if is_cached else "no-store"
    if is_cached:
        response.headers["Surrogate-Key"] = cache_hints.PROBLEM_KEY
    response.headers.update(headers)
    return response
