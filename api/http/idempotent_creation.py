"""Creations that clients can repeat safely, with an ``Idempotency-Key``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.http.context import get_context
from api.http.private_responses import private_response
from api.services.access.audit_log import AuditContext
from api.services.access.idempotency import StoredResponse, claim_key, store_response

MAX_KEY_LENGTH = 100

# Creates an object, and returns the response body and the ETag.
Create = Callable[[Session, AuditContext], tuple[dict[str, Any], str | None]]


def create_once(audit: AuditContext, create: Create) -> Response:
    """Return a 201 with the result of ``create``, or the stored response if this is a repeated request.

    Raises InvalidRequestError for a malformed key, and IdempotencyKeyReusedError if a different request has
    used the key.
    """
    key = _get_key()
    with get_context().database.writing() as session:
        if key is not None:
            stored = claim_key(session, audit, key, _request_fingerprint(audit.actor_id))
            if stored is not None:
                return _replay(stored)
        body, etag = create(session, audit)
        if key is not None:
            store_response(session, audit, key, StoredResponse(201, to_json(body), etag))
    return private_response(body, status=201, etag=etag)


def _get_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= MAX_KEY_LENGTH:
        issue = Issue(IssueCode.MALFORMED_KEY, parameter="Idempotency-Key", data={"limit": MAX_KEY_LENGTH})
        raise InvalidRequestError([issue])
    return key


def _request_fingerprint(actor_id: int) -> str:
    parts = [request.method, request.path, str(actor_id), request.headers.get("If-Match", "")]
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.get_data()).hexdigest()


def _replay(stored: StoredResponse) -> Response:
    response = private_response(json.loads(stored.body), status=stored.status, etag=stored.etag)
    response.headers["Idempotent-Replayed"] = "true"
    return response
