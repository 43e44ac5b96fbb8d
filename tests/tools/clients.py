"""A desk at which everybody works with a token of their own, for the tests that go through many acts."""

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

# Everybody at the desk, by name. Mair reviews what she did not write, and writes too.
STAFF: Mapping[str, tuple[Role, ...]] = {
    "eirlys": (Role.EDITOR,),
    "twm": (Role.TRANSLATOR,),
    "mair": (Role.TRANSLATOR, Role.REVIEWER),
    "rhian": (Role.REVIEWER,),
    "pedr": (Role.PUBLISHER,),
    "ann": (Role.ADMIN,),
}


def make_secrets(database: Database, staff: Mapping[str, tuple[Role, ...]] = STAFF) -> dict[str, str]:
    """A token for each, by name."""
    with database.writing() as session:
        audit = make_audit_context(session, "operator", "cli")
        return {name: create_token(session, audit, name, roles).secret for name, roles in staff.items()}


@dataclass(frozen=True)
class Desk:
    """The service, asked by people."""

    client: FlaskClient
    secrets: Mapping[str, str]

    @classmethod
    def of(cls, app: Flask) -> Desk:
        return cls(app.test_client(), make_secrets(app.extensions["eiliadau_hud"].database))

    def ask(
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
        """What ``name`` is answered; ``path`` is under /v1."""
        headers = {"Authorization": f"Bearer {self.secrets[name]}"}
        headers |= {"If-Match": if_match} if if_match is not None else {}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        more = {} if body is None else {"json": body}
        return self.client.open("/v1" + path, method=method, headers=headers, query_string=query or None, **more)

    def read(self, name: str, path: str, **query: str) -> dict[str, Any]:
        """What ``name`` reads there."""
        return json_of(self.ask(name, "GET", path, **query), 200)

    def work(self, name: str, method: str, path: str, body: Any = None) -> TestResponse:
        """What ``name`` is answered who read what stands right before, and changes that."""
        unit = "/".join(path.split("/")[:3])
        etag = self.ask(name, "GET", unit).headers["ETag"]
        return self.ask(name, method, path, body, if_match=etag)

    def public(self, path: str, **query: str) -> dict[str, Any]:
        """What anybody reads there."""
        return json_of(self.client.get("/v1" + path, query_string=query), 200)


def json_of(response: TestResponse, status: int) -> dict[str, Any]:
    """The JSON of an answer with this status, or a failure that shows the answer."""
    assert response.status_code == status, f"{response.status_code}, not {status}: {response.text}"
    assert response.json is not None
    found: dict[str, Any] = response.json
    return found
