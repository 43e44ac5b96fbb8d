"""Clients of the API for several people, each with a token of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.db.database import Database
from api.domain.roles import Role
from api.services.access.audit_log import make_audit_context
from api.services.access.tokens import create_token

# The roles of each person, by name. Mair both translates and reviews.
STAFF: Mapping[str, tuple[Role, ...]] = {
    "eirlys": (Role.EDITOR,),
    "twm": (Role.TRANSLATOR,),
    "mair": (Role.TRANSLATOR, Role.REVIEWER),
    "rhian": (Role.REVIEWER,),
    "pedr": (Role.PUBLISHER,),
    "ann": (Role.ADMIN,),
}


def create_tokens(database: Database, staff: Mapping[str, tuple[Role, ...]] = STAFF) -> dict[str, str]:
    """Create a token for each person, and return the secrets by name."""
    with database.writing() as session:
        audit = make_audit_context(session, "operator", "cli")
        return {name: create_token(session, audit, name, roles).secret for name, roles in staff.items()}


@dataclass(frozen=True)
class Clients:
    """Clients of one application. Each request uses the token of one person."""

    client: FlaskClient
    secrets: dict[str, str]

    @classmethod
    def of(cls, app: Flask) -> Clients:
        return cls(app.test_client(), create_tokens(app.extensions["eiliadau_hud"].database))

    def request(
        self,
        name: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        if_match: str | None = None,
        key: str | None = None,
        **query: str,
    ) -> TestResponse:
        """Send a request with the token of ``name``; ``path`` is below /v1."""
        headers = {"Authorization": f"Bearer {self.secrets[name]}"}
        headers |= {"If-Match": if_match} if if_match is not None else {}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        more = {} if body is None else {"json": body}
        return self.client.open("/v1" + path, method=method, headers=headers, query_string=query or None, **more)

    def read(self, name: str, path: str, **query: str) -> dict[str, Any]:
        """Return the JSON at ``path``, read with the token of ``name``."""
        return json_of(self.request(name, "GET", path, **query), 200)

    def write(self, name: str, method: str, path: str, body: Any = None) -> TestResponse:
        """Send a change with the token of ``name`` and the current ETag of the unit or resource."""
        item = "/".join(path.split("/")[:3])
        etag = self.request(name, "GET", item).headers["ETag"]
        return self.request(name, method, path, body, if_match=etag)

    def read_public(self, path: str, **query: str) -> dict[str, Any]:
        """Return the JSON at ``path``, read without a token."""
        return json_of(self.client.get("/v1" + path, query_string=query), 200)


def json_of(response: TestResponse, status: int) -> dict[str, Any]:
    """Assert the status of a response, and return its JSON."""
    assert response.status_code == status, f"{response.status_code}, not {status}: {response.text}"
    assert response.json is not None
    body: dict[str, Any] = response.json
    return body
