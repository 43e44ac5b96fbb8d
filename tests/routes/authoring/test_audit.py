"""The audit log: each write adds one entry in its own transaction; entries never change; admins read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from api.models import Audit
from tests.tools.actors import FIRST, TITLE, Actors, assert_refused, issue_codes, scalar, snapshot

NEW = {"kind": "prompt", "source_language": "cy", "collection": "small", "stage": "after",
       "texts": {"text": {"cy": "Beth nesaf?"}}}  # fmt: skip
Write = Callable[[Actors], Any]
# Each write, and the audit entry that it adds: actor, action, subject, old and new revision.
WRITES: dict[str, tuple[Write, str, str, str, tuple[int | None, int | None]]] = {
    "a target": (lambda p: p.deliver(), "twm", "write", TITLE, (1, 2)),
    "a draft": (
        lambda p: p.act("twm", "target", {"text": "CY h", "state": "initial"}), "twm", "write", TITLE, (1, 2)),
    "a source": (lambda p: p.outdate(), "eirlys", "write", TITLE, (1, 2)),
    "a minor source": (
        lambda p: p.act("eirlys", "source", {"text": "EN x", "minor": True}), "eirlys", "minor", TITLE, (1, 2)),
    "a move": (lambda p: p.change_resource(FIRST, {"after": "moment.fifth"}), "eirlys", "move", FIRST, (None, None)),
    "a number": (lambda p: p.change_resource(FIRST, {"number": 9}), "eirlys", "change", FIRST, (None, None)),
    "a slug": (lambda p: p.change_resource(FIRST, {"slugs": {"cy": "un"}}), "eirlys", "slug", FIRST, (None, None)),
    "withdrawing": (
        lambda p: p.change_resource(FIRST, {"withdrawn": True}), "eirlys", "withdraw", FIRST, (None, None)),
    "creating": (
        lambda p: p.request("eirlys", "POST", "/resources", NEW),
        "eirlys", "create", "prompt.beth-nesaf", (None, None)),
}  # fmt: skip
AFTER: dict[str, tuple[Write, str, str, str, tuple[int | None, int | None]]] = {
    "marking as minor": (
        lambda p: p.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"}), "eirlys", "minor", TITLE,
        (2, 3)),
    "confirming": (lambda p: p.act("twm", "confirm", {}), "twm", "confirm", TITLE, (2, 3)),
    "reverting": (
        lambda p: p.act("twm", "revert", {"side": "target", "revision": 1}), "twm", "revert", TITLE, (2, 3)),
    "returning": (
        lambda p: p.act("rhian", "review", {"decision": "return", "comment": "x"}), "rhian", "return", TITLE,
        (None, 2)),
    "a release": (
        lambda p: p.request("pedr", "POST", "/releases", {"note": "x", "resources": ["moment.second"]}), "pedr",
        "release", "release.2", (None, None)),
}  # fmt: skip


def _count_entries(actors: Actors) -> int:
    return int(scalar(actors, select(func.count()).select_from(Audit)))


@pytest.mark.parametrize("name", [*WRITES, *AFTER])
def test_every_write_adds_one_audit_entry(actors: Actors, name: str) -> None:
    do, actor, action, subject, (from_revision, to_revision) = (WRITES | AFTER)[name]
    if name in AFTER:
        actors.deliver()
        actors.outdate()
        actors.deliver("moment.second.title")
    before = _count_entries(actors)
    response = do(actors)
    assert isinstance(response, dict | None) or response.status_code < 300
    assert _count_entries(actors) == before + 1
    entry = actors.audit(limit="1")[0]
    assert (entry["by"], entry["act"], entry["subject"]) == (actor, action, subject)
    assert (entry["from_revision"], entry["to_revision"]) == (from_revision, to_revision)
    assert datetime.fromisoformat(entry["at"]).tzinfo is not None
    assert entry["request_id"]


def test_the_audit_entry_of_a_release_lists_its_resources(actors: Actors) -> None:
    actors.deliver()
    actors.deliver("moment.second.title")
    actors.publish(note="both", resources=["moment.second"])
    actors.publish(note="the other")
    actors.request("pedr", "POST", "/releases/1/revert", {"note": "back", "resources": [FIRST]})
    assert [entry["detail"] for entry in actors.audit(limit="3")] == [
        {"to": 1, "resources": [FIRST], "note": "back"},
        {"resources": [FIRST], "note": "the other"},
        {"resources": ["moment.second"], "note": "both"},
    ]


def test_an_audit_entry_has_the_id_of_the_request_that_added_it(actors: Actors) -> None:
    headers = {"Authorization": f"Bearer {actors.secrets['twm']}", "If-Match": "*", "X-Request-Id": "a-known-request"}
    actors.client.put(f"/v1/units/{TITLE}/target", json={"text": "CY x"}, headers=headers)
    assert actors.audit(limit="1")[0]["request_id"] == "a-known-request"


def test_tokens_are_audited_without_their_secrets(actors: Actors) -> None:
    token = actors.request("ann", "POST", "/tokens", {"name": "Rhodri", "roles": ["editor"]}).get_json()
    actors.request("ann", "DELETE", f"/tokens/{token['prefix']}")
    revoked, created = actors.audit(limit="2")
    assert [(entry["by"], entry["act"], entry["subject"]) for entry in (created, revoked)] == [
        ("ann", "token-create", token["prefix"]),
        ("ann", "token-revoke", token["prefix"]),
    ]
    assert token["token"][15:] not in str((created, revoked))


def test_reads_and_refused_requests_add_no_audit_entry(actors: Actors) -> None:
    actors.deliver()
    before = _count_entries(actors)
    for path in ("/units", f"/units/{TITLE}", "/releases/next", "/resources", "/moments?release=next"):
        actors.request("twm", "GET", path)
    actors.request("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY x"}, if_match='"stale"')
    actors.request("twm", "PUT", f"/units/{TITLE}/source", {"text": "EN x"}, if_match="*")
    actors.request("twm", "POST", f"/units/{TITLE}/review", {"decision": "approve"}, if_match="*")
    actors.act("twm", "target", {"text": "CY newydd 1"})
    assert _count_entries(actors) == before


def test_a_failed_write_adds_neither_a_text_nor_an_audit_entry(actors: Actors) -> None:
    before = actors.snapshot()

    def fail() -> None:
        raise RuntimeError("the commit fails")

    # The usual test client compares responses with the API description, which has no 500.
    unchecked = replace(actors, client=FlaskClient(actors.app))
    original, actors.database.before_commit = actors.database.before_commit, fail
    for actor, method, path, body in (
        ("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY x"}),
        ("eirlys", "PATCH", f"/resources/{FIRST}", {"number": 9}),
        ("eirlys", "POST", "/resources", NEW),
    ):
        key = "k" if method == "POST" else None
        response = unchecked.request(actor, method, path, body, if_match="*", key=key)
        assert response.status_code == 500
    actors.database.before_commit = original
    assert snapshot(actors.database.engine) == before


_COLUMNS = "id, at, actor_id, act, subject, detail"
_OVERWRITE = f"INTO audit ({_COLUMNS}) SELECT id, at, actor_id, 'x', subject, detail FROM audit"


@pytest.mark.parametrize("statement", ["UPDATE audit SET act = 'x'", "DELETE FROM audit", _OVERWRITE])
def test_the_database_refuses_to_change_or_delete_audit_entries(actors: Actors, statement: str) -> None:
    if statement is _OVERWRITE:
        by_engine = (
            f"INSERT OR REPLACE {_OVERWRITE}",
            f"INSERT {_OVERWRITE} ON CONFLICT (id) DO UPDATE SET act = EXCLUDED.act",
        )
        statement = by_engine[0] if actors.database.is_sqlite else by_engine[1]
    before = actors.snapshot()
    with pytest.raises(DBAPIError, match="append-only"), actors.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert actors.snapshot() == before


def test_audit_entries_are_listed_newest_first_in_pages_and_can_be_filtered(actors: Actors) -> None:
    actors.deliver()
    actors.outdate()
    actors.deliver()
    actors.change_resource(FIRST, {"number": 9})
    everything = actors.audit(limit="100")
    assert [entry["by"] for entry in everything[:4]] == ["eirlys", "twm", "eirlys", "twm"]
    for limit in (1, 2, 3):
        seen: list[Any] = []
        path = f"/audit?limit={limit}"
        while path:
            page = actors.read("ann", path)
            seen += page["items"]
            path = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000/v1")
        assert seen == everything
    assert [entry["by"] for entry in actors.audit(subject=TITLE)[:3]] == ["twm", "eirlys", "twm"]
    assert {entry["by"] for entry in actors.audit(by="TWM")} == {"twm"}
    assert actors.audit(subject="moment.nobody") == []
    following = actors.read("ann", "/audit", limit="1", by="twm")["links"]["next"]
    after = following.partition("after=")[2].partition("&")[0]
    response = actors.request("ann", "GET", "/audit", after=after)
    assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("after", "after-of-another-list")]
