"""Errors that a caller can correct, as data: ``http/error_handlers.py`` turns them into problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from api.domain.gap import Blocker
from api.domain.issue_code import IssueCode


class DomainError(Exception):
    """The base class of all errors that a caller can correct."""


class InvalidTextError(DomainError):
    """A text is invalid. ``data`` gives details for the message: ``character``, ``limit``."""

    def __init__(self, code: IssueCode, **data: object) -> None:
        super().__init__(code)
        self.code, self.data = code, data


@dataclass(frozen=True, slots=True)
class Issue:
    """One error in a request, and its position: a query parameter or a JSON pointer."""

    code: IssueCode
    parameter: str | None = None
    pointer: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


class InvalidRequestError(DomainError):
    """A request has invalid values or cannot be parsed. There is at least one issue."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(", ".join(issue.code for issue in issues))
        self.issues = tuple(issues)


class PublicResourceNotFoundError(DomainError):
    """No resource of this kind is public under this slug, at this release."""

    def __init__(self, kind: str, slug: str, release: int | None = None) -> None:
        super().__init__(f"{kind} {slug}")
        self.kind, self.slug, self.release = kind, slug, release


class ReleaseNotFoundError(DomainError):
    """No release has this number. ``parameter`` is None if the number came from the path."""

    def __init__(self, number: str, parameter: str | None = None) -> None:
        super().__init__(number)
        self.number, self.parameter = number, parameter


class LanguageNotAvailableError(DomainError):
    """The resource is not available in the requested language; ``available_in`` lists its languages."""

    def __init__(self, requested: str, reason: str, available_in: str | None, url: str | None) -> None:
        super().__init__(reason)
        self.requested, self.reason, self.available_in, self.url = requested, reason, available_in, url


class NothingToServeError(DomainError):
    """No resource matches the filters in this language, so ``random`` has nothing to choose from."""


class PageExpiredError(DomainError):
    """A search cursor belongs to an older release. ``first_page`` is the URL for starting the search again."""

    def __init__(self, begun: int, current: int, first_page: str) -> None:
        super().__init__(f"{begun}, not {current}")
        self.begun, self.current, self.first_page = begun, current, first_page


class SlugMovedError(DomainError):
    """The requested slug is a former one; the resource now has the slug ``slug``."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(slug)
        self.kind, self.slug = kind, slug


class ResourceWithdrawnError(DomainError):
    """The resource was withdrawn with release ``since``."""

    def __init__(self, resource: str, since: int) -> None:
        super().__init__(resource)
        self.resource, self.since = resource, since


class ResourceSuppressedError(DomainError):
    """The resource was permanently removed from every release."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class ReleaseBlockedError(DomainError):
    """The release was refused as a whole; nothing was written."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(", ".join(f"{blocker.resource}: {blocker.gap}" for blocker in blockers))
        self.blockers = tuple(blockers)


class NothingToReleaseError(DomainError):
    """The requested resources do not differ from what is public."""


class InvalidWaiverError(DomainError):
    """A waiver lacks a valid reason in a language, or its gap cannot be waived. ``index`` is the waiver's position."""

    def __init__(
        self,
        resource: str,
        code: IssueCode,
        language: str | None = None,
        *,
        index: int = 0,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{resource}: {code}")
        self.resource, self.code, self.language, self.index = resource, code, language, index
        self.data = dict(data or {})


class InvalidSlugError(DomainError):
    """A slug cannot be used. ``holder`` is the resource that already has this slug, if any."""

    def __init__(self, kind: str, slug: str, code: IssueCode, language: str, holder: str | None = None) -> None:
        super().__init__(f"{kind} {slug}: {code}")
        self.kind, self.slug, self.code, self.language, self.holder = kind, slug, code, language, holder


class WorkingResourceNotFoundError(DomainError):
    """No resource has this id."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class InvalidFolderError(DomainError):
    """A content folder is invalid. Nothing was loaded."""

    def __init__(self, issues: Sequence[FolderIssue]) -> None:
        super().__init__("\n".join(str(issue) for issue in issues))
        self.issues = tuple(issues)


@dataclass(frozen=True, slots=True)
class FolderIssue:
    """One error in a content folder, with a message for the operator."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class TokenNotFoundError(DomainError):
    """No token has this prefix."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prefix = prefix


class UnauthenticatedError(DomainError):
    """The request has no token, or has an invalid token; ``is_given`` is true if the token is invalid."""

    def __init__(self, *, is_given: bool) -> None:
        super().__init__("a token was given" if is_given else "no token was given")
        self.is_given = is_given


class ForbiddenError(DomainError):
    """The person may not do this.

    ``reason`` is ``role`` (the person needs one of ``roles``), ``language`` or ``own-revision``.
    """

    def __init__(self, reason: str, *, roles: Sequence[str] = (), language: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.roles, self.language = reason, tuple(roles), language


class PreconditionRequiredError(DomainError):
    """A request to change an existing object has no If-Match header."""


class PreconditionFailedError(DomainError):
    """The object has changed since the client read it. ``current`` is the present object, for the client to merge."""

    def __init__(self, current: Mapping[str, object], etag: str) -> None:
        super().__init__(etag)
        self.current, self.etag = current, etag


class ActionRefusedError(DomainError):
    """The action is not possible in the current state: for example, a draft cannot be confirmed."""

    def __init__(self, code: IssueCode, **data: object) -> None:
        super().__init__(code)
        self.code, self.data = code, data


class IdempotencyKeyReusedError(DomainError):
    """The Idempotency-Key was used for a different request."""


class DatabaseUnavailableError(DomainError):
    """The database is busy or unreachable; the same request may succeed later."""


class DatabaseReadOnlyError(DatabaseUnavailableError):
    """A write was requested, but the service or its database is read-only."""


class NotEmbeddableError(DomainError):
    """There is no embed page for the URL, which may belong to another service."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class PdfUnavailableError(DomainError):
    """A PDF was requested, but the software that makes PDFs is not installed."""


class PdfBusyError(DatabaseUnavailableError):
    """Too many requests are already waiting for a PDF."""


class UnknownFormatError(DomainError):
    """The response is not available in this format."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.format = name
