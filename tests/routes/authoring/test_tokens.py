"""Tokens: whose they are, what their secrets are made of, and to which language they may be limited."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from api.db.database import lock_exclusive
from api.domain.roles import Role
from api.models import Idempotency, Token
from api.services.access import tokens
from api.services.access.tokens import authenticate
from tests.routes.authoring.conftest import MakePeople
from tests.tools.actors import (
    BODY,
    PANED,
    TITLE,
    WELSH_TITLE,
    People,
    assert_refused,
    codes,
    nothing_changes,
    scalar,
    snapshot,
)
from tests.tools.clients import json_of

NEW = {"name": "Rhodri", "roles": ["translator", "reviewer"], "language": "cy", "expires": "90d"}
SECRET = re.compile(r"eih_[0-9a-f]{10}_[A-Za-z0-9_-]{43}")


def test_a_secret_is_recognisable_and_never_the_same(people: People) -> None:
    made = [json_of(people.ask("ann", "POST", "/tokens", NEW), 201) for _ in range(3)]
    secrets = [each["token"] for each in made]
    assert all(SECRET.fullmatch(secret) for secret in secrets)
    assert len({secret[:14] for secret in secrets}) == len({secret[15:] for secret in secrets}) == 3
    assert [each["prefix"] for each in made] == [secret[:14] for secret in secrets]


def test_a_secret_is_shown_once_and_is_nowhere_in_the_database(people: People) -> None:
    made = json_of(people.ask("ann", "POST", "/tokens", NEW, key="once"), 201)
    secret = made["token"]
    again = json_of(people.ask("ann", "POST", "/tokens", NEW, key="once"), 201)
    assert again["token"] != secret
    assert scalar(people, select(func.count()).select_from(Idempotency)) == 0
    people.secrets["rhodri"] = secret
    people.ask("rhodri", "GET", "/units")
    for said in (people.read("ann", "/tokens"), people.read("ann", "/audit")):
        assert secret[15:] not in str(said)
        assert scalar(people, select(Token.hash).where(Token.prefix == made["prefix"])) not in str(said)
    kept = snapshot(people.database.engine) | {"token": _rows_of_tokens(people)}
    assert made["prefix"] in str(kept["token"])
    assert all(secret[15:] not in row for rows in kept.values() for row in rows)
    if people.database.is_sqlite:
        path = people.database.engine.url.database or ""
        for file in (path, path + "-wal"):
            with open(file, "rb") as data:  # noqa: PTH123  # the database's own bytes, and its log's
                assert secret[15:].encode() not in data.read()


def _rows_of_tokens(people: People) -> list[str]:
    with people.database.engine.connect() as connection:
        return [repr(tuple(row)) for row in connection.execute(select(Token.__table__))]


def test_secrets_are_compared_in_constant_time(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(a: str, b: str) -> bool:
        compared.append((a, b))
        return hmac.compare_digest(a, b)

    monkeypatch.setattr(tokens, "hmac", type("Module", (), {"compare_digest": staticmethod(compare)}))
    now = datetime.now(UTC)
    good = people.secrets["twm"]
    assert authenticate(people.database, good, now) is not None
    assert authenticate(people.database, good[:-1] + ("A" if good[-1] != "A" else "B"), now) is None
    assert authenticate(people.database, "eih_0000000000_" + good[15:], now) is None
    assert authenticate(people.database, "nonsense", now) is None
    assert len(compared) == 4
    assert all(len(a) == len(b) == 64 for a, b in compared)


def test_the_last_use_is_recorded_at_most_once_a_minute(people: People) -> None:
    query = select(Token.last_used_at).where(Token.prefix == people.secrets["twm"][:14])
    start = datetime(2031, 1, 1, 12, tzinfo=UTC)
    for seconds, expected in ((0, 0), (1, 0), (59, 0), (60, 60), (100, 60), (121, 121)):
        assert authenticate(people.database, people.secrets["twm"], start + timedelta(seconds=seconds)) is not None
        assert scalar(people, query) == start + timedelta(seconds=expected), seconds


def test_a_refused_token_is_not_used(people: People) -> None:
    query = select(Token.last_used_at).where(Token.prefix == people.secrets["twm"][:14])
    before = scalar(people, query)
    assert authenticate(people.database, people.secrets["twm"] + "x", datetime(2032, 1, 1, tzinfo=UTC)) is None
    assert scalar(people, query) == before


def test_a_token_ends_when_it_was_said_to(people: People) -> None:
    made = datetime(2031, 1, 1, tzinfo=UTC)
    ends = made + timedelta(days=90)
    secret = people.hire("late", Role.EDITOR, at=made, expires_at=ends)
    assert authenticate(people.database, secret, ends - timedelta(seconds=1)) is not None
    assert authenticate(people.database, secret, ends) is None


def test_lists_tell_all_but_secrets(people: People) -> None:
    made = json_of(people.ask("ann", "POST", "/tokens", NEW), 201)
    listed = people.read("ann", "/tokens")["items"][0]
    assert listed == {name: value for name, value in made.items() if name != "token"}
    assert (listed["name"], listed["roles"], listed["language"]) == ("rhodri", ["reviewer", "translator"], "cy")
    assert listed["last_used_at"] is None
    lives = datetime.fromisoformat(listed["expires_at"]) - datetime.fromisoformat(listed["created_at"])
    assert lives == timedelta(days=90)


def test_a_revoked_token_opens_nothing_from_then_on(people: People) -> None:
    prefix = people.secrets["twm"][:14]
    assert people.ask("ann", "DELETE", f"/tokens/{prefix}").status_code == 204
    assert_refused(people.ask("twm", "GET", "/units"), 401, "token-not-valid")
    listed = {each["prefix"]: each for each in people.read("ann", "/tokens")["items"]}
    assert listed[prefix]["revoked_at"] is not None
    with nothing_changes(people):
        assert people.ask("ann", "DELETE", f"/tokens/{prefix}").status_code == 204
        assert_refused(people.ask("ann", "DELETE", "/tokens/eih_0123456789"), 404, "unknown-id")


def test_tokens_of_one_name_are_one_person(people: People) -> None:
    people.hire("again", Role.REVIEWER, name=" TWM ")
    people.deliver()
    assert_refused(people.try_act("again", "review", {"decision": "approve"}), 403, "own-revision")
    people.act("again", "target", {"text": "CY eto"})
    assert people.target()["updated_by"] == "twm"


@pytest.mark.parametrize(
    ("name", "code"),
    [("Rhi\u200ban", "invisible-character"), ("\u202eRhian", "invisible-character"), ("\u2800", "empty"),
     ("Rhian\nTwm", "not-one-line"), ("Rh\0", "invalid-character"), ("x" * 201, "too-long"),
     ("content", "reserved-name"), (" OPERATOR ", "reserved-name")],
)  # fmt: skip
@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_name_that_is_nobodys_is_refused(people: People, name: str, code: str, language: str) -> None:
    with nothing_changes(people):
        response = people.ask("ann", "POST", "/tokens", {"name": name, "roles": ["reviewer"]}, lang=language)
        problem = assert_refused(response, 400, "invalid-request", language)
    assert codes(problem) == [("/name", code)]


def test_names_that_differ_in_spaces_only_are_one_person(people: People) -> None:
    for name in ("Ann Wyn", " ann  wyn", "Ann\u00a0Wyn"):
        made = json_of(people.ask("ann", "POST", "/tokens", {"name": name, "roles": ["reviewer"]}), 201)
        assert made["name"] == "ann wyn"


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("target", WELSH_TITLE, {"text": "EN again"}),
    ("confirm", WELSH_TITLE, {}),
    ("review", WELSH_TITLE, {"decision": "approve"}),
    ("revert", WELSH_TITLE, {"side": "target", "revision": 1}),
    ("source", TITLE, {"text": "EN again"}),
    ("minor", TITLE, {"revision": 2, "minor": True, "comment": "x"}),
    ("revert", TITLE, {"side": "source", "revision": 1}),
]


@pytest.mark.parametrize(("what", "unit", "body"), REFUSED)
def test_a_token_for_welsh_does_not_touch_english(people: People, what: str, unit: str, body: dict[str, Any]) -> None:
    people.hire("limited", Role.EDITOR, Role.TRANSLATOR, Role.REVIEWER, language="cy")
    people.outdate(TITLE)
    people.act("eirlys", "source", {"text": "CY hollol wahanol"}, WELSH_TITLE)
    people.act("twm", "target", {"text": "EN wholly other"}, WELSH_TITLE)
    with nothing_changes(people):
        problem = assert_refused(people.try_act("limited", what, body, unit), 403, "language-not-allowed")
    assert "en" in problem["detail"]


def test_a_token_for_welsh_does_all_of_that_in_welsh(people: People) -> None:
    people.hire("limited", Role.EDITOR, Role.TRANSLATOR, Role.REVIEWER, language="cy")
    people.act("limited", "target", {"text": "CY eto"})
    people.outdate(TITLE)
    people.act("limited", "confirm", {})
    people.act("limited", "revert", {"side": "target", "revision": 1})
    people.act("twm", "target", {"text": "CY gan rywun arall"})
    people.act("limited", "review", {"decision": "approve"})
    people.act("limited", "source", {"text": "CY newydd sbon"}, WELSH_TITLE)
    people.act("limited", "minor", {"revision": 2, "minor": True, "comment": "x"}, WELSH_TITLE)
    people.act("limited", "revert", {"side": "source", "revision": 1}, WELSH_TITLE)


def test_a_token_for_welsh_creates_in_welsh_only(people: People) -> None:
    people.hire("limited", Role.EDITOR, language="cy")
    new = {"kind": "moment", "collection": "small", "category": "care", "source_language": "cy"}
    both = new | {"texts": {"title": {"cy": "Un", "en": "One"}, "body": {"cy": "Stori."}}}
    with nothing_changes(people):
        assert_refused(people.ask("limited", "POST", "/resources", both), 403, "language-not-allowed")
        english = new | {"source_language": "en", "texts": {"title": {"en": "One"}, "body": {"en": "A story."}}}
        assert_refused(people.ask("limited", "POST", "/resources", english), 403, "language-not-allowed")
    welsh = new | {"texts": {"title": {"cy": "Un"}, "body": {"cy": "Stori."}}}
    assert people.ask("limited", "POST", "/resources", welsh).status_code == 201


def test_a_limited_token_reads_everything(people: People) -> None:
    people.hire("limited", Role.TRANSLATOR, language="cy")
    for path in ("/units", f"/units/{BODY}", f"/units/{WELSH_TITLE}/history", f"/resources/{PANED}", "/releases/next"):
        assert people.ask("limited", "GET", path).status_code == 200


def test_nobody_is_kept_from_reading_by_somebody_who_writes(make_people: MakePeople) -> None:
    people = make_people(busy_timeout_ms=60_000)
    people.hire("nia", Role.TRANSLATOR)
    with people.database.writing() as session:
        lock_exclusive(session)
        # Where there is one lock, this first use cannot be recorded; to wait for it would take a minute.
        people.read("nia", "/units", limit="1")
    people.read("nia", "/units", limit="1")
    assert {token["name"]: token["last_used_at"] for token in people.read("ann", "/tokens")["items"]}["nia"]
