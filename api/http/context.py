"""What every door needs of the running service, and what is known of the request at hand."""

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
from api.domain.language import Language, Preference, read_accept_language
from api.i18n import N_, Translations
from api.services.delivery.release_cache import ReleaseCache
from api.services.delivery.request import Branding
from api.settings import Settings

_KEY = "eiliadau_hud"
_count = count(secrets.randbits(62) | 1 << 63).__next__
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

ATTRIBUTION = N_("From the booklet “{title}”. The rights stay with the booklet’s owners.")
# Where the booklet's title may not be shown in the language of the answer: nothing English stands in for Welsh.
UNTITLED_ATTRIBUTION = N_("The rights stay with the booklet’s owners.")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """The parts that ``create_app`` put together, and the clock by which requests are dated."""

    settings: Settings
    database: Database
    words: Translations
    now: Callable[[], datetime] = _now
    memory: ReleaseCache = field(default_factory=ReleaseCache)
    # What else /readyz tells of, by name: each gives "ok", or what is wrong and how the service helps itself.
    conditions: dict[str, Callable[[], str]] = field(default_factory=dict)

    @property
    def branding(self) -> Branding:
        return Branding(self.settings.public_url, self._attribute)

    def _attribute(self, language: Language, title: str | None) -> str:
        if title is None:
            return self.words.gettext(language, UNTITLED_ATTRIBUTION)
        return self.words.gettext(language, ATTRIBUTION, {"title": title})


def install_context(app: object, context: ServiceContext) -> None:
    """Hang ``service`` on a Flask application, for ``get_service``."""
    app.extensions[_KEY] = context  # type: ignore[attr-defined]


def get_context() -> ServiceContext:
    context: ServiceContext = current_app.extensions[_KEY]
    return context


def get_preference() -> Preference:
    """What the request's Accept-Language comes down to."""
    return read_accept_language(request.headers.get("Accept-Language"))


def get_named_language() -> Language | None:
    """The language that the address names, if it names one of ours."""
    value = request.args.get("lang")
    return Language(value) if value in set(Language) else None


def get_reader_language() -> Language:
    """The language in which to speak to the reader of this answer, problems included."""
    if "spoken" in g:
        spoken: Language = g.spoken
        return spoken
    default = Language(get_context().settings.default_language)
    return get_named_language() or get_preference().language or default


@contextmanager
def override_language(language: Language) -> Iterator[None]:
    """Speak this language to the reader, whatever was asked for: a page in both languages says everything twice."""
    g.spoken = language
    try:
        yield
    finally:
        del g.spoken


def get_request_id() -> str:
    """The id of the request at hand: the one that it came with, if that is fit for a log, or a new one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = accept_request_id(given)
    request_id: str = g.request_id
    return request_id


def accept_request_id(given: str | None) -> str:
    """The id that a request came with, if that is fit for a log, or hexadecimal digits that no other has."""
    return given if given and _REQUEST_ID.fullmatch(given) else make_request_id()


def make_request_id() -> str:
    """16 hexadecimal digits: a number that begins anywhere and goes up by one. Chance would cost a system call."""
    return hex(_count())[2:]
