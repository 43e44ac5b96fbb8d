"""What every door of the working copy shares: answers that no cache keeps, preconditions, creations asked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy.orm import Session

from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.roles import Person
from api.http.context import get_context
from api.services.access.audit_log import AuditContext
from api.services.access.idempotency import StoredResponse, claim_key, store_response

MAX_KEY = 100


def private_response(body: Mapping[str, Any], *, status: int = 200, etag: str | None = None) -> Response:
    """``body`` as JSON for its reader alone."""
    response = Response(to_json(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization"
    if etag is not None:
        response.headers["ETag"] = etag
    return response


def get_if_match() -> str | None:
    return request.headers.get("If-Match")


def page_url(path: str, arguments: Mapping[str, Any], after: str | None) -> str:
    """This list's address with these parameters, from ``after`` on."""
    said = {name: _spell(value) for name, value in arguments.items() if name != "after"}
    if after is not None:
        said["after"] = after
    query = urlencode(sorted(said.items()))
    return f"{get_context().settings.public_url}/v1{path}" + (f"?{query}" if query else "")


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_fingerprint(name: str, arguments: Mapping[str, Any]) -> str:
    """Which list a page is of, so that none is continued in another."""
    said = sorted((key, _spell(value)) for key, value in arguments.items() if key not in {"after", "limit", "counts"})
    return hashlib.sha256(json.dumps([name, said]).encode()).hexdigest()[:12]


Make = Callable[[Session, AuditContext], tuple[dict[str, Any], str | None]]


def create_once(person: Person, audit: AuditContext, make: Make) -> Response:
    """201 with what ``make`` makes; with an Idempotency-Key that came before, the answer of that time, once more."""
    key = _get_key()
    with get_context().database.writing() as session:
        if key is not None:
            kept = claim_key(session, audit, key, _fingerprint(person))
            if kept is not None:
                response = private_response(json.loads(kept.body), status=kept.status, etag=kept.etag)
                response.headers["Idempotent-Replayed"] = "true"
                return response
        body, etag = make(session, audit)
        if key is not None:
            store_response(session, audit, key, StoredResponse(201, to_json(body), etag))
    return private_response(body, status=201, etag=etag)


def _get_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= MAX_KEY:
        raise InvalidRequestError(
            [Issue(IssueCode.MALFORMED_KEY, parameter="Idempotency-Key", data={"limit": MAX_KEY})]
        )
    return key


def _fingerprint(person: Person) -> str:
    parts = [request.method, request.path, str(person.actor_id), request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.get_data()).hexdigest()
