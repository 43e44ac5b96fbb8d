"""The context of the running service; the languages and the id of the current request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from flask import current_app, g, request

from api.db.database import Database
from api.domain.language import Language, Preference, parse_accept_language, parse_language
from api.i18n import Translations
from api.services.delivery.release_cache import ReleaseCache
from api.services.delivery.request import Branding
from api.settings import Settings

_KEY = "eiliadau_hud"
_count = count(secrets.randbits(62) | 1 << 63).__next__
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """The parts of the service that ``create_app`` puts together, and the clock."""

    settings: Settings
    database: Database
    translations: Translations
    now: Callable[[], datetime] = _now
    release_cache: ReleaseCache = field(default_factory=ReleaseCache)
    # More checks for /readyz, by name. A check returns "ok", or an error and the effect of that error on the service.
    readiness_checks: dict[str, Callable[[], str]] = field(default_factory=dict)

    @property
    def branding(self) -> Branding:
        return Branding(self.settings.public_url, self.translations)


def install_context(app: object, context: ServiceContext) -> None:
    """Attach the context to a Flask application, for ``get_context``."""
    app.extensions[_KEY] = context  # type: ignore[attr-defined]


def get_context() -> ServiceContext:
    """Return the context of the current application."""
    context: ServiceContext = current_app.extensions[_KEY]
    return context


def get_preference() -> Preference:
    """Return the language preference in the request's Accept-Language header."""
    return parse_accept_language(request.headers.get("Accept-Language"))


def get_named_language() -> Language | None:
    """Return the supported language in the query parameter ``lang``, or None."""
    return parse_language(request.args.get("lang", ""))


def get_reader_language() -> Language:
    """Return the language of the messages in this response, problems included."""
    if "language" in g:
        language: Language = g.language
        return language
    default = Language(get_context().settings.default_language)
    return get_named_language() or get_preference().language or default


def set_reader_language(language: Language) -> None:
    """Use this language for all messages in the rest of the request."""
    g.language = language


@contextmanager
def override_language(language: Language) -> Iterator[None]:
    """Use this language for all messages within the block. Pages in both languages need this."""
    g.language = language
    try:
        yield
    finally:
        del g.language


def get_request_id() -> str:
    """Return the id of the current request: the client's id if it is safe to log, or else a new id."""
    if "request_id" not in g:
        g.request_id = accept_request_id(request.headers.get("X-Request-Id", ""))
    request_id: str = g.request_id
    return request_id


def accept_request_id(client_id: str | None) -> str:
    """Return the client's id if it is safe to log, or else a new id."""
    return client_id if client_id and _REQUEST_ID.fullmatch(client_id) else make_request_id()


def make_request_id() -> str:
    """Return 16 hexadecimal digits: a counter with a random start, which costs less than random digits."""
    return hex(_count())[2:]
