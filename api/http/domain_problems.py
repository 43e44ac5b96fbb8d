"""The mapping from domain errors to problem documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.domain import errors
from api.domain.errors import DomainError, Issue
from api.domain.slug import MAX_SLUG_LENGTH
from api.http.context import get_context, get_reader_language
from api.http.problem_document import ProblemContext, render_issue, render_problem
from api.http.problems import PROBLEMS
from api.services.publishing.pending_release import describe_blocker

# The name of the problem type, the data for the detail message, and the extension members.
Parts = tuple[str, Mapping[str, object], Mapping[str, Any]]


def to_problem(error: DomainError) -> dict[str, Any]:
    """Return the error as a problem document in the reader's language. The CLI uses this outside a request."""
    return render_problem(to_problem_context(error))


def to_problem_context(error: DomainError) -> ProblemContext:
    """Return the problem for a domain error, with its texts in the current reader's language."""
    name, data, members = PROBLEM_OF[type(error)](error)
    return ProblemContext(PROBLEMS[name], data, members, PROBLEMS[name].status)


def _invalid_request(error: errors.InvalidRequestError) -> Parts:
    return "invalid-request", {}, {"errors": [render_issue(issue) for issue in error.issues]}


def _resource_not_found(error: errors.PublicResourceNotFoundError) -> Parts:
    return "resource-not-found", {"slug": error.slug, "kind": error.kind, "release": error.release}, {}


def _release_not_found(error: errors.ReleaseNotFoundError) -> Parts:
    members = {} if error.parameter is None else {"errors": [_release_issue(error)]}
    return "release-not-found", {"number": error.number}, members


def _release_issue(error: errors.ReleaseNotFoundError) -> dict[str, str]:
    translations, language = get_context().translations, get_reader_language()
    detail = translations.gettext(language, PROBLEMS["release-not-found"].detail, {"number": error.number[:20]})
    return {"code": "release-not-found", "parameter": error.parameter or "", "detail": detail}


def _language_not_available(error: errors.LanguageNotAvailableError) -> Parts:
    members: dict[str, Any] = {"requested": error.requested, "reason": error.reason}
    if error.url is not None:
        members["links"] = {"alternate": {"hreflang": error.available_in, "href": error.url}}
    return "language-not-available", {"language": error.requested}, members


def _page_expired(error: errors.PageExpiredError) -> Parts:
    data = {"begun": error.begun, "current": error.current}
    return "page-expired", data, {"links": {"first": {"href": error.first_page}}}


def _withdrawn(error: errors.ResourceWithdrawnError) -> Parts:
    return "withdrawn", {"since": error.since}, {"resource": error.resource, "since": error.since}


def _unauthenticated(error: errors.UnauthenticatedError) -> Parts:
    return "token-not-valid" if error.is_given else "unauthenticated", {}, {}


def _forbidden(error: errors.ForbiddenError) -> Parts:
    names = {"role": "role-missing", "language": "language-not-allowed", "own-revision": "own-revision"}
    members = {"roles": list(error.roles)} if error.roles else {}
    return names[error.reason], {"roles": ", ".join(error.roles), "language": error.language or ""}, members


def _action_refused(error: errors.ActionRefusedError) -> Parts:
    return "act-refused", {}, {"errors": [render_issue(Issue(error.code, pointer="", data=error.data))]}


def _release_blocked(error: errors.ReleaseBlockedError) -> Parts:
    return "release-blocked", {}, {"blockers": [describe_blocker(blocker) for blocker in error.blockers]}


def _invalid_waiver(error: errors.InvalidWaiverError) -> Parts:
    pointer = f"/waive/{error.index}" + (f"/reason/{error.language}" if error.language else "/gap")
    return _invalid_request(errors.InvalidRequestError([Issue(error.code, pointer=pointer, data=error.data)]))


def _invalid_slug(error: errors.InvalidSlugError) -> Parts:
    data = {"value": error.slug, "holder": error.holder or "", "limit": MAX_SLUG_LENGTH}
    issue = Issue(error.code, pointer=f"/slugs/{error.language}", data=data)
    return _invalid_request(errors.InvalidRequestError([issue]))


def _invalid_text(error: errors.InvalidTextError) -> Parts:
    return _invalid_request(errors.InvalidRequestError([Issue(error.code, pointer="/text", data=error.data)]))


PROBLEM_OF: Mapping[type[DomainError], Callable[[Any], Parts]] = {
    errors.InvalidRequestError: _invalid_request,
    errors.PublicResourceNotFoundError: _resource_not_found,
    errors.ReleaseNotFoundError: _release_not_found,
    errors.LanguageNotAvailableError: _language_not_available,
    errors.NothingToServeError: lambda error: ("nothing-to-choose-from", {}, {}),
    errors.ResourceWithdrawnError: _withdrawn,
    errors.ResourceSuppressedError: lambda error: ("suppressed", {}, {"resource": error.resource}),
    errors.PageExpiredError: _page_expired,
    errors.UnauthenticatedError: _unauthenticated,
    errors.ForbiddenError: _forbidden,
    errors.WorkingResourceNotFoundError: lambda error: ("unknown-id", {"id": error.resource}, {}),
    errors.TokenNotFoundError: lambda error: ("unknown-id", {"id": error.prefix}, {}),
    errors.PreconditionRequiredError: lambda error: ("precondition-required", {}, {}),
    errors.PreconditionFailedError: lambda error: ("text-changed", {}, {"current": error.current, "etag": error.etag}),
    errors.ActionRefusedError: _action_refused,
    errors.IdempotencyKeyReusedError: lambda error: ("key-reused", {}, {}),
    errors.ReleaseBlockedError: _release_blocked,
    errors.NothingToReleaseError: lambda error: ("nothing-to-release", {}, {}),
    errors.InvalidWaiverError: _invalid_waiver,
    errors.InvalidSlugError: _invalid_slug,
    errors.InvalidTextError: _invalid_text,
    errors.DatabaseUnavailableError: lambda error: ("unavailable", {}, {}),
    errors.DatabaseReadOnlyError: lambda error: ("read-only", {}, {}),
    errors.PdfUnavailableError: lambda error: ("pdf-not-available", {}, {}),
    errors.PdfBusyError: lambda error: ("printing-busy", {}, {}),
    errors.NotEmbeddableError: lambda error: ("not-embeddable", {"url": error.url}, {}),
    errors.UnknownFormatError: lambda error: ("format-not-available", {"format": error.format}, {}),
}
