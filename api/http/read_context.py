"""The read options of a request: its session, its release, its language rule, its list and filters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.kind import Kind
from api.domain.language import Fallback, Language
from api.domain.rule import decide_rule
from api.domain.state import MinState
from api.http.auth import authenticate_request, start_audit
from api.http.cache_hints import mark_cacheable, open_read_session
from api.http.context import get_context, get_preference
from api.http.surrogate_keys import surrogate_key
from api.services.delivery.content import ContentResult
from api.services.delivery.release_cache import CachedRelease
from api.services.delivery.request import NEXT_RELEASE, Filters, ListRequest, ReadContext
from api.services.publishing.preview import previewed_release
from api.services.publishing.snapshot import read_snapshot
from api.settings import Settings

Arguments = Mapping[str, Any]


@contextmanager
def open_requested_session(arguments: Arguments) -> Iterator[Session]:
    """A session that sees what the request reads: what is public, or (``release=next``, with a token) what would be."""
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
    """The reading that these arguments and the request's headers ask for. Raises ReleaseMissing."""
    settings = get_context().settings
    release: int | None = arguments.get("release")
    lang = Language(arguments["lang"]) if "lang" in arguments else None
    is_preview = release == NEXT_RELEASE
    is_fixed = release is not None and not is_preview and (lang is not None or is_bilingual)
    # What names a release and a language is immutable: no setting may reach into it.
    unsaid = MinState.TRANSLATED if is_fixed else MinState(settings.min_state)
    rule = decide_rule(
        lang,
        Fallback(arguments["fallback"]) if "fallback" in arguments else None,
        MinState(arguments.get("min_state", unsaid)),
        get_preference(),
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
        held=CachedRelease() if is_preview else get_context().memory.get(snapshot),
    )


def to_list_request(kind: Kind, arguments: Arguments) -> ListRequest:
    """The page that these arguments ask for."""
    return ListRequest(
        kind, to_filters(kind, arguments), arguments.get("sort"), arguments.get("limit", DEFAULT_LIMIT),
        arguments.get("after"), arguments.get("q"),
    )  # fmt: skip


def refuse_contradictions(arguments: Arguments) -> None:
    """Raise RequestRefused for a list that cannot be both found and read as it was, or in another order."""
    if "q" not in arguments:
        return
    given = [Issue(IssueCode.CURRENT_RELEASE_ONLY, parameter="release")] if "release" in arguments else []
    faults = given + ([Issue(IssueCode.RANKED_ALREADY, parameter="sort")] if "sort" in arguments else [])
    if faults:
        raise InvalidRequestError(faults)


def to_filters(kind: Kind, arguments: Arguments) -> Filters:
    return Filters(
        arguments.get("collection"),
        arguments.get("category"),
        arguments.get("number"),
        arguments.get(kind.facet) if kind.facet else None,
    )
