"""The working copy of resources: made, moved, named, withdrawn, deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from api.domain.roles import Role
from api.models import Idempotency, Resource, Revision, Unit
from api.services.access.actors import make_audit_context
from api.services.maintenance.suppression import suppress
from tests.tools.actors import FIRST, TITLE, People, assert_refused, codes, nothing_changes, scalar
from tests.tools.clients import json_of

NEW = {
    "kind": "moment", "source_language": "cy", "collection": "small", "category": "care", "number": 61,
    "texts": {"title": {"cy": "Tŷ’r dysgu"}, "body": {"cy": "Stori.", "en": "A story."}},
}  # fmt: skip
ID = "moment.tyr-dysgu"


def create(people: People, **more: Any) -> dict[str, Any]:
    return json_of(people.ask("eirlys", "POST", "/resources", {**NEW, **more}), 201)


def order(people: People) -> list[str]:
    items = people.read("ann", "/resources", kind="moment", limit="100")["items"]
    return [item["id"].partition(".")[2] for item in items]


def test_a_resource_is_created_in_one_language_or_in_both(people: People) -> None:
    response = people.ask("eirlys", "POST", "/resources", NEW)
    made = json_of(response, 201)
    assert made == people.read("ann", f"/resources/{ID}")
    assert response.headers["ETag"] == people.ask("ann", "GET", f"/resources/{ID}").headers["ETag"]
    assert (made["id"], made["source_language"], made["slugs"]) == (ID, "cy", {"cy": "tyr-dysgu", "en": None})
    assert (made["collection"], made["category"], made["number"], made["release"]) == ("small", "care", 61, None)
    assert made["units"] == [f"{ID}.title", f"{ID}.body"]
    title, body = people.unit(f"{ID}.title"), people.unit(f"{ID}.body")
    assert (title["source"]["language"], title["target"]["language"], title["target"]["text"]) == ("cy", "en", None)
    assert (body["target"]["text"], body["target"]["based_on"], body["target"]["origin"]) == ("A story.", 1, "human")
    assert body["source"]["updated_by"] == body["target"]["updated_by"] == "eirlys"
    assert people.blockers() == [(ID, "missing")]
    assert people.client.get("/v1/moments/tyr-dysgu?lang=cy").status_code == 404


def test_a_text_that_was_left_out_is_given_afterwards(people: People) -> None:
    create(people)
    view = json_of(people.change(ID, {"texts": {"highlight": {"cy": "*Tŷ*.", "en": "A *house*."}}}), 200)
    assert view["units"] == [f"{ID}.title", f"{ID}.body", f"{ID}.highlight"]
    assert people.unit(f"{ID}.highlight")["target"]["text"] == "A *house*."
    assert people.audit(subject=ID)[0]["detail"] == {"texts": {"highlight": {"cy": 1, "en": 1}}}
    people.act("twm", "target", {"text": "The house of learning"}, f"{ID}.title")
    json_of(people.publish(), 201)
    shown = people.public("/moments/tyr-dysgu", lang="en")
    assert shown["highlight"] == "A house."
    # What it has is changed at its unit; nothing else is a text of a moment; a token for one language gives no other.
    with nothing_changes(people):
        for texts, code in (
            ({"body": {"cy": "x"}}, ("/texts/body", "text-exists")),
            ({"strapline": {"cy": "x"}}, ("/texts/strapline", "unknown-text")),
            ({}, ("/texts", "missing-text")),
        ):
            assert codes(assert_refused(people.change(ID, {"texts": texts}), 400, "invalid-request")) == [code]
    people.hire("gwen", Role.EDITOR, language="cy")
    etag = people.ask("gwen", "GET", f"/resources/{FIRST}").headers["ETag"]
    both = {"texts": {"highlight": {"cy": "x", "en": "x"}}}
    assert_refused(people.ask("gwen", "PATCH", f"/resources/{FIRST}", both, if_match=etag), 403, "language-not-allowed")


def test_a_first_translation_of_a_title_brings_its_slug(people: People) -> None:
    create(people)
    create(people, key="arall", slugs={"cy": "arall"}, number=62)
    for resource, expected in ((ID, "learning"), ("moment.arall", "learning-2")):
        people.act("twm", "target", {"text": "Learn", "state": "initial"}, f"{resource}.title")
        assert people.read("ann", f"/resources/{resource}")["slugs"]["en"] is None
        people.act("twm", "target", {"text": "*Learning*"}, f"{resource}.title")
        assert people.read("ann", f"/resources/{resource}")["slugs"]["en"] == expected
    # An editor who wants none, or another, has the last word.
    people.change(ID, {"slugs": {"en": None}})
    people.act("twm", "target", {"text": "To learn"}, f"{ID}.title")
    assert people.read("ann", f"/resources/{ID}")["slugs"]["en"] is None
    # No slug can be made of this, or given to it.
    create(people, key="trydydd-un", slugs={"cy": "trydydd-un"}, number=63)
    people.act("twm", "target", {"text": "Random"}, "moment.trydydd-un.title")
    assert people.read("ann", "/resources/moment.trydydd-un")["slugs"]["en"] == "random-2"


def test_a_category_of_another_booklet_holds_nothing_of_this_one(people: People) -> None:
    other = {"kind": "collection", "source_language": "cy", "texts": {"title": {"cy": "Ail lyfryn"}}}
    json_of(people.ask("eirlys", "POST", "/resources", other), 201)
    category = {
        "kind": "category",
        "source_language": "cy",
        "collection": "ail-lyfryn",
        "texts": {"name": {"cy": "Un"}},
    }
    json_of(people.ask("eirlys", "POST", "/resources", category), 201)
    expected = [("/category", "of-another-collection")]
    with nothing_changes(people):
        made = people.ask("eirlys", "POST", "/resources", NEW | {"category": "un"})
        assert codes(assert_refused(made, 400, "invalid-request")) == expected
        moved = people.change(FIRST, {"category": "un"})
        assert codes(assert_refused(moved, 400, "invalid-request")) == expected


def test_nothing_is_done_any_more_to_what_was_suppressed(people: People) -> None:
    with people.database.writing() as session:
        suppress(session, make_audit_context(session, "operator", "cli"), FIRST, "a reason")
    with nothing_changes(people):
        for response in (
            people.change(FIRST, {"withdrawn": False}),
            people.work("eirlys", "DELETE", f"/resources/{FIRST}"),
            people.try_act("twm", "target", {"text": "Yn ôl"}),
            people.try_act("eirlys", "source", {"text": "Back"}),
            people.try_act("twm", "confirm", {}),
        ):
            assert codes(assert_refused(response, 409, "act-refused")) == [("", "suppressed")]


def test_what_was_created_goes_out_like_everything_else(people: People) -> None:
    create(people, texts={"title": {"cy": "Newydd", "en": "New"}, "body": {"cy": "Stori.", "en": "A story."}})
    json_of(people.publish(), 201)
    assert people.public("/moments/newydd", lang="cy")["title"] == "Newydd"
    assert people.public("/moments/new", lang="en")["title"] == "New"


BODY_TEXT = {"body": {"cy": "Stori."}}
REFUSED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"kind": "poem"}, [("/kind", "unknown-choice")]),
    ({"source_language": "fr"}, [("/source_language", "unknown-choice")]),
    ({"texts": {}}, [("/texts", "missing-text")]),
    ({"texts": {"title": {"en": "New"}, **BODY_TEXT}}, [("/texts/title/cy", "missing-source")]),
    ({"texts": {"title": {"cy": "x"}}}, [("/texts/body/cy", "missing-source")]),
    ({"texts": {"title": {"cy": "x"}, **BODY_TEXT, "strapline": {"cy": "x"}}}, [("/texts/strapline", "unknown-text")]),
    ({"texts": {"title": {"cy": "x", "fr": "y"}}}, [("/texts/title/fr", "unknown-member")]),
    ({"texts": {"title": "x"}}, [("/texts/title", "not-an-object")]),
    ({"texts": {"title": {"cy": " "}, "body": {"cy": "a\u200b"}}},
     [("/texts/body/cy", "invisible-character"), ("/texts/title/cy", "empty")]),
    ({"collection": "none", "category": "none"}, [("/category", "unknown-key"), ("/collection", "unknown-key")]),
    ({"number": 0}, [("/number", "out-of-range")]),
    ({"key": "Not a slug"}, [("/key", "malformed-slug")]),
    ({"key": "random"}, [("/key", "reserved-slug")]),
    ({"key": "first"}, [("/key", "key-taken")]),
    ({"slugs": {"en": "first"}}, [("/slugs/en", "slug-taken")]),
    ({"slugs": {"cy": "cyntaf"}, "key": "newydd"}, [("/slugs/cy", "slug-taken")]),
    ({"texts": {"title": {"cy": "First"}, **BODY_TEXT}}, [("/key", "key-taken"), ("/slugs/cy", "slug-taken")]),
    ({"kind": "category", "texts": {"name": {"cy": "x"}}},
     [("/category", "not-of-this-kind"), ("/number", "not-of-this-kind")]),
    ({"slugs": {"en": "random"}}, [("/slugs/en", "reserved-slug")]),
    ({"slugs": {"en": "a" * 101}}, [("/slugs/en", "too-long")]),
    ({"texts": {"title": {"cy": "Random"}, **BODY_TEXT}}, [("/key", "reserved-slug"), ("/slugs/cy", "reserved-slug")]),
    ({"texts": {"title": {"cy": "…"}, **BODY_TEXT}}, [("/key", "no-slug")]),
]  # fmt: skip


@pytest.mark.parametrize("language", ["cy", "en"])
def test_what_is_wrong_with_a_new_resource_is_told_with_a_pointer(people: People, language: str) -> None:
    with nothing_changes(people):
        for change, expected in REFUSED:
            response = people.ask("eirlys", "POST", "/resources", {**NEW, **change}, lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert sorted(codes(problem)) == expected, change


def _ranks(people: People) -> dict[int, int]:
    with people.database.engine.connect() as connection:
        return {row.id: row.rank for row in connection.execute(select(Resource.id, Resource.rank))}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"after": "moment.fourth"}, ["second", "paned", "fourth", "first", "fifth"]),
        ({"after": "moment.fifth"}, ["second", "paned", "fourth", "fifth", "first"]),
        ({"before": "moment.fourth"}, ["second", "paned", "first", "fourth", "fifth"]),
        ({"before": "moment.second"}, ["first", "second", "paned", "fourth", "fifth"]),
    ],
)
def test_moving_among_others_changes_one_row(people: People, body: dict[str, str], expected: list[str]) -> None:
    before = _ranks(people)
    json_of(people.change(FIRST, body), 200)
    after = _ranks(people)
    assert order(people) == expected
    assert sum(before[row] != after[row] for row in before) <= 1
    assert people.public("/moments", lang="en")["items"][0]["slug"] == "first"


def test_moving_into_one_place_over_and_over_never_runs_out_of_room(people: People) -> None:
    expected = ["second", "paned", "fourth", "first", "fifth"]
    for turn in range(30):
        mover, beside = (("first", "fourth"), ("fifth", "fourth"))[turn % 2]
        json_of(people.change(f"moment.{mover}", {"after": f"moment.{beside}"}), 200)
        expected.remove(mover)
        expected.insert(expected.index(beside) + 1, mover)
        assert order(people) == expected
    # Whoever made room for others left a line in the trail.
    lines = people.read("ann", "/audit", limit="100")["items"]
    assert {line["act"] for line in lines} >= {"move", "make-room"}
    json_of(people.publish(), 201)
    listed = people.public("/moments", lang="en")["items"]
    assert [item["id"].removeprefix("moment.") for item in listed] == expected


def test_what_is_so_already_is_no_change(people: People) -> None:
    view = people.read("eirlys", f"/resources/{FIRST}")
    same = {"withdrawn": False, "number": view["number"], "category": view["category"], "slugs": view["slugs"]}
    with nothing_changes(people):
        assert json_of(people.change(FIRST, same), 200) == view
        json_of(people.change(FIRST, {"before": "moment.second"}), 200)


def test_a_move_goes_live_with_a_release(people: People) -> None:
    people.change(FIRST, {"after": "moment.fifth"})
    json_of(people.publish(), 201)
    listed = people.public("/moments", lang="cy")["items"]
    assert [item["slugs"]["en"] for item in listed] == ["second", "cuppa", "fourth", "fifth", "first"]


@pytest.mark.parametrize("beside", ["moment.nobody", "prompt.begin", FIRST, "x", "moment.gone"])
def test_a_move_beside_what_is_not_there_is_refused(people: People, beside: str) -> None:
    create(people, key="gone", slugs={"cy": "gone"})
    people.work("eirlys", "DELETE", "/resources/moment.gone")
    with nothing_changes(people):
        for where in ("after", "before"):
            problem = assert_refused(people.change(FIRST, {where: beside}), 400, "invalid-request")
            assert "public" not in problem["errors"][0]["detail"]
            assert codes(problem) == [(f"/{where}", "unknown-neighbour")]


def test_category_and_number_change_with_a_release(people: People) -> None:
    view = json_of(people.change(FIRST, {"category": "talk", "number": 77}), 200)
    assert (view["category"], view["number"]) == ("talk", 77)
    assert people.public("/moments/first", lang="cy")["number"] == 1
    json_of(people.publish(), 201)
    shown = people.public("/moments/first", lang="cy")
    assert (shown["number"], shown["category"]["slug"]) == (77, "talk")
    assert json_of(people.change(FIRST, {"number": None}), 200)["number"] is None


def test_what_a_kind_does_not_have_cannot_be_changed(people: People) -> None:
    with nothing_changes(people):
        response = people.change("prompt.begin", {"category": "talk", "number": 1})
        problem = assert_refused(response, 400, "invalid-request")
        assert codes(problem) == [("/category", "not-of-this-kind"), ("/number", "not-of-this-kind")]
        for body, expected in (
            ({"category": "nothing"}, ("/category", "unknown-key")),
            ({"category": None}, ("/category", "not-null")),
            ({"slugs": {"en": None}}, ("/slugs/en", "not-null")),
            ({"key": "other"}, ("/key", "unknown-member")),
            ({"withdrawn": "yes"}, ("/withdrawn", "wrong-type")),
        ):
            assert codes(assert_refused(people.change(FIRST, body), 400, "invalid-request")) == [expected]


def test_a_retired_slug_leads_on_once_it_was_public(people: People) -> None:
    view = json_of(people.change(FIRST, {"slugs": {"en": "the-first", "cy": "y-cyntaf"}}), 200)
    assert view["slugs"] == {"en": "the-first", "cy": "y-cyntaf"}
    assert view["id"] == FIRST
    assert people.client.get("/v1/moments/first?lang=en").status_code == 200
    json_of(people.publish(), 201)
    for old, new, language in (("first", "the-first", "en"), ("cyntaf", "y-cyntaf", "cy")):
        moved = people.client.get(f"/v1/moments/{old}?lang={language}")
        assert moved.status_code == 308
        assert moved.headers["Location"].endswith(f"/v1/moments/{new}?lang={language}") or language == "cy"
    assert people.public("/moments/the-first", lang="en")["id"] == FIRST


def test_a_slug_is_nobody_elses_and_one_that_was_never_public_is_free_again(people: People) -> None:
    with nothing_changes(people):
        for slug in ("second", "ail", "random", "Llŷn", "a--b", "a" * 101):
            problem = assert_refused(people.change(FIRST, {"slugs": {"en": slug}}), 400, "invalid-request")
            codes_of = {"second": "slug-taken", "ail": "slug-taken", "random": "reserved-slug", "a" * 101: "too-long"}
            code = codes_of.get(slug, "malformed-slug")
            assert codes(problem) == [("/slugs/en", code)], slug
    people.change(FIRST, {"slugs": {"en": "passing"}})
    assert people.change("moment.second", {"slugs": {"en": "passing"}}).status_code == 400
    people.change(FIRST, {"slugs": {"en": "first"}})
    assert people.change("moment.second", {"slugs": {"en": "passing"}}).status_code == 200


def test_withdrawing_is_taken_back_or_goes_live(people: People) -> None:
    assert json_of(people.change(FIRST, {"withdrawn": True}), 200)["withdrawn"] is True
    assert people.client.get("/v1/moments/first?lang=en").status_code == 200
    people.change(FIRST, {"withdrawn": False})
    assert people.read("ann", "/releases/next")["resources"] == []
    people.change(FIRST, {"withdrawn": True})
    json_of(people.publish(), 201)
    gone = people.client.get("/v1/moments/first?lang=en")
    assert (gone.status_code, gone.get_json()["since"]) == (410, 2)
    people.change(FIRST, {"withdrawn": False})
    json_of(people.publish(), 201)
    assert people.public("/moments/first", lang="cy")["title"] == "CY first title"


def test_only_what_was_never_released_is_deleted(people: People) -> None:
    create(people)
    assert people.work("eirlys", "DELETE", f"/resources/{ID}").status_code == 204
    for path in (f"/resources/{ID}", f"/units/{ID}.title", f"/units/{ID}.title/history"):
        assert_refused(people.ask("ann", "GET", path), 404, "unknown-id")
    assert people.read("ann", "/releases/next")["resources"] == []
    people.change(FIRST, {"withdrawn": True})
    json_of(people.publish(), 201)
    with nothing_changes(people):
        for public in (FIRST, "category.care"):
            problem = assert_refused(people.work("eirlys", "DELETE", f"/resources/{public}"), 409, "act-refused")
            assert codes(problem) == [("", "was-released")]
    # Whatever is written is never unwritten.
    assert scalar(people, select(func.count()).select_from(Revision).join(Unit, Unit.id == Revision.unit_id)
                  .join(Resource, Resource.id == Unit.resource_id).where(Resource.key == "tyr-dysgu")) == 3  # fmt: skip


def test_what_holds_others_is_deleted_after_them(people: People) -> None:
    category = {"kind": "category", "source_language": "en", "collection": "small", "texts": {"name": {"en": "Brief"}}}
    json_of(people.ask("eirlys", "POST", "/resources", category), 201)
    create(people, category="brief")
    problem = assert_refused(people.work("eirlys", "DELETE", "/resources/category.brief"), 409, "act-refused")
    assert codes(problem) == [("", "in-use")]
    people.work("eirlys", "DELETE", f"/resources/{ID}")
    assert people.work("eirlys", "DELETE", "/resources/category.brief").status_code == 204
    # What is deleted is no place for others.
    create_in_it = people.ask("eirlys", "POST", "/resources", {**NEW, "category": "brief"})
    for response in (create_in_it, people.change(FIRST, {"category": "brief"})):
        assert codes(assert_refused(response, 400, "invalid-request")) == [("/category", "unknown-key")]


def test_an_id_is_never_given_again(people: People) -> None:
    create(people)
    people.work("eirlys", "DELETE", f"/resources/{ID}")
    problem = assert_refused(people.ask("eirlys", "POST", "/resources", NEW), 400, "invalid-request")
    assert codes(problem) == [("/key", "key-used-before")]
    again = create(people, key="tyr-dysgu-eto")
    assert (again["id"], again["slugs"]["cy"]) == ("moment.tyr-dysgu-eto", "tyr-dysgu")


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_change_needs_what_its_author_has_read(people: People, language: str) -> None:
    stale = people.ask("eirlys", "GET", f"/resources/{FIRST}").headers["ETag"]
    people.change(FIRST, {"number": 9})
    now = people.ask("eirlys", "GET", f"/resources/{FIRST}")
    with nothing_changes(people):
        for method, body in (("PATCH", {"number": 10}), ("DELETE", None)):
            path = f"/resources/{FIRST}"
            assert_refused(
                people.ask("eirlys", method, path, body, lang=language), 428, "precondition-required", language
            )
            for given in (stale, f"W/{now.headers['ETag']}"):
                response = people.ask("eirlys", method, path, body, if_match=given, lang=language)
                problem = assert_refused(response, 412, "text-changed", language)
                assert (problem["current"], problem["etag"]) == (now.get_json(), now.headers["ETag"])
            assert_refused(people.ask("eirlys", method, "/resources/moment.x", body, if_match="*"), 404, "unknown-id")


def test_asking_twice_under_one_key_creates_once(people: People) -> None:
    first = people.ask("eirlys", "POST", "/resources", NEW, key="k")
    people.change(ID, {"number": 9})
    with nothing_changes(people):
        again = people.ask("eirlys", "POST", "/resources", NEW, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert (again.headers["ETag"], again.headers["Idempotent-Replayed"]) == (first.headers["ETag"], "true")
    assert "Idempotent-Replayed" not in first.headers
    assert_refused(people.ask("eirlys", "POST", "/resources", {**NEW, "number": 62}, key="k"), 422, "key-reused")


def test_a_key_is_its_own_persons_whatever_token(people: People) -> None:
    people.hire("elin", Role.EDITOR)
    people.hire("eirlys2", Role.EDITOR, name="Eirlys")
    first = people.ask("eirlys", "POST", "/resources", NEW, key="k")
    other = people.ask("elin", "POST", "/resources", {**NEW, "key": "arall", "slugs": {"cy": "arall"}}, key="k")
    assert (first.status_code, other.status_code) == (201, 201)
    assert people.ask("eirlys2", "POST", "/resources", NEW, key="k").data == first.data


def test_a_failure_is_not_kept_under_a_key(people: People) -> None:
    assert people.ask("eirlys", "POST", "/resources", {**NEW, "category": "x"}, key="k").status_code == 400
    assert scalar(people, select(func.count()).select_from(Idempotency)) == 0
    assert people.ask("eirlys", "POST", "/resources", NEW, key="k").status_code == 201


@pytest.mark.parametrize(("hours", "status"), [(23, 422), (25, 201)])
def test_a_key_is_kept_for_a_day(people: People, hours: int, status: int) -> None:
    assert people.ask("eirlys", "POST", "/resources", NEW, key="k").status_code == 201
    with people.database.engine.begin() as connection:
        connection.execute(update(Idempotency).values(at=datetime.now(UTC) - timedelta(hours=hours)))
    other = {**NEW, "key": "arall", "slugs": {"cy": "arall"}}
    assert people.ask("eirlys", "POST", "/resources", other, key="k").status_code == status


def test_pages_of_every_size_give_each_resource_once(people: People) -> None:
    everything = [item["id"] for item in people.read("ann", "/resources", limit="100")["items"]]
    assert len(everything) == len(set(everything)) == 14
    for limit in range(1, 8):
        seen: list[str] = []
        path = f"/resources?limit={limit}"
        while path:
            page = people.read("ann", path)
            seen += [item["id"] for item in page["items"]]
            path = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000/v1")
        assert seen == everything
    assert TITLE in people.read("ann", f"/resources/{FIRST}")["units"]
