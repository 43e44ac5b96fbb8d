"""What can go wrong, as plain exceptions that carry data: no sentence and no status stands here.

``http/error_handlers.py`` is the one table that turns them into problems in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from api.domain.gap import Gap
from api.domain.issue_code import IssueCode


class DomainError(Exception):
    """The root of all errors that a caller can mend."""


class InvalidTextError(DomainError):
    """A text that cannot be kept. ``fault`` is a stable word; ``data`` says more (``character``, ``limit``)."""

    def __init__(self, code: IssueCode, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with a request: where (a query parameter or a JSON pointer), and a stable word for what."""

    code: IssueCode
    parameter: str | None = None
    pointer: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


class InvalidRequestError(DomainError):
    """A request that names what does not exist or cannot be read; ``faults`` has at least one."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(", ".join(issue.code for issue in issues))
        self.issues = tuple(issues)


class PublicResourceNotFoundError(DomainError):
    """No resource has this address (at this release)."""

    def __init__(self, kind: str, slug: str, release: int | None = None) -> None:
        super().__init__(f"{kind} {slug}")
        self.kind, self.slug, self.release = kind, slug, release


class ReleaseNotFoundError(DomainError):
    """No release has this number. ``parameter`` is None where the number stood in the path."""

    def __init__(self, number: str, parameter: str | None = None) -> None:
        super().__init__(number)
        self.number, self.parameter = number, parameter


class LanguageNotAvailableError(DomainError):
    """The resource is not served in the language asked for; ``exists`` says in which it is."""

    def __init__(self, requested: str, reason: str, exists: str | None, url: str | None) -> None:
        super().__init__(reason)
        self.requested, self.reason, self.exists, self.url = requested, reason, exists, url


class NothingToServeError(DomainError):
    """No resource fits these filters in this language (``random`` has nothing to choose from)."""


class PageExpiredError(DomainError):
    """A page of a search that began in an older release than the current one; it begins again at ``first_page``."""

    def __init__(self, begun: int, current: int, first_page: str) -> None:
        super().__init__(f"{begun}, not {current}")
        self.begun, self.current, self.first_page = begun, current, first_page


class SlugMovedError(DomainError):
    """The slug is retired; the resource is at ``slug`` now."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(slug)
        self.kind, self.slug = kind, slug


class ResourceWithdrawnError(DomainError):
    """The resource was withdrawn with release ``since``."""

    def __init__(self, resource: str, since: int) -> None:
        super().__init__(resource)
        self.resource, self.since = resource, since


class ResourceSuppressedError(DomainError):
    """The resource was taken out of every release, for ever."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a resource cannot go out: ``gap`` is the design's word; ``language`` and ``units`` where it is a text's."""

    resource: str
    gap: Gap
    language: str | None = None
    units: tuple[str, ...] = ()


class ReleaseBlockedError(DomainError):
    """The release was refused whole; nothing was written."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(", ".join(f"{blocker.resource}: {blocker.gap}" for blocker in blockers))
        self.blockers = tuple(blockers)


class NothingToReleaseError(DomainError):
    """Nothing named differs from what is public."""


class InvalidWaiverError(DomainError):
    """A waiver without a reason fit to be read in each language, or of a gap that cannot be waived."""

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
    """The slug of a language that cannot be: ``fault`` is a stable word; ``holder`` is whose it is already."""

    def __init__(self, kind: str, slug: str, code: IssueCode, language: str, holder: str | None = None) -> None:
        super().__init__(f"{kind} {slug}: {code}")
        self.kind, self.slug, self.code, self.language, self.holder = kind, slug, code, language, holder


class WorkingResourceNotFoundError(DomainError):
    """No resource has this id."""

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.resource = resource


class InvalidFolderError(DomainError):
    """A content folder that is not loaded at all; ``faults`` name file, line, field and what is wrong."""

    def __init__(self, issues: Sequence[FolderIssue]) -> None:
        super().__init__("\n".join(str(issue) for issue in issues))
        self.issues = tuple(issues)


@dataclass(frozen=True, slots=True)
class FolderIssue:
    """One fault of a content folder, said to the operator who runs the command."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


class InvalidTokenRequestError(DomainError):
    """A token that cannot be made; ``fault`` is a stable word."""

    def __init__(self, code: IssueCode) -> None:
        super().__init__(code)
        self.code = code


class TokenNotFoundError(DomainError):
    """No token has this prefix."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prefix = prefix


class UnauthenticatedError(DomainError):
    """No token, or one that is not valid (``is_given``)."""

    def __init__(self, *, is_given: bool) -> None:
        super().__init__("a token was given" if is_given else "no token was given")
        self.is_given = is_given


class ForbiddenError(DomainError):
    """The person may not do this. ``reason``: ``role`` (one of ``roles`` would do), ``language``, ``own-revision``."""

    def __init__(self, reason: str, *, roles: Sequence[str] = (), language: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.roles, self.language = reason, tuple(roles), language


class PreconditionRequiredError(DomainError):
    """A change of what exists came without If-Match."""


class PreconditionFailedError(DomainError):
    """What was to be changed has changed since. ``current`` is what stands now, so that nothing typed is lost."""

    def __init__(self, current: Mapping[str, object], etag: str) -> None:
        super().__init__(etag)
        self.current, self.etag = current, etag


class ActionRefusedError(DomainError):
    """An act that does not fit how things stand (confirming a draft, …); ``fault`` is a stable word."""

    def __init__(self, code: IssueCode, **data: object) -> None:
        super().__init__(code)
        self.code, self.data = code, data


class IdempotencyKeyReusedError(DomainError):
    """An Idempotency-Key that stands for another request already."""


class DatabaseUnavailableError(DomainError):
    """The database is busy or out of reach; the same request may succeed a little later."""


class NotEmbeddableError(DomainError):
    """An address, here or elsewhere, that has no embed page."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class PdfUnavailableError(DomainError):
    """A PDF was asked for, and what makes PDFs is not installed."""


class PdfBusyError(DatabaseUnavailableError):
    """Others are waiting for their PDF already."""


class UnknownFormatError(DomainError):
    """A format that the answer is not to be had in."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.format = name
