"""The queue: its order, filters, counts and pages."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from api.domain.cursor import CursorFormat
from api.domain.folding import APOSTROPHES
from api.domain.roles import Role
from api.services.booklets.verify import verify_content
from tests.tools.actors import BODY, FIRST, TITLE, WELSH_TITLE, Actors, assert_refused, issue_codes

SECOND, FOURTH = "moment.second.title", "moment.fourth.title"


@pytest.fixture
def busy(actors: Actors) -> Actors:
    """Return actors on a booklet with units in every state. Some units are translated into Welsh, some into English."""
    actors.act("twm", "target", {"text": "CY hanner", "state": "initial"}, BODY)
    actors.outdate(WELSH_TITLE)
    actors.deliver(SECOND)
    actors.act("rhian", "review", {"decision": "return", "comment": "not yet"}, SECOND)
    actors.deliver(FOURTH)
    actors.act("rhian", "review", {"decision": "approve"}, FOURTH)
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "talk"}
    actors.request(
        "eirlys",
        "POST",
        "/resources",
        new | {"texts": {"title": {"cy": "Heb Saesneg"}, "body": {"cy": "Stori.", "en": "A story."}}},
    )
    return actors


def ids(actors: Actors, actor: str = "twm", **query: str) -> list[str]:
    return [item["id"] for item in actors.read(actor, "/units", **{"limit": "100", **query})["items"]]


def _need(unit: dict[str, Any]) -> int:
    target = unit["target"]
    if target["returned"]:
        return 0
    if target["state"] == "initial":
        return 1
    if target["outdated"]:
        return 2
    return 4 if target["state"] == "reviewed" else 3


def test_units_are_listed_by_urgency(busy: Actors) -> None:
    items = busy.read("twm", "/units", limit="100")["items"]
    needs = [_need(item) for item in items]
    assert needs == sorted(needs)
    assert set(needs) == {0, 1, 2, 3, 4}
    assert [item["id"] for item in items][:4] == [SECOND, BODY, "moment.heb-saesneg.title", WELSH_TITLE]


def test_a_limit_of_one_returns_the_most_urgent_unit(busy: Actors) -> None:
    items = busy.read("twm", "/units", limit="1", target="en")["items"]
    assert [item["id"] for item in items] == ["moment.heb-saesneg.title"]
    assert busy.request("twm", "GET", f"/units/{items[0]['id']}").headers["ETag"] == items[0]["etag"]


FILTERS: list[tuple[dict[str, str], Any]] = [
    ({"state": "initial"}, lambda u: u["target"]["state"] == "initial"),
    ({"state": "translated"}, lambda u: u["target"]["state"] == "translated"),
    ({"state": "reviewed"}, lambda u: u["target"]["state"] == "reviewed"),
    ({"outdated": "true"}, lambda u: u["target"]["outdated"]),
    ({"outdated": "false"}, lambda u: not u["target"]["outdated"]),
    ({"returned": "true"}, lambda u: u["target"]["returned"]),
    ({"returned": "false"}, lambda u: not u["target"]["returned"]),
    ({"kind": "moment"}, lambda u: u["id"].startswith("moment.")),
    ({"target": "cy"}, lambda u: u["target"]["language"] == "cy"),
    ({"target": "en"}, lambda u: u["target"]["language"] == "en"),
    ({"by": "twm"}, lambda u: u["target"]["updated_by"] == "twm"),
    ({"by": "TWM"}, lambda u: u["target"]["updated_by"] == "twm"),
    ({"by": "me"}, lambda u: u["target"]["updated_by"] == "twm"),
    ({"by": "nobody"}, lambda u: False),
    ({"q": "CY second"}, lambda u: "CY second" in u["source"]["text"] + (u["target"]["text"] or "")),
    ({"q": "changed"}, lambda u: "changed" in u["source"]["text"]),
    ({"q": "%"}, lambda u: False),
    ({"q": "_"}, lambda u: False),
    ({"by": "me", "returned": "true"}, lambda u: u["id"] == SECOND),
    ({"kind": "moment", "state": "initial", "target": "cy"}, lambda u: u["id"] == BODY),
]


def test_each_filter_selects_and_counts_the_matching_units(busy: Actors) -> None:
    everything = busy.read("twm", "/units", limit="100")["items"]
    for query, fits in FILTERS:
        expected = [unit for unit in everything if fits(unit)]
        page = busy.read("twm", "/units", limit="100", counts="true", **query)
        assert [unit["id"] for unit in page["items"]] == [unit["id"] for unit in expected], query
        assert page["counts"] == {
            "total": len(expected),
            **{state: sum(u["target"]["state"] == state for u in expected) for state in ("initial", "translated")},
            "reviewed": sum(u["target"]["state"] == "reviewed" for u in expected),
            "outdated": sum(u["target"]["outdated"] for u in expected),
            "returned": sum(u["target"]["returned"] is not None for u in expected),
        }, query


def test_text_search_ignores_case_accents_emphasis_and_kinds_of_apostrophe(actors: Actors) -> None:
    actors.act("twm", "target", {"text": "Y TŶ a’r *Ŵyn* bach 100% \\o_/ i\u02bcr ‘da’ – *️⃣"}, SECOND)
    for q in (
        "tŷ",
        "TŶ",
        "ty",
        "Ŵyn",
        "ŵYN",
        "wyn",
        "wyn bach",
        "*wyn* bach",
        "y tŷ A’R ŵyn",
        "100%",
        "\\O_",
        "ty\u0302",
        "- ️⃣",
    ):
        assert ids(actors, q=q) == [SECOND], q
    for apostrophe in APOSTROPHES:
        assert ids(actors, q=f"ty a{apostrophe}r wyn") == ids(actors, q=f"i{apostrophe}r") == [SECOND]
        assert ids(actors, q=f"{apostrophe}da{apostrophe}") == [SECOND]
    for white_space in ("\t", "\n", "\r\n", "\u00a0", "  ", "\u2028", "\u3000"):
        assert ids(actors, q=f"ty{white_space}a’r") == [SECOND], ascii(white_space)
    for q in ("a r", "100_", "\\\\", "tyar", "".join(chr(0x100 + n) for n in range(200))):
        assert ids(actors, q=q) == [], q


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_text_search_without_characters_is_refused(actors: Actors, language: str) -> None:
    for q in ("", " ", "\t", "*", "\ufe0f"):
        problem = assert_refused(
            actors.request("twm", "GET", "/units", q=q, lang=language), 400, "invalid-request", language
        )
        assert issue_codes(problem) == [("q", "empty")]


def test_every_way_to_write_a_text_updates_the_text_that_is_searched(actors: Actors) -> None:
    actors.act("eirlys", "source", {"text": "Réunion"}, SECOND)
    assert ids(actors, q="reunion") == [SECOND]
    actors.act("twm", "target", {"text": "Aduniad ’da tŷ"}, SECOND)
    actors.act("twm", "confirm", {}, SECOND)
    assert ids(actors, q="aduniad 'da ty") == [SECOND]
    actors.act("twm", "target", {"text": "Arall"}, SECOND)
    assert ids(actors, q="aduniad") == []
    actors.act("twm", "revert", {"side": "target", "revision": len(actors.history("target", SECOND)) - 1}, SECOND)
    assert ids(actors, q="aduniad 'da ty") == [SECOND]
    with actors.database.reading() as session:
        assert list(verify_content(session)) == []


def test_filters_by_person_ignore_the_kind_of_apostrophe(actors: Actors) -> None:
    actors.add_actor("siôn", Role.TRANSLATOR, name="Siôn O\u2019Dowd")
    actors.act("siôn", "target", {"text": "CY gan Siôn"}, SECOND)
    for apostrophe in APOSTROPHES:
        by = f"SIÔN O{apostrophe}Dowd"
        assert ids(actors, by=by) == [SECOND], by
        assert [entry["subject"] for entry in actors.audit(by=by)] == [SECOND]
    assert ids(actors, by="Sion O'Dowd") == []


def test_the_queue_is_filtered_by_collection_and_category(busy: Actors) -> None:
    assert set(ids(busy, category="care", kind="moment")) == {
        TITLE, BODY, SECOND, "moment.second.body", WELSH_TITLE, "moment.paned.body"}  # fmt: skip
    assert "category.care.name" in ids(busy, category="care")
    assert ids(busy, category="nothing") == ids(busy, collection="nothing") == []
    assert set(ids(busy, collection="small")) == set(ids(busy))


def test_counts_are_returned_on_request(busy: Actors) -> None:
    assert "counts" not in busy.read("twm", "/units")
    assert "counts" not in busy.read("twm", "/units", counts="false")
    counts = busy.read("twm", "/units", counts="true", limit="1")["counts"]
    assert counts["total"] == len(ids(busy)) == counts["initial"] + counts["translated"] + counts["reviewed"]


def test_withdrawn_and_deleted_resources_are_not_in_the_queue(busy: Actors) -> None:
    busy.change_resource(FIRST, {"withdrawn": True})
    busy.write("eirlys", "DELETE", "/resources/moment.heb-saesneg")
    assert not {TITLE, BODY, "moment.heb-saesneg.title"} & set(ids(busy))
    busy.change_resource(FIRST, {"withdrawn": False})
    assert {TITLE, BODY} < set(ids(busy))


def test_pages_of_every_size_list_each_unit_once_in_order(busy: Actors) -> None:
    everything = ids(busy)
    for limit in range(1, 8):
        assert _walk(busy, f"/units?limit={limit}") == everything, limit
    assert _walk(busy, "/units?limit=2&kind=moment&target=cy") == ids(busy, kind="moment", target="cy")


def _walk(actors: Actors, path: str) -> list[str]:
    seen: list[str] = []
    while path:
        page = actors.read("twm", path)
        seen += [item["id"] for item in page["items"]]
        path = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000/v1")
        assert len(seen) < 1000
    return seen


def test_a_cursor_of_another_list_is_refused(busy: Actors) -> None:
    after = (
        busy.read("twm", "/units", limit="2", kind="moment")["links"]["next"].partition("after=")[2].partition("&")[0]
    )
    assert busy.request("twm", "GET", "/units", kind="moment", after=after).status_code == 200
    for query in ({}, {"kind": "prompt"}, {"kind": "moment", "target": "cy"}, {"kind": "moment", "by": "me"}):
        response = busy.request("twm", "GET", "/units", after=after, **query)
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("after", "after-of-another-list")]


def test_a_malformed_cursor_is_refused(busy: Actors) -> None:

    real = busy.read("twm", "/units", limit="1")["links"]["next"].partition("after=")[2].partition("&")[0]
    mark = json.loads(base64.urlsafe_b64decode(real + "=="))[0]
    keys: list[tuple[Any, ...]] = [(), (0,), (0, "a\0", 0, 0, 0), (0, "\ud800", 0, 0, 0), (2**63, "a", 0, 0, 0)]
    keys += [(True, "a", 0, 0, 0), (0, 1, 0, 0, 0)]
    for key in keys:
        response = busy.request("twm", "GET", "/units", after=CursorFormat(mark, ()).encode(key))
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("after", "unreadable-after")], key
    for after in ("x", "e30", "bnVsbA", "a" * 200):
        assert_refused(busy.request("twm", "GET", "/units", after=after), 400, "invalid-request")


@pytest.mark.parametrize("language", ["cy", "en"])
def test_an_unknown_filter_or_value_is_refused(busy: Actors, language: str) -> None:
    for name, value, code in (
        ("state", "final", "unknown-choice"), ("outdated", "yes", "unknown-choice"), ("kind", "x", "unknown-choice"),
        ("target", "fr", "unknown-choice"), ("limit", "0", "out-of-range"), ("limit", "101", "out-of-range"),
        ("limit", "x", "not-a-number"), ("q", "", "empty"), ("sort", "title", "unknown-parameter"),
    ):  # fmt: skip
        response = busy.request("twm", "GET", "/units", **{name: value, "lang": language})
        problem = assert_refused(response, 400, "invalid-request", language)
        assert issue_codes(problem) == [(name, code)]
