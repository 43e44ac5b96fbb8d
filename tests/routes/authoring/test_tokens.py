"""Tokens: owners, secrets, expiry, and limits to one language."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.db.database import lock_exclusive
from api.domain.roles import Role
from api.models import Idempotency, Token
from api.services.access import tokens
from api.services.access.tokens import authenticate
from tests.routes.authoring.conftest import MakeActors
from tests.tools.actors import (
    BODY,
    PANED,
    TITLE,
    WELSH_TITLE,
    Actors,
    assert_refused,
    issue_codes,
    nothing_changes,
    scalar,
    snapshot,
)
from tests.tools.clients import json_of

NEW = {"name": "Rhodri", "roles": ["translator", "reviewer"], "language": "cy", "expires": "90d"}
SECRET = re.compile(r"eih_[0-9a-f]{10}_[A-Za-z0-9_-]{43}")


def test_a_secret_is_recognisable_and_unique(actors: Actors) -> None:
    created = [json_of(actors.request("ann", "POST", "/tokens", NEW), 201) for _ in range(3)]
    secrets = [token["token"] for token in created]
    assert all(SECRET.fullmatch(secret) for secret in secrets)
    assert len({secret[:14] for secret in secrets}) == len({secret[15:] for secret in secrets}) == 3
    assert [token["prefix"] for token in created] == [secret[:14] for secret in secrets]


def test_a_secret_is_shown_once_and_not_stored(actors: Actors) -> None:
    created = json_of(actors.request("ann", "POST", "/tokens", NEW, key="once"), 201)
    secret = created["token"]
    again = json_of(actors.request("ann", "POST", "/tokens", NEW, key="once"), 201)
    assert again["token"] != secret
    assert scalar(actors, select(func.count()).select_from(Idempotency)) == 0
    actors.secrets["rhodri"] = secret
    actors.request("rhodri", "GET", "/units")
    for listing in (actors.read("ann", "/tokens"), actors.read("ann", "/audit")):
        assert secret[15:] not in str(listing)
        assert scalar(actors, select(Token.hash).where(Token.prefix == created["prefix"])) not in str(listing)
    rows_by_table = snapshot(actors.database.engine) | {"token": _rows_of_tokens(actors)}
    assert created["prefix"] in str(rows_by_table["token"])
    assert all(secret[15:] not in row for rows in rows_by_table.values() for row in rows)
    if actors.database.is_sqlite:
        path = actors.database.engine.url.database or ""
        # The database file, and its write-ahead log if there is one.
        files = [Path(path), *Path(path).parent.glob(f"{Path(path).name}-wal")]
        assert all(secret[15:].encode() not in file.read_bytes() for file in files)


def _rows_of_tokens(actors: Actors) -> list[str]:
    with actors.database.engine.connect() as connection:
        return [repr(tuple(row)) for row in connection.execute(select(Token.__table__))]


def test_secrets_are_compared_in_constant_time(actors: Actors, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(a: str, b: str) -> bool:
        compared.append((a, b))
        return hmac.compare_digest(a, b)

    monkeypatch.setattr(tokens, "hmac", type("Module", (), {"compare_digest": staticmethod(compare)}))
    now = datetime.now(UTC)
    good = actors.secrets["twm"]
    assert authenticate(actors.database, good, now) is not None
    assert authenticate(actors.database, good[:-1] + ("A" if good[-1] != "A" else "B"), now) is None
    assert authenticate(actors.database, "eih_0000000000_" + good[15:], now) is None
    assert authenticate(actors.database, "nonsense", now) is None
    assert len(compared) == 4
    assert all(len(a) == len(b) == 64 for a, b in compared)


def test_the_last_use_is_recorded_at_most_once_a_minute(actors: Actors) -> None:
    query = select(Token.last_used_at).where(Token.prefix == actors.secrets["twm"][:14])
    start = datetime(2031, 1, 1, 12, tzinfo=UTC)
    for seconds, expected in ((0, 0), (1, 0), (59, 0), (60, 60), (100, 60), (121, 121)):
        assert authenticate(actors.database, actors.secrets["twm"], start + timedelta(seconds=seconds)) is not None
        assert scalar(actors, query) == start + timedelta(seconds=expected), seconds


def test_the_use_of_a_refused_token_is_not_recorded(actors: Actors) -> None:
    query = select(Token.last_used_at).where(Token.prefix == actors.secrets["twm"][:14])
    before = scalar(actors, query)
    assert authenticate(actors.database, actors.secrets["twm"] + "x", datetime(2032, 1, 1, tzinfo=UTC)) is None
    assert scalar(actors, query) == before


def test_a_token_is_invalid_from_its_expiry_time(actors: Actors) -> None:
    created_at = datetime(2031, 1, 1, tzinfo=UTC)
    expires_at = created_at + timedelta(days=90)
    secret = actors.add_actor("late", Role.EDITOR, at=created_at, expires_at=expires_at)
    assert authenticate(actors.database, secret, expires_at - timedelta(seconds=1)) is not None
    assert authenticate(actors.database, secret, expires_at) is None


def test_lists_of_tokens_contain_no_secrets(actors: Actors) -> None:
    created = json_of(actors.request("ann", "POST", "/tokens", NEW), 201)
    listed = actors.read("ann", "/tokens")["items"][0]
    assert listed == {name: value for name, value in created.items() if name != "token"}
    assert (listed["name"], listed["roles"], listed["language"]) == ("rhodri", ["reviewer", "translator"], "cy")
    assert listed["last_used_at"] is None
    lifetime = datetime.fromisoformat(listed["expires_at"]) - datetime.fromisoformat(listed["created_at"])
    assert lifetime == timedelta(days=90)


def test_a_revoked_token_is_refused(actors: Actors) -> None:
    prefix = actors.secrets["twm"][:14]
    assert actors.request("ann", "DELETE", f"/tokens/{prefix}").status_code == 204
    assert_refused(actors.request("twm", "GET", "/units"), 401, "token-not-valid")
    listed = {token["prefix"]: token for token in actors.read("ann", "/tokens")["items"]}
    assert listed[prefix]["revoked_at"] is not None
    with nothing_changes(actors):
        assert actors.request("ann", "DELETE", f"/tokens/{prefix}").status_code == 204
        assert_refused(actors.request("ann", "DELETE", "/tokens/eih_0123456789"), 404, "unknown-id")


def test_tokens_with_the_same_name_belong_to_the_same_person(actors: Actors) -> None:
    actors.add_actor("again", Role.REVIEWER, name=" TWM ")
    actors.deliver()
    assert_refused(actors.try_action("again", "review", {"decision": "approve"}), 403, "own-revision")
    actors.act("again", "target", {"text": "CY eto"})
    assert actors.target()["updated_by"] == "twm"


@pytest.mark.parametrize(
    ("name", "code"),
    [("Rhi\u200ban", "invisible-character"), ("\u202eRhian", "invisible-character"), ("\u2800", "empty"),
     ("Rhian\nTwm", "not-one-line"), ("Rh\0", "invalid-character"), ("x" * 201, "too-long"),
     ("content", "reserved-name"), (" OPERATOR ", "reserved-name")],
)  # fmt: skip
@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_invalid_name_is_refused(actors: Actors, name: str, code: str, language: str) -> None:
    with nothing_changes(actors):
        response = actors.request("ann", "POST", "/tokens", {"name": name, "roles": ["reviewer"]}, lang=language)
        problem = assert_refused(response, 400, "invalid-request", language)
    assert issue_codes(problem) == [("/name", code)]


def test_names_that_differ_only_in_spaces_belong_to_the_same_person(actors: Actors) -> None:
    for name in ("Ann Wyn", " ann  wyn", "Ann\u00a0Wyn"):
        created = json_of(actors.request("ann", "POST", "/tokens", {"name": name, "roles": ["reviewer"]}), 201)
        assert created["name"] == "ann wyn"


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("target", WELSH_TITLE, {"text": "EN again"}),
    ("confirm", WELSH_TITLE, {}),
    ("review", WELSH_TITLE, {"decision": "approve"}),
    ("revert", WELSH_TITLE, {"side": "target", "revision": 1}),
    ("source", TITLE, {"text": "EN again"}),
    ("minor", TITLE, {"revision": 2, "minor": True, "comment": "x"}),
    ("revert", TITLE, {"side": "source", "revision": 1}),
]


@pytest.mark.parametrize(("action", "unit", "body"), REFUSED)
def test_a_token_for_welsh_may_not_write_english(actors: Actors, action: str, unit: str, body: dict[str, Any]) -> None:
    actors.add_actor("limited", Role.EDITOR, Role.TRANSLATOR, Role.REVIEWER, language="cy")
    actors.outdate(TITLE)
    actors.act("eirlys", "source", {"text": "CY hollol wahanol"}, WELSH_TITLE)
    actors.act("twm", "target", {"text": "EN wholly other"}, WELSH_TITLE)
    with nothing_changes(actors):
        problem = assert_refused(actors.try_action("limited", action, body, unit), 403, "language-not-allowed")
    assert "en" in problem["detail"]


def test_a_token_for_welsh_may_write_welsh(actors: Actors) -> None:
    actors.add_actor("limited", Role.EDITOR, Role.TRANSLATOR, Role.REVIEWER, language="cy")
    actors.act("limited", "target", {"text": "CY eto"})
    actors.outdate(TITLE)
    actors.act("limited", "confirm", {})
    actors.act("limited", "revert", {"side": "target", "revision": 1})
    actors.act("twm", "target", {"text": "CY gan rywun arall"})
    actors.act("limited", "review", {"decision": "approve"})
    actors.act("limited", "source", {"text": "CY newydd sbon"}, WELSH_TITLE)
    actors.act("limited", "minor", {"revision": 2, "minor": True, "comment": "x"}, WELSH_TITLE)
    actors.act("limited", "revert", {"side": "source", "revision": 1}, WELSH_TITLE)


def test_a_token_for_welsh_may_create_resources_in_welsh_only(actors: Actors) -> None:
    actors.add_actor("limited", Role.EDITOR, language="cy")
    new = {"kind": "moment", "collection": "small", "category": "care", "source_language": "cy"}
    both = new | {"texts": {"title": {"cy": "Un", "en": "One"}, "body": {"cy": "Stori."}}}
    with nothing_changes(actors):
        assert_refused(actors.request("limited", "POST", "/resources", both), 403, "language-not-allowed")
        english = new | {"source_language": "en", "texts": {"title": {"en": "One"}, "body": {"en": "A story."}}}
        assert_refused(actors.request("limited", "POST", "/resources", english), 403, "language-not-allowed")
    welsh = new | {"texts": {"title": {"cy": "Un"}, "body": {"cy": "Stori."}}}
    assert actors.request("limited", "POST", "/resources", welsh).status_code == 201


def test_a_token_for_one_language_can_read_both(actors: Actors) -> None:
    actors.add_actor("limited", Role.TRANSLATOR, language="cy")
    for path in ("/units", f"/units/{BODY}", f"/units/{WELSH_TITLE}/history", f"/resources/{PANED}", "/releases/next"):
        assert actors.request("limited", "GET", path).status_code == 200


def test_a_write_lock_does_not_delay_reads_with_a_token(make_actors: MakeActors) -> None:
    actors = make_actors(busy_timeout_ms=60_000)
    actors.add_actor("nia", Role.TRANSLATOR)
    with actors.database.writing() as session:
        lock_exclusive(session)
        # With SQLite, the first use cannot be recorded while the lock is held, and waiting for the lock takes a minute.
        actors.read("nia", "/units", limit="1")
    actors.read("nia", "/units", limit="1")
    assert {token["name"]: token["last_used_at"] for token in actors.read("ann", "/tokens")["items"]}["nia"]
