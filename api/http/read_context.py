"""The read options of a request: session, release, language rule, list and filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import has_request_context, request
from sqlalchemy.orm import Session

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import Kind
from api.domain.language import Fallback, Language
from api.domain.rule import decide_rule
from api.domain.state import MinState
from api.http.auth import authenticate_request, start_audit
from api.http.cache_hints import FROM_PRIMARY, ON_REPLICA
from api.http.context import get_context, get_preference
from api.services.delivery.release_cache import CachedRelease
from api.services.delivery.request import NEXT_RELEASE, Filters, ListRequest, ReadContext
from api.services.publishing.preview import previewed_release
from api.services.publishing.snapshot import read_snapshot

Arguments = Mapping[str, Any]


@contextmanager
def open_read_session() -> Iterator[Session]:
    """Open a session on the public content, on the replica if there is one. Raises DatabaseUnavailableError."""
    # Commands call this function outside a request.
    from_primary = not has_request_context() or FROM_PRIMARY in request.environ
    with get_context().database.reading_replica(from_primary=from_primary) as (session, is_replica):
        if is_replica:
            request.environ[ON_REPLICA] = True
        yield session


@contextmanager
def open_requested_session(arguments: Arguments) -> Iterator[Session]:
    """Open a session on the public content, or with ``release=next`` on the next release.

    The next release needs a valid token. Raises UnauthenticatedError.
    """
    context = get_context()
    if arguments.get("release") != NEXT_RELEASE:
        with open_read_session() as session:
            yield session
        return
    audit = start_audit(authenticate_request())
    required = MinState(context.settings.release_state)
    with context.database.writing() as session, previewed_release(session, audit, required):
        yield session


def parse_read_context(session: Session, arguments: Arguments, *, is_bilingual: bool = False) -> ReadContext:
    """Return the read options from these arguments and the request's headers. Raises ReleaseNotFoundError."""
    context = get_context()
    settings = context.settings
    release: int | None = arguments.get("release")
    lang = Language(arguments["lang"]) if "lang" in arguments else None
    is_preview = release == NEXT_RELEASE
    is_fixed = release is not None and not is_preview and (lang is not None or is_bilingual)
    # The response at a URL that names the release and the language never changes, so settings must not affect it.
    default_min_state = MinState.TRANSLATED if is_fixed else MinState(settings.min_state)
    preference = get_preference()
    rule = decide_rule(
        lang,
        Fallback(arguments["fallback"]) if "fallback" in arguments else None,
        MinState(arguments.get("min_state", default_min_state)),
        preference,
        Language(settings.default_language),
    )
    snapshot = read_snapshot(session, None if is_preview else release)
    return ReadContext(
        snapshot=snapshot,
        rule=rule,
        is_pinned=release is not None,
        is_preview=is_preview,
        is_bilingual=is_bilingual,
        fields=tuple(arguments.get("fields", ())),
        default_min_state=MinState(settings.min_state),
        is_language_open=lang is None and preference.language is None and not is_bilingual,
        cache=CachedRelease() if is_preview else context.release_cache.get(snapshot),
    )


def to_list_request(kind: Kind, arguments: Arguments) -> ListRequest:
    """Return the request for a page of a list, from these arguments."""
    return ListRequest(
        kind,
        to_filters(kind, arguments),
        sort=arguments.get("sort"),
        limit=arguments.get("limit", DEFAULT_LIMIT),
        after=arguments.get("after"),
        q=arguments.get("q"),
    )


def refuse_contradictions(arguments: Arguments) -> None:
    """Raise InvalidRequestError if a search names a release or a sort order.

    A search always reads the newest release, and sorts by rank.
    """
    if "q" not in arguments:
        return
    refused = {"release": IssueCode.CURRENT_RELEASE_ONLY, "sort": IssueCode.RANKED_ALREADY}
    if issues := [Issue(code, parameter=name) for name, code in refused.items() if name in arguments]:
        raise InvalidRequestError(issues)


def to_filters(kind: Kind, arguments: Arguments) -> Filters:
    """Return the filters in these arguments."""
    return Filters(
        arguments.get("collection"),
        arguments.get("category", ()),
        arguments.get("number"),
        arguments.get(kind.facet, ()) if kind.facet else (),
        arguments.get("id", ()),
    )
