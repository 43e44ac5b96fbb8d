"""The one table from errors to problems: RFC 9457, in the reader's language, and never a 500 for input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.routing import RequestRedirect

from api.domain import errors
from api.domain.document import to_json
from api.domain.errors import DomainError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.slug import MAX_LENGTH
from api.http import surrogate_keys as surrogate
from api.http.context import get_context, get_named_language, get_reader_language, get_request_id, override_language
from api.http.problem_document import ProblemContext, render_issue, render_problem
from api.http.problems import BY_STATUS, PROBLEMS, Problem
from api.http.rate_limits import get_retry_after
from api.services.publishing.preview import describe_blocker

log = structlog.get_logger("eiliadau_hud")

MEDIA_TYPE = "application/problem+json"
# These say something about the content, which stands until the next release; the rest is about one request.
CACHED = frozenset({"resource-not-found", "language-not-available", "withdrawn", "suppressed", "release-not-found"})


# Under these addresses people read, not programs: there a problem is a page.
PAGES = "/embed"
_PAGE = "eiliadau_hud.problem_page"


# Makes a page of what each language says of a problem.
Page = Callable[[Mapping[Language, Mapping[str, Any]], ProblemContext], Response]


def install_error_handlers(app: Flask, page: Page) -> None:
    """Answer every error of ``app`` with a problem document, or with a page where people read."""
    app.extensions[_PAGE] = page
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_fault)


class NotAcceptableError(HTTPException):
    """The Accept header takes nothing that the address gives; ``offered`` is what it gives."""

    code = 406

    def __init__(self, offered: str) -> None:
        super().__init__()
        self.offered = offered


def to_problem(error: DomainError) -> dict[str, Any]:
    """The members of the problem that this error is, in the reader's language, for who is no HTTP client."""
    told: dict[str, Any] = _on_domain_error(error).get_json()
    return told


def _on_domain_error(error: DomainError) -> Response:
    if isinstance(error, errors.SlugMovedError):
        return _moved(error)

    def tell() -> ProblemContext:
        name, data, members = _TABLE[type(error)](error)
        return ProblemContext(PROBLEMS[name], data, members, PROBLEMS[name].status)

    headers = {"Retry-After": "1"} if isinstance(error, errors.DatabaseUnavailableError) else {}
    if isinstance(error, errors.UnauthenticatedError):
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"' if error.is_given else "Bearer"}
    if isinstance(error, errors.PreconditionFailedError):
        headers = {"ETag": error.etag}
    return _answer(tell, headers)


def _moved(error: errors.SlugMovedError) -> Response:
    """A retired slug leads to the new one, with the same query, for good (RFC 9110, 15.4.9)."""
    path = request.path.rpartition("/")[0]
    query = request.query_string.decode("ascii", "replace")
    location = f"{get_context().settings.public_url}{path}/{error.slug}" + (f"?{query}" if query else "")
    response = Response(status=308, headers={"Location": location})
    # Permanent for the reader, but a slug may come back to its old name: no cache may hold it for ever.
    response.headers["Cache-Control"] = f"public, max-age={get_context().settings.max_age}"
    response.headers["Surrogate-Key"] = surrogate.PROBLEMS
    del response.headers["Content-Type"]  # there is no content
    return response


Answered = tuple[str, Mapping[str, object], Mapping[str, Any]]


def _refused(error: errors.InvalidRequestError) -> Answered:
    return "invalid-request", {}, {"errors": [render_issue(fault) for fault in error.issues]}


def _resource_missing(error: errors.PublicResourceNotFoundError) -> Answered:
    return "resource-not-found", {"slug": error.slug, "kind": error.kind, "release": error.release}, {}


def _release_missing(error: errors.ReleaseNotFoundError) -> Answered:
    members = {} if error.parameter is None else {"errors": [_release_fault(error)]}
    return "release-not-found", {"number": error.number}, members


def _release_fault(error: errors.ReleaseNotFoundError) -> dict[str, str]:
    words, language = get_context().words, get_reader_language()
    detail = words.gettext(language, PROBLEMS["release-not-found"].detail, {"number": error.number[:20]})
    return {"code": "release-not-found", "parameter": error.parameter or "", "detail": detail}


def _language_missing(error: errors.LanguageNotAvailableError) -> Answered:
    members: dict[str, Any] = {"requested": error.requested, "reason": error.reason}
    if error.url is not None:
        members["links"] = {"alternate": {"hreflang": error.exists, "href": error.url}}
    return "language-not-available", {"language": error.requested}, members


def _page_expired(error: errors.PageExpiredError) -> Answered:
    data = {"begun": error.begun, "current": error.current}
    return "page-expired", data, {"links": {"first": {"href": error.first_page}}}


def _unauthenticated(error: errors.UnauthenticatedError) -> Answered:
    return "token-not-valid" if error.is_given else "unauthenticated", {}, {}


def _forbidden(error: errors.ForbiddenError) -> Answered:
    names = {"role": "role-missing", "language": "language-not-allowed", "own-revision": "own-revision"}
    members = {"roles": list(error.roles)} if error.roles else {}
    return names[error.reason], {"roles": ", ".join(error.roles), "language": error.language or ""}, members


def _act_refused(error: errors.ActionRefusedError) -> Answered:
    return "act-refused", {}, {"errors": [render_issue(Issue(error.code, pointer="", data=error.data))]}


def _blocked(error: errors.ReleaseBlockedError) -> Answered:
    return "release-blocked", {}, {"blockers": [describe_blocker(blocker) for blocker in error.blockers]}


def _waiver_refused(error: errors.InvalidWaiverError) -> Answered:
    pointer = f"/waive/{error.index}" + (f"/reason/{error.language}" if error.language else "/gap")
    return _refused(errors.InvalidRequestError([Issue(error.code, pointer=pointer, data=error.data)]))


def _slug_refused(error: errors.InvalidSlugError) -> Answered:
    data = {"value": error.slug, "holder": error.holder or "", "limit": MAX_LENGTH}
    return _refused(errors.InvalidRequestError([Issue(error.code, pointer=f"/slugs/{error.language}", data=data)]))


def _text_refused(error: errors.InvalidTextError) -> Answered:
    return _refused(errors.InvalidRequestError([Issue(error.code, pointer="/text", data=error.data)]))


def _token_refused(error: errors.InvalidTokenRequestError) -> Answered:
    pointer = "/roles" if error.code is IssueCode.REQUIRED else "/expires"
    return _refused(errors.InvalidRequestError([Issue(error.code, pointer=pointer)]))


_TABLE: Mapping[type[DomainError], Callable[[Any], Answered]] = {
    errors.InvalidRequestError: _refused,
    errors.PublicResourceNotFoundError: _resource_missing,
    errors.ReleaseNotFoundError: _release_missing,
    errors.LanguageNotAvailableError: _language_missing,
    errors.NothingToServeError: lambda error: ("nothing-to-choose-from", {}, {}),
    errors.ResourceWithdrawnError: lambda error: (
        "withdrawn",
        {"since": error.since},
        {"resource": error.resource, "since": error.since},
    ),
    errors.ResourceSuppressedError: lambda error: ("suppressed", {}, {"resource": error.resource}),
    errors.PageExpiredError: _page_expired,
    errors.UnauthenticatedError: _unauthenticated,
    errors.ForbiddenError: _forbidden,
    errors.WorkingResourceNotFoundError: lambda error: ("unknown-id", {"id": error.resource}, {}),
    errors.TokenNotFoundError: lambda error: ("unknown-id", {"id": error.prefix}, {}),
    errors.PreconditionRequiredError: lambda error: ("precondition-required", {}, {}),
    errors.PreconditionFailedError: lambda error: ("text-changed", {}, {"current": error.current, "etag": error.etag}),
    errors.ActionRefusedError: _act_refused,
    errors.IdempotencyKeyReusedError: lambda error: ("key-reused", {}, {}),
    errors.ReleaseBlockedError: _blocked,
    errors.NothingToReleaseError: lambda error: ("nothing-to-release", {}, {}),
    errors.InvalidWaiverError: _waiver_refused,
    errors.InvalidSlugError: _slug_refused,
    errors.InvalidTextError: _text_refused,
    errors.InvalidTokenRequestError: _token_refused,
    errors.DatabaseUnavailableError: lambda error: ("unavailable", {}, {}),
    errors.PdfUnavailableError: lambda error: ("pdf-not-available", {}, {}),
    errors.PdfBusyError: lambda error: ("printing-busy", {}, {}),
    errors.NotEmbeddableError: lambda error: ("not-embeddable", {"url": error.url}, {}),
    errors.UnknownFormatError: lambda error: ("format-not-available", {"format": error.format}, {}),
}


def _on_http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestRedirect):
        return error.get_response()  # type: ignore[return-value]  # Flask's own response class
    if isinstance(error, NotAcceptableError):
        return _answer_plainly(PROBLEMS["not-acceptable"], {"offered": error.offered})
    problem = BY_STATUS.get(error.code or 500)
    if problem is None:
        problem = PROBLEMS["internal-error" if (error.code or 500) >= 500 else "bad-request"]
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    headers = {"Allow": allowed} if problem.status == 405 else {}
    if problem.status == 429:
        headers = {"Retry-After": str(get_retry_after())}
    return _answer_plainly(problem, {"method": request.method, "allowed": allowed}, headers)


def _on_fault(error: Exception) -> Response:
    log.error("fault", request_id=get_request_id(), path=request.path, exc_info=error)
    return _answer_plainly(PROBLEMS["internal-error"], {}, status=InternalServerError.code)


def _answer_plainly(
    problem: Problem, data: Mapping[str, object], headers: Mapping[str, str] | None = None, *, status: int | None = None
) -> Response:
    told = ProblemContext(problem, data, {}, status or problem.status)
    return _answer(lambda: told, headers or {})


def _answer(tell: Callable[[], ProblemContext], headers: Mapping[str, str]) -> Response:
    """A problem as a response: a document in the reader's language, or a page in both."""
    told = tell()
    if request.path == PAGES or request.path.startswith(f"{PAGES}/"):
        both = {}
        for language in Language:
            with override_language(language):
                both[language] = render_problem(tell())
        response: Response = current_app.extensions[_PAGE](both, told)
    else:
        response = Response(to_json(render_problem(told)), status=told.status, content_type=MEDIA_TYPE)
        response.headers["Content-Language"] = get_reader_language().value
    if get_named_language() is None:
        response.headers["Vary"] = "Accept-Language"
    # What a token was needed for is nobody else's.
    is_cached = told.problem.name in CACHED and "Authorization" not in request.headers
    response.headers["Cache-Control"] = f"public, max-age={get_context().settings.max_age}" if is_cached else "no-store"
    if is_cached:
        response.headers["Surrogate-Key"] = surrogate.PROBLEMS
    response.headers.update(headers)
    return response
