"""Clients with tokens for an application that serves the small booklet, and snapshots of its database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.db.database import Database
from api.domain.language import Language
from api.domain.roles import Role
from api.models import Base
from api.services.access.audit_log import make_audit_context
from api.services.access.tokens import create_token
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Clients, create_tokens, json_of
from tests.tools.endpoints import assert_problem

# A resource written in English, one written in Welsh, and their units.
FIRST, PANED = "moment.first", "moment.paned"
TITLE, BODY = f"{FIRST}.title", f"{FIRST}.body"
WELSH_TITLE = f"{PANED}.title"
# Requests may change these tables without changing content. The token table records the last use of a token.
VOLATILE_TABLES = ("token",)


@dataclass(frozen=True)
class Actors(Clients):
    """Clients with access to the application and its database."""

    app: Flask

    @property
    def database(self) -> Database:
        database: Database = self.app.extensions["eiliadau_hud"].database
        return database

    def add_actor(
        self, alias: str, *roles: Role, name: str | None = None, language: str | None = None, **more: Any
    ) -> str:
        """Create a token for a person called ``name``, use it for requests by ``alias``, and return its secret."""
        limit = Language(language) if language else None
        with self.database.writing() as session:
            audit = make_audit_context(session, "operator", "cli", at=more.pop("at", None))
            token = create_token(session, audit, name or alias, roles, language=limit, **more)
        self.secrets[alias] = token.secret
        return token.secret

    def unit(self, name: str = TITLE) -> dict[str, Any]:
        """Return a unit."""
        return self.read("ann", f"/units/{name}")

    def target(self, name: str = TITLE) -> dict[str, Any]:
        target: dict[str, Any] = self.unit(name)["target"]
        return target

    def act(self, actor: str, action: str, body: Mapping[str, Any], unit: str = TITLE) -> dict[str, Any]:
        """Request an action (``target``, ``confirm``, …) on a unit, assert its success, and return the changed unit."""
        return json_of(self.try_action(actor, action, body, unit), 200)

    def try_action(self, actor: str, action: str, body: Mapping[str, Any], unit: str = TITLE) -> TestResponse:
        """Request an action on a unit, with the current ETag of the unit, and return the response."""
        method = "PUT" if action in {"target", "source"} else "POST"
        return self.write(actor, method, f"/units/{unit}/{action}", body)

    def history(self, side: str = "target", unit: str = TITLE) -> list[dict[str, Any]]:
        """Return the revisions of one side of a unit, oldest first."""
        revisions: list[dict[str, Any]] = self.read("ann", f"/units/{unit}/history")[side]
        return revisions

    def change_resource(self, resource: str, body: Mapping[str, Any]) -> TestResponse:
        """Change a resource as an editor, with the current ETag of the resource, and return the response."""
        return self.write("eirlys", "PATCH", f"/resources/{resource}", body)

    def publish(self, **body: Any) -> TestResponse:
        """Request a release as a publisher, and return the response."""
        return self.request("pedr", "POST", "/releases", {"note": "a release", **body})

    def blockers(self) -> list[tuple[str, str]]:
        """Return a pair for each blocker of the next release: the resource and the gap."""
        return [(b["resource"], b["gap"]) for b in self.read("ann", "/releases/next")["blockers"]]

    def audit(self, **query: str) -> list[dict[str, Any]]:
        """Return the entries of the audit log, newest first."""
        entries: list[dict[str, Any]] = self.read("ann", "/audit", **query)["items"]
        return entries

    def snapshot(self) -> dict[str, list[str]]:
        """Return the rows of all tables except the volatile tables."""
        return snapshot(self.database.engine)

    def deliver(self, unit: str = TITLE) -> None:
        """Deliver a new target as the translator."""
        self.act("twm", "target", {"text": f"CY newydd {len(self.history('target', unit))}"}, unit)

    def outdate(self, unit: str = TITLE) -> None:
        """Change the source as the editor, which outdates the target."""
        self.act("eirlys", "source", {"text": f"EN changed {len(self.history('source', unit))}"}, unit)


def snapshot(engine: Engine) -> dict[str, list[str]]:
    """Return the rows of all tables except the volatile tables. Rows are texts, in lists keyed by table name."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in VOLATILE_TABLES
        }


@contextmanager
def nothing_changes(actors: Actors) -> Iterator[None]:
    """Assert that the block does not change the rows of the database."""
    before = actors.snapshot()
    yield
    after = actors.snapshot()
    assert after == before, [name for name in before if before[name] != after[name]]


def assert_refused(response: TestResponse, status: int, name: str, language: str = "en") -> dict[str, Any]:
    """Assert that a response is the problem with this name and is not cacheable, and return the problem."""
    problem = assert_problem(response, status, language)
    assert problem["type"].rpartition("/")[2] == name, problem
    assert response.headers["Cache-Control"] == "no-store"
    return problem


def issue_codes(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a pair for each issue of a problem: the pointer or parameter, and the code."""
    return [(error.get("pointer", error.get("parameter")), error["code"]) for error in problem["errors"]]


def seed_small_booklet(database: Database) -> dict[str, str]:
    """Load the small booklet as release 1, create a token for each person in STAFF, and return the secrets by name."""
    with database.writing() as session:
        load(session, small_booklet())
    return create_tokens(database)


def scalar(actors: Actors, query: Any) -> Any:
    """Return one value from the database."""
    with Session(actors.database.engine) as session:
        return session.scalar(query)
