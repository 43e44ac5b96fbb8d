"""The working copy of resources: create, move, rename, withdraw, delete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from api.domain.roles import Role
from api.models import Idempotency, Resource, Revision, Unit
from api.services.access.audit_log import make_audit_context
from api.services.maintenance.suppression import suppress
from tests.tools.actors import FIRST, TITLE, Actors, assert_refused, issue_codes, nothing_changes, scalar
from tests.tools.clients import json_of

NEW = {
    "kind": "moment", "source_language": "cy", "collection": "small", "category": "care", "number": 61,
    "texts": {"title": {"cy": "Tŷ’r dysgu"}, "body": {"cy": "Stori.", "en": "A story."}},
}  # fmt: skip
ID = "moment.tyr-dysgu"


def create(actors: Actors, **more: Any) -> dict[str, Any]:
    return json_of(actors.request("eirlys", "POST", "/resources", {**NEW, **more}), 201)


def order(actors: Actors) -> list[str]:
    items = actors.read("ann", "/resources", kind="moment", limit="100")["items"]
    return [item["id"].partition(".")[2] for item in items]


def test_a_resource_is_created_in_one_language_or_in_both(actors: Actors) -> None:
    response = actors.request("eirlys", "POST", "/resources", NEW)
    created = json_of(response, 201)
    assert created == actors.read("ann", f"/resources/{ID}")
    assert response.headers["ETag"] == actors.request("ann", "GET", f"/resources/{ID}").headers["ETag"]
    assert (created["id"], created["source_language"], created["slugs"]) == (ID, "cy", {"cy": "tyr-dysgu", "en": None})
    assert (created["collection"], created["category"], created["number"], created["release"]) == (
        "small",
        "care",
        61,
        None,
    )
    assert created["units"] == [f"{ID}.title", f"{ID}.body"]
    title, body = actors.unit(f"{ID}.title"), actors.unit(f"{ID}.body")
    assert (title["source"]["language"], title["target"]["language"], title["target"]["text"]) == ("cy", "en", None)
    assert (body["target"]["text"], body["target"]["based_on"], body["target"]["origin"]) == ("A story.", 1, "human")
    assert body["source"]["updated_by"] == body["target"]["updated_by"] == "eirlys"
    assert actors.blockers() == [(ID, "missing")]
    assert actors.client.get("/v1/moments/tyr-dysgu?lang=cy").status_code == 404


def test_a_missing_text_can_be_added_later(actors: Actors) -> None:
    create(actors)
    view = json_of(actors.change_resource(ID, {"texts": {"highlight": {"cy": "*Tŷ*.", "en": "A *house*."}}}), 200)
    assert view["units"] == [f"{ID}.title", f"{ID}.body", f"{ID}.highlight"]
    assert actors.unit(f"{ID}.highlight")["target"]["text"] == "A *house*."
    assert actors.audit(subject=ID)[0]["detail"] == {"texts": {"highlight": {"cy": 1, "en": 1}}}
    actors.act("twm", "target", {"text": "The house of learning"}, f"{ID}.title")
    json_of(actors.publish(), 201)
    shown = actors.read_public("/moments/tyr-dysgu", lang="en")
    assert shown["highlight"] == "A house."
    # A text is refused if it exists already, if its field is unknown, or if the token does not allow its language.
    with nothing_changes(actors):
        for texts, code in (
            ({"body": {"cy": "x"}}, ("/texts/body", "text-exists")),
            ({"strapline": {"cy": "x"}}, ("/texts/strapline", "unknown-text")),
            ({}, ("/texts", "missing-text")),
        ):
            assert issue_codes(
                assert_refused(actors.change_resource(ID, {"texts": texts}), 400, "invalid-request")
            ) == [code]
    actors.add_actor("gwen", Role.EDITOR, language="cy")
    etag = actors.request("gwen", "GET", f"/resources/{FIRST}").headers["ETag"]
    both = {"texts": {"highlight": {"cy": "x", "en": "x"}}}
    assert_refused(
        actors.request("gwen", "PATCH", f"/resources/{FIRST}", both, if_match=etag), 403, "language-not-allowed"
    )


def test_the_first_translation_of_a_title_sets_the_slug(actors: Actors) -> None:
    create(actors)
    create(actors, key="arall", slugs={"cy": "arall"}, number=62)
    for resource, expected in ((ID, "learning"), ("moment.arall", "learning-2")):
        actors.act("twm", "target", {"text": "Learn", "state": "initial"}, f"{resource}.title")
        assert actors.read("ann", f"/resources/{resource}")["slugs"]["en"] is None
        actors.act("twm", "target", {"text": "*Learning*"}, f"{resource}.title")
        assert actors.read("ann", f"/resources/{resource}")["slugs"]["en"] == expected
    # An editor can remove the slug, or choose another.
    actors.change_resource(ID, {"slugs": {"en": None}})
    actors.act("twm", "target", {"text": "To learn"}, f"{ID}.title")
    assert actors.read("ann", f"/resources/{ID}")["slugs"]["en"] is None
    # The title "Random" would give a reserved slug, so a number is appended.
    create(actors, key="trydydd-un", slugs={"cy": "trydydd-un"}, number=63)
    actors.act("twm", "target", {"text": "Random"}, "moment.trydydd-un.title")
    assert actors.read("ann", "/resources/moment.trydydd-un")["slugs"]["en"] == "random-2"


def test_a_category_of_another_booklet_is_refused(actors: Actors) -> None:
    other = {"kind": "collection", "source_language": "cy", "texts": {"title": {"cy": "Ail lyfryn"}}}
    json_of(actors.request("eirlys", "POST", "/resources", other), 201)
    category = {
        "kind": "category",
        "source_language": "cy",
        "collection": "ail-lyfryn",
        "texts": {"name": {"cy": "Un"}},
    }
    json_of(actors.request("eirlys", "POST", "/resources", category), 201)
    expected = [("/category", "of-another-collection")]
    with nothing_changes(actors):
        response = actors.request("eirlys", "POST", "/resources", NEW | {"category": "un"})
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == expected
        response = actors.change_resource(FIRST, {"category": "un"})
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == expected


def test_a_suppressed_resource_cannot_be_changed(actors: Actors) -> None:
    with actors.database.writing() as session:
        suppress(session, make_audit_context(session, "operator", "cli"), FIRST, "a reason")
    with nothing_changes(actors):
        for response in (
            actors.change_resource(FIRST, {"withdrawn": False}),
            actors.write("eirlys", "DELETE", f"/resources/{FIRST}"),
            actors.try_action("twm", "target", {"text": "Yn ôl"}),
            actors.try_action("eirlys", "source", {"text": "Back"}),
            actors.try_action("twm", "confirm", {}),
        ):
            assert issue_codes(assert_refused(response, 409, "act-refused")) == [("", "suppressed")]


def test_a_created_resource_can_be_released(actors: Actors) -> None:
    create(actors, texts={"title": {"cy": "Newydd", "en": "New"}, "body": {"cy": "Stori.", "en": "A story."}})
    json_of(actors.publish(), 201)
    assert actors.read_public("/moments/newydd", lang="cy")["title"] == "Newydd"
    assert actors.read_public("/moments/new", lang="en")["title"] == "New"


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
def test_each_issue_of_a_new_resource_is_reported_with_a_pointer(actors: Actors, language: str) -> None:
    with nothing_changes(actors):
        for change, expected in REFUSED:
            response = actors.request("eirlys", "POST", "/resources", {**NEW, **change}, lang=language)
            problem = assert_refused(response, 400, "invalid-request", language)
            assert sorted(issue_codes(problem)) == expected, change


def _ranks(actors: Actors) -> dict[int, int]:
    with actors.database.engine.connect() as connection:
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
def test_moving_a_resource_changes_only_one_row(actors: Actors, body: dict[str, str], expected: list[str]) -> None:
    before = _ranks(actors)
    json_of(actors.change_resource(FIRST, body), 200)
    after = _ranks(actors)
    assert order(actors) == expected
    assert sum(before[row] != after[row] for row in before) <= 1
    assert actors.read_public("/moments", lang="en")["items"][0]["slug"] == "first"


def test_repeated_moves_to_one_position_never_run_out_of_ranks(actors: Actors) -> None:
    expected = ["second", "paned", "fourth", "first", "fifth"]
    for turn in range(30):
        mover, neighbour = (("first", "fourth"), ("fifth", "fourth"))[turn % 2]
        json_of(actors.change_resource(f"moment.{mover}", {"after": f"moment.{neighbour}"}), 200)
        expected.remove(mover)
        expected.insert(expected.index(neighbour) + 1, mover)
        assert order(actors) == expected
    # If other resources had to make room, the audit log records their new ranks as well.
    entries = actors.read("ann", "/audit", limit="100")["items"]
    assert {entry["act"] for entry in entries} >= {"move", "make-room"}
    json_of(actors.publish(), 201)
    listed = actors.read_public("/moments", lang="en")["items"]
    assert [item["id"].removeprefix("moment.") for item in listed] == expected


def test_setting_a_resource_to_its_current_values_changes_nothing(actors: Actors) -> None:
    view = actors.read("eirlys", f"/resources/{FIRST}")
    same = {"withdrawn": False, "number": view["number"], "category": view["category"], "slugs": view["slugs"]}
    with nothing_changes(actors):
        assert json_of(actors.change_resource(FIRST, same), 200) == view
        json_of(actors.change_resource(FIRST, {"before": "moment.second"}), 200)


def test_a_move_is_published_by_a_release(actors: Actors) -> None:
    actors.change_resource(FIRST, {"after": "moment.fifth"})
    json_of(actors.publish(), 201)
    listed = actors.read_public("/moments", lang="cy")["items"]
    assert [item["slugs"]["en"] for item in listed] == ["second", "cuppa", "fourth", "fifth", "first"]


@pytest.mark.parametrize("neighbour", ["moment.nobody", "prompt.begin", FIRST, "x", "moment.gone"])
def test_a_move_next_to_an_unknown_resource_is_refused(actors: Actors, neighbour: str) -> None:
    create(actors, key="gone", slugs={"cy": "gone"})
    actors.write("eirlys", "DELETE", "/resources/moment.gone")
    with nothing_changes(actors):
        for member in ("after", "before"):
            problem = assert_refused(actors.change_resource(FIRST, {member: neighbour}), 400, "invalid-request")
            assert "public" not in problem["errors"][0]["detail"]
            assert issue_codes(problem) == [(f"/{member}", "unknown-neighbour")]


def test_a_change_of_category_and_number_is_published_by_a_release(actors: Actors) -> None:
    view = json_of(actors.change_resource(FIRST, {"category": "talk", "number": 77}), 200)
    assert (view["category"], view["number"]) == ("talk", 77)
    assert actors.read_public("/moments/first", lang="cy")["number"] == 1
    json_of(actors.publish(), 201)
    shown = actors.read_public("/moments/first", lang="cy")
    assert (shown["number"], shown["category"]["slug"]) == (77, "talk")
    assert json_of(actors.change_resource(FIRST, {"number": None}), 200)["number"] is None


def test_fields_that_a_kind_does_not_have_cannot_be_changed(actors: Actors) -> None:
    with nothing_changes(actors):
        response = actors.change_resource("prompt.begin", {"category": "talk", "number": 1})
        problem = assert_refused(response, 400, "invalid-request")
        assert issue_codes(problem) == [("/category", "not-of-this-kind"), ("/number", "not-of-this-kind")]
        for body, expected in (
            ({"category": "nothing"}, ("/category", "unknown-key")),
            ({"category": None}, ("/category", "not-null")),
            ({"slugs": {"en": None}}, ("/slugs/en", "not-null")),
            ({"key": "other"}, ("/key", "unknown-member")),
            ({"withdrawn": "yes"}, ("/withdrawn", "wrong-type")),
        ):
            assert issue_codes(assert_refused(actors.change_resource(FIRST, body), 400, "invalid-request")) == [
                expected
            ]


def test_an_old_slug_redirects_if_it_was_public(actors: Actors) -> None:
    view = json_of(actors.change_resource(FIRST, {"slugs": {"en": "the-first", "cy": "y-cyntaf"}}), 200)
    assert view["slugs"] == {"en": "the-first", "cy": "y-cyntaf"}
    assert view["id"] == FIRST
    assert actors.client.get("/v1/moments/first?lang=en").status_code == 200
    json_of(actors.publish(), 201)
    for old, new, language in (("first", "the-first", "en"), ("cyntaf", "y-cyntaf", "cy")):
        moved = actors.client.get(f"/v1/moments/{old}?lang={language}")
        assert moved.status_code == 308
        assert moved.headers["Location"].endswith(f"/v1/moments/{new}?lang={language}") or language == "cy"
    assert actors.read_public("/moments/the-first", lang="en")["id"] == FIRST


def test_a_slug_is_unique_and_can_be_reused_if_it_was_never_public(actors: Actors) -> None:
    with nothing_changes(actors):
        for slug in ("second", "ail", "random", "Llŷn", "a--b", "a" * 101):
            problem = assert_refused(actors.change_resource(FIRST, {"slugs": {"en": slug}}), 400, "invalid-request")
            codes_of = {"second": "slug-taken", "ail": "slug-taken", "random": "reserved-slug", "a" * 101: "too-long"}
            code = codes_of.get(slug, "malformed-slug")
            assert issue_codes(problem) == [("/slugs/en", code)], slug
    actors.change_resource(FIRST, {"slugs": {"en": "passing"}})
    assert actors.change_resource("moment.second", {"slugs": {"en": "passing"}}).status_code == 400
    actors.change_resource(FIRST, {"slugs": {"en": "first"}})
    assert actors.change_resource("moment.second", {"slugs": {"en": "passing"}}).status_code == 200


def test_a_withdrawal_can_be_undone_or_published(actors: Actors) -> None:
    assert json_of(actors.change_resource(FIRST, {"withdrawn": True}), 200)["withdrawn"] is True
    assert actors.client.get("/v1/moments/first?lang=en").status_code == 200
    actors.change_resource(FIRST, {"withdrawn": False})
    assert actors.read("ann", "/releases/next")["resources"] == []
    actors.change_resource(FIRST, {"withdrawn": True})
    json_of(actors.publish(), 201)
    gone = actors.client.get("/v1/moments/first?lang=en")
    assert (gone.status_code, gone.get_json()["since"]) == (410, 2)
    actors.change_resource(FIRST, {"withdrawn": False})
    json_of(actors.publish(), 201)
    assert actors.read_public("/moments/first", lang="cy")["title"] == "CY first title"


def test_only_resources_that_were_never_released_can_be_deleted(actors: Actors) -> None:
    create(actors)
    assert actors.write("eirlys", "DELETE", f"/resources/{ID}").status_code == 204
    for path in (f"/resources/{ID}", f"/units/{ID}.title", f"/units/{ID}.title/history"):
        assert_refused(actors.request("ann", "GET", path), 404, "unknown-id")
    assert actors.read("ann", "/releases/next")["resources"] == []
    actors.change_resource(FIRST, {"withdrawn": True})
    json_of(actors.publish(), 201)
    with nothing_changes(actors):
        for public in (FIRST, "category.care"):
            problem = assert_refused(actors.write("eirlys", "DELETE", f"/resources/{public}"), 409, "act-refused")
            assert issue_codes(problem) == [("", "was-released")]
    # Revisions are never deleted.
    assert scalar(actors, select(func.count()).select_from(Revision).join(Unit, Unit.id == Revision.unit_id)
                  .join(Resource, Resource.id == Unit.resource_id).where(Resource.key == "tyr-dysgu")) == 3  # fmt: skip


def test_a_resource_with_children_can_be_deleted_only_after_its_children(actors: Actors) -> None:
    category = {"kind": "category", "source_language": "en", "collection": "small", "texts": {"name": {"en": "Brief"}}}
    json_of(actors.request("eirlys", "POST", "/resources", category), 201)
    create(actors, category="brief")
    problem = assert_refused(actors.write("eirlys", "DELETE", "/resources/category.brief"), 409, "act-refused")
    assert issue_codes(problem) == [("", "in-use")]
    actors.write("eirlys", "DELETE", f"/resources/{ID}")
    assert actors.write("eirlys", "DELETE", "/resources/category.brief").status_code == 204
    # A deleted resource cannot have children.
    create_in_it = actors.request("eirlys", "POST", "/resources", {**NEW, "category": "brief"})
    for response in (create_in_it, actors.change_resource(FIRST, {"category": "brief"})):
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("/category", "unknown-key")]


def test_the_id_of_a_deleted_resource_is_never_used_again(actors: Actors) -> None:
    create(actors)
    actors.write("eirlys", "DELETE", f"/resources/{ID}")
    problem = assert_refused(actors.request("eirlys", "POST", "/resources", NEW), 400, "invalid-request")
    assert issue_codes(problem) == [("/key", "key-used-before")]
    again = create(actors, key="tyr-dysgu-eto")
    assert (again["id"], again["slugs"]["cy"]) == ("moment.tyr-dysgu-eto", "tyr-dysgu")


@pytest.mark.parametrize("language", ["cy", "en"])
def test_a_change_of_a_resource_requires_its_current_etag(actors: Actors, language: str) -> None:
    stale = actors.request("eirlys", "GET", f"/resources/{FIRST}").headers["ETag"]
    actors.change_resource(FIRST, {"number": 9})
    now = actors.request("eirlys", "GET", f"/resources/{FIRST}")
    with nothing_changes(actors):
        for method, body in (("PATCH", {"number": 10}), ("DELETE", None)):
            path = f"/resources/{FIRST}"
            assert_refused(
                actors.request("eirlys", method, path, body, lang=language), 428, "precondition-required", language
            )
            for if_match in (stale, f"W/{now.headers['ETag']}"):
                response = actors.request("eirlys", method, path, body, if_match=if_match, lang=language)
                problem = assert_refused(response, 412, "text-changed", language)
                assert (problem["current"], problem["etag"]) == (now.get_json(), now.headers["ETag"])
            assert_refused(
                actors.request("eirlys", method, "/resources/moment.x", body, if_match="*"), 404, "unknown-id"
            )


def test_two_requests_with_the_same_idempotency_key_create_one_resource(actors: Actors) -> None:
    first = actors.request("eirlys", "POST", "/resources", NEW, key="k")
    actors.change_resource(ID, {"number": 9})
    with nothing_changes(actors):
        again = actors.request("eirlys", "POST", "/resources", NEW, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert (again.headers["ETag"], again.headers["Idempotent-Replayed"]) == (first.headers["ETag"], "true")
    assert "Idempotent-Replayed" not in first.headers
    assert_refused(actors.request("eirlys", "POST", "/resources", {**NEW, "number": 62}, key="k"), 422, "key-reused")


def test_an_idempotency_key_belongs_to_a_person_not_to_a_token(actors: Actors) -> None:
    actors.add_actor("elin", Role.EDITOR)
    actors.add_actor("eirlys2", Role.EDITOR, name="Eirlys")
    first = actors.request("eirlys", "POST", "/resources", NEW, key="k")
    other = actors.request("elin", "POST", "/resources", {**NEW, "key": "arall", "slugs": {"cy": "arall"}}, key="k")
    assert (first.status_code, other.status_code) == (201, 201)
    assert actors.request("eirlys2", "POST", "/resources", NEW, key="k").data == first.data


def test_a_failed_response_is_not_stored_under_its_idempotency_key(actors: Actors) -> None:
    assert actors.request("eirlys", "POST", "/resources", {**NEW, "category": "x"}, key="k").status_code == 400
    assert scalar(actors, select(func.count()).select_from(Idempotency)) == 0
    assert actors.request("eirlys", "POST", "/resources", NEW, key="k").status_code == 201


@pytest.mark.parametrize(("hours", "status"), [(23, 422), (25, 201)])
def test_an_idempotency_key_is_stored_for_a_day(actors: Actors, hours: int, status: int) -> None:
    assert actors.request("eirlys", "POST", "/resources", NEW, key="k").status_code == 201
    with actors.database.engine.begin() as connection:
        connection.execute(update(Idempotency).values(at=datetime.now(UTC) - timedelta(hours=hours)))
    other = {**NEW, "key": "arall", "slugs": {"cy": "arall"}}
    assert actors.request("eirlys", "POST", "/resources", other, key="k").status_code == status


def test_each_resource_is_listed_once_at_every_page_size(actors: Actors) -> None:
    everything = [item["id"] for item in actors.read("ann", "/resources", limit="100")["items"]]
    assert len(everything) == len(set(everything)) == 14
    for limit in range(1, 8):
        seen: list[str] = []
        path = f"/resources?limit={limit}"
        while path:
            page = actors.read("ann", path)
            seen += [item["id"] for item in page["items"]]
            path = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000/v1")
        assert seen == everything
    assert TITLE in actors.read("ann", f"/resources/{FIRST}")["units"]
