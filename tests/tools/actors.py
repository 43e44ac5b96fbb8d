"""A small booklet with everybody's tokens in it, and what stands in its database before and after an act."""

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
from tests.tools.addresses import assert_problem
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Desk, json_of, make_secrets

# A resource in English first, one in Welsh first, and what their units are called.
FIRST, PANED = "moment.first", "moment.paned"
TITLE, BODY = f"{FIRST}.title", f"{FIRST}.body"
WELSH_TITLE = f"{PANED}.title"
# Written at every use of a token, at most once a minute: no part of what an act changes.
UNCOUNTED = ("token",)


@dataclass(frozen=True)
class People(Desk):
    """The desk of one application, with a look into its database."""

    app: Flask

    @property
    def database(self) -> Database:
        database: Database = self.app.extensions["eiliadau_hud"].database
        return database

    def hire(self, alias: str, *roles: Role, name: str | None = None, language: str | None = None, **more: Any) -> str:
        """The secret of a token for a person called ``name``, known to this desk as ``alias``."""
        limit = Language(language) if language else None
        with self.database.writing() as session:
            act = make_audit_context(session, "operator", "cli", at=more.pop("at", None))
            made = create_token(session, act, name or alias, roles, language=limit, **more)
        self.secrets[alias] = made.secret  # type: ignore[index]  # a dict, however it is called
        return made.secret

    def unit(self, name: str = TITLE) -> dict[str, Any]:
        """A unit as it stands."""
        return self.read("ann", f"/units/{name}")

    def target(self, name: str = TITLE) -> dict[str, Any]:
        found: dict[str, Any] = self.unit(name)["target"]
        return found

    def act(self, who: str, what: str, body: Mapping[str, Any], unit: str = TITLE) -> dict[str, Any]:
        """The unit after an act that goes well. ``what`` is ``target``, ``source``, ``confirm``, …"""
        return json_of(self.try_act(who, what, body, unit), 200)

    def try_act(self, who: str, what: str, body: Mapping[str, Any], unit: str = TITLE) -> TestResponse:
        """The answer to an act of somebody who has read what stands."""
        method = "PUT" if what in {"target", "source"} else "POST"
        return self.work(who, method, f"/units/{unit}/{what}", body)

    def history(self, side: str = "target", unit: str = TITLE) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.read("ann", f"/units/{unit}/history")[side]
        return found

    def change(self, resource: str, body: Mapping[str, Any]) -> TestResponse:
        """The answer to an editor's change of a resource as it stands."""
        return self.work("eirlys", "PATCH", f"/resources/{resource}", body)

    def publish(self, **body: Any) -> TestResponse:
        """The answer to a publisher."""
        return self.ask("pedr", "POST", "/releases", {"note": "a release", **body})

    def blockers(self) -> list[tuple[str, str]]:
        """What blocks the next release."""
        return [(b["resource"], b["gap"]) for b in self.read("ann", "/releases/next")["blockers"]]

    def audit(self, **query: str) -> list[dict[str, Any]]:
        """The trail, newest first."""
        found: list[dict[str, Any]] = self.read("ann", "/audit", **query)["items"]
        return found

    def snapshot(self) -> dict[str, list[str]]:
        """Every row of every table, but of those that reading writes."""
        return snapshot(self.database.engine)

    def deliver(self, unit: str = TITLE) -> None:
        """A new text from the translator."""
        self.act("twm", "target", {"text": f"CY newydd {len(self.history('target', unit))}"}, unit)

    def outdate(self, unit: str = TITLE) -> None:
        """A new source from the editor."""
        self.act("eirlys", "source", {"text": f"EN anew {len(self.history('source', unit))}"}, unit)


def snapshot(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table as text, but of those that reading writes."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in UNCOUNTED
        }


@contextmanager
def nothing_changes(people: People) -> Iterator[None]:
    """Fails unless the database is the same afterwards, row for row."""
    before = people.snapshot()
    yield
    after = people.snapshot()
    assert after == before, [name for name in before if before[name] != after[name]]


def assert_refused(response: TestResponse, status: int, name: str, language: str = "en") -> dict[str, Any]:
    """The problem of this name that the answer is, kept by nobody."""
    problem = assert_problem(response, status, language)
    assert problem["type"].rpartition("/")[2] == name, problem
    assert response.headers["Cache-Control"] == "no-store"
    return problem


def codes(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where and what is wrong, of each of its errors."""
    return [(error.get("pointer", error.get("parameter")), error["code"]) for error in problem["errors"]]


def make_world(database: Database) -> dict[str, str]:
    """Load the small booklet as release 1 and make everybody's token: their secrets, by name."""
    with database.writing() as session:
        load(session, small_booklet())
    return make_secrets(database)


def scalar(people: People, query: Any) -> Any:
    """One value from the database."""
    with Session(people.database.engine) as session:
        return session.scalar(query)
