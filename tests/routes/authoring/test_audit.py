"""The trail: one line an act, in the act's own transaction, never changed, read by an admin."""

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
from tests.tools.actors import FIRST, TITLE, People, assert_refused, codes, scalar, snapshot

NEW = {"kind": "prompt", "source_language": "cy", "collection": "small", "stage": "after",
       "texts": {"text": {"cy": "Beth nesaf?"}}}  # fmt: skip
Do = Callable[[People], Any]
# What is done, who is said to have done it, the word for it, its subject, and the revisions it went from and to.
WRITES: dict[str, tuple[Do, str, str, str, tuple[int | None, int | None]]] = {
    "a target": (lambda p: p.deliver(), "twm", "write", TITLE, (1, 2)),
    "a draft": (
        lambda p: p.act("twm", "target", {"text": "CY h", "state": "initial"}), "twm", "write", TITLE, (1, 2)),
    "a source": (lambda p: p.outdate(), "eirlys", "write", TITLE, (1, 2)),
    "a minor source": (
        lambda p: p.act("eirlys", "source", {"text": "EN x", "minor": True}), "eirlys", "minor", TITLE, (1, 2)),
    "a move": (lambda p: p.change(FIRST, {"after": "moment.fifth"}), "eirlys", "move", FIRST, (None, None)),
    "a number": (lambda p: p.change(FIRST, {"number": 9}), "eirlys", "change", FIRST, (None, None)),
    "a slug": (lambda p: p.change(FIRST, {"slugs": {"cy": "un"}}), "eirlys", "slug", FIRST, (None, None)),
    "withdrawing": (lambda p: p.change(FIRST, {"withdrawn": True}), "eirlys", "withdraw", FIRST, (None, None)),
    "creating": (
        lambda p: p.ask("eirlys", "POST", "/resources", NEW), "eirlys", "create", "prompt.beth-nesaf", (None, None)),
}  # fmt: skip
AFTER: dict[str, tuple[Do, str, str, str, tuple[int | None, int | None]]] = {
    "saying that it was minor": (
        lambda p: p.act("eirlys", "minor", {"revision": 2, "minor": True, "comment": "x"}), "eirlys", "minor", TITLE,
        (2, 3)),
    "confirming": (lambda p: p.act("twm", "confirm", {}), "twm", "confirm", TITLE, (2, 3)),
    "reverting": (
        lambda p: p.act("twm", "revert", {"side": "target", "revision": 1}), "twm", "revert", TITLE, (2, 3)),
    "sending back": (
        lambda p: p.act("rhian", "review", {"decision": "return", "comment": "x"}), "rhian", "return", TITLE,
        (None, 2)),
    "a release": (
        lambda p: p.ask("pedr", "POST", "/releases", {"note": "x", "resources": ["moment.second"]}), "pedr",
        "release", "release.2", (None, None)),
}  # fmt: skip


def _lines(people: People) -> int:
    return int(scalar(people, select(func.count()).select_from(Audit)))


@pytest.mark.parametrize("what", [*WRITES, *AFTER])
def test_every_write_leaves_one_line(people: People, what: str) -> None:
    do, who, word, subject, (from_revision, to_revision) = (WRITES | AFTER)[what]
    if what in AFTER:
        people.deliver()
        people.outdate()
        people.deliver("moment.second.title")
    before = _lines(people)
    response = do(people)
    assert isinstance(response, dict | None) or response.status_code < 300
    assert _lines(people) == before + 1
    line = people.audit(limit="1")[0]
    assert (line["by"], line["act"], line["subject"]) == (who, word, subject)
    assert (line["from_revision"], line["to_revision"]) == (from_revision, to_revision)
    assert datetime.fromisoformat(line["at"]).tzinfo is not None
    assert line["request_id"]


def test_a_release_s_line_names_what_went_out(people: People) -> None:
    people.deliver()
    people.deliver("moment.second.title")
    people.publish(note="both", resources=["moment.second"])
    people.publish(note="the other")
    people.ask("pedr", "POST", "/releases/1/revert", {"note": "back", "resources": [FIRST]})
    assert [line["detail"] for line in people.audit(limit="3")] == [
        {"to": 1, "resources": [FIRST], "note": "back"},
        {"resources": [FIRST], "note": "the other"},
        {"resources": ["moment.second"], "note": "both"},
    ]


def test_a_line_names_the_request_that_it_came_with(people: People) -> None:
    headers = {"Authorization": f"Bearer {people.secrets['twm']}", "If-Match": "*", "X-Request-Id": "a-known-request"}
    people.client.put(f"/v1/units/{TITLE}/target", json={"text": "CY x"}, headers=headers)
    assert people.audit(limit="1")[0]["request_id"] == "a-known-request"


def test_tokens_are_in_the_trail_without_their_secrets(people: People) -> None:
    made = people.ask("ann", "POST", "/tokens", {"name": "Rhodri", "roles": ["editor"]}).get_json()
    people.ask("ann", "DELETE", f"/tokens/{made['prefix']}")
    revoked, created = people.audit(limit="2")
    assert [(line["by"], line["act"], line["subject"]) for line in (created, revoked)] == [
        ("ann", "token-create", made["prefix"]),
        ("ann", "token-revoke", made["prefix"]),
    ]
    assert made["token"][15:] not in str((created, revoked))


def test_reading_and_refusals_leave_no_line(people: People) -> None:
    people.deliver()
    before = _lines(people)
    for path in ("/units", f"/units/{TITLE}", "/releases/next", "/resources", "/moments?release=next"):
        people.ask("twm", "GET", path)
    people.ask("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY x"}, if_match='"stale"')
    people.ask("twm", "PUT", f"/units/{TITLE}/source", {"text": "EN x"}, if_match="*")
    people.ask("twm", "POST", f"/units/{TITLE}/review", {"decision": "approve"}, if_match="*")
    people.act("twm", "target", {"text": "CY newydd 1"})
    assert _lines(people) == before


def test_a_write_that_does_not_end_well_leaves_neither_text_nor_line(people: People) -> None:
    before = people.snapshot()

    def fail() -> None:
        raise RuntimeError("the lights went out")

    # The service's own client would hold the 500 against the description, which promises none.
    unheld = replace(people, client=FlaskClient(people.app))
    undisturbed, people.database.before_commit = people.database.before_commit, fail
    for who, method, path, body in (
        ("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY x"}),
        ("eirlys", "PATCH", f"/resources/{FIRST}", {"number": 9}),
        ("eirlys", "POST", "/resources", NEW),
    ):
        key = "k" if method == "POST" else None
        response = unheld.ask(who, method, path, body, if_match="*", key=key)
        assert response.status_code == 500
    people.database.before_commit = undisturbed
    assert snapshot(people.database.engine) == before


_COLUMNS = "id, at, actor_id, act, subject, detail"
_OVERWRITE = f"INTO audit ({_COLUMNS}) SELECT id, at, actor_id, 'x', subject, detail FROM audit"


@pytest.mark.parametrize("statement", ["UPDATE audit SET act = 'x'", "DELETE FROM audit", _OVERWRITE])
def test_no_line_is_changed_or_taken_away(people: People, statement: str) -> None:
    if statement is _OVERWRITE:
        by_engine = (
            f"INSERT OR REPLACE {_OVERWRITE}",
            f"INSERT {_OVERWRITE} ON CONFLICT (id) DO UPDATE SET act = EXCLUDED.act",
        )
        statement = by_engine[0] if people.database.is_sqlite else by_engine[1]
    before = people.snapshot()
    with pytest.raises(DBAPIError, match="append-only"), people.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert people.snapshot() == before


def test_the_trail_is_read_newest_first_in_pages_and_by_subject_and_person(people: People) -> None:
    people.deliver()
    people.outdate()
    people.deliver()
    people.change(FIRST, {"number": 9})
    everything = people.audit(limit="100")
    assert [line["by"] for line in everything[:4]] == ["eirlys", "twm", "eirlys", "twm"]
    for limit in (1, 2, 3):
        seen: list[Any] = []
        path = f"/audit?limit={limit}"
        while path:
            page = people.read("ann", path)
            seen += page["items"]
            path = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000/v1")
        assert seen == everything
    assert [line["by"] for line in people.audit(subject=TITLE)[:3]] == ["twm", "eirlys", "twm"]
    assert {line["by"] for line in people.audit(by="TWM")} == {"twm"}
    assert people.audit(subject="moment.nobody") == []
    following = people.read("ann", "/audit", limit="1", by="twm")["links"]["next"]
    after = following.partition("after=")[2].partition("&")[0]
    response = people.ask("ann", "GET", "/audit", after=after)
    assert codes(assert_refused(response, 400, "invalid-request")) == [("after", "after-of-another-list")]
