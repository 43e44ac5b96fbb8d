"""The change feed: moved and withdrawn resources, and pages that are all of one release."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.kind import KINDS
from api.services.authoring.edit_resource import ResourceChange, change_resource, open_resource
from tests.conftest import MakeApp
from tests.docs.transcripts import send
from tests.journeys.scenario import Scenario, scenario_steps
from tests.tools.booklets import editor
from tests.tools.feed_copy import FeedCopy


@pytest.fixture
def scenario(empty_database: Database) -> Scenario:
    """Make the first four releases: a load, an added moment, a rename with a waiver, and a withdrawal."""
    scenario = Scenario(empty_database)
    for step in scenario_steps(scenario)[:4]:
        step()
    return scenario


@pytest.fixture
def client(scenario: Scenario, empty_url: str, make_app: MakeApp) -> FlaskClient:
    return make_app(empty_url).test_client()


def read_all_pages(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    pages = []
    while path:
        pages.append(client.get(path).json)
        parts = urlsplit(pages[-1]["links"]["next"] or "")
        path = parts.path and f"{parts.path}?{parts.query}"
    assert len({page["release"] for page in pages}) == 1
    return [item for page in pages for item in page["items"]]


def test_the_change_feed_lists_published_moved_and_withdrawn_resources(client: FlaskClient) -> None:
    changes = {item["id"]: item for item in read_all_pages(client, "/v1/changes?since=2&limit=2")}
    assert {name: (item["change"], item["release"]) for name, item in changes.items()} == {
        "moment.first": ("moved", 3),
        "category.care": ("moved", 3),
        "moment.second": ("published", 3),
        "moment.fourth": ("published", 3),
        "moment.paned": ("published", 4),
        "moment.fifth": ("withdrawn", 4),
    }
    assert changes["moment.first"]["slug"] == "first-of-all"
    assert {item["collection"] for item in changes.values()} == {"small"}
    assert read_all_pages(client, "/v1/changes?since=4") == []


def test_the_change_feed_since_release_0_lists_every_resource_once(client: FlaskClient, scenario: Scenario) -> None:
    changes = read_all_pages(client, "/v1/changes?since=0&include=content&limit=3")
    names = [item["id"] for item in changes]
    assert sorted(names) == sorted(scenario.model.releases[4])
    for item in changes:
        assert (item["content"] is None) == (item["change"] == "withdrawn")


def test_all_pages_of_the_change_feed_are_of_the_same_release_as_the_first_page(
    client: FlaskClient, scenario: Scenario
) -> None:
    first = client.get("/v1/changes?since=0&limit=5").json
    before = read_all_pages(client, "/v1/changes?since=0&limit=5")
    scenario.rename("moment.second", "en", "second-of-all")
    scenario.rename("collection.small", "en", "smaller")
    scenario.publish("moment.second", "collection.small")
    parts = urlsplit(first["links"]["next"])
    assert first["items"] + read_all_pages(client, f"{parts.path}?{parts.query}") == before
    after = read_all_pages(client, f"/v1/changes?since={first['release']}")
    assert [(item["id"], item["change"]) for item in after] == [
        ("collection.small", "moved"),
        ("moment.second", "moved"),
    ]
    assert after[1]["collection"] == "smaller", "the current slug of the collection"


LISTS: list[tuple[str, dict[str, str]]] = [
    *((kind, {}) for kind in KINDS),
    *(("moment", {"category": category}) for category in ("category.care", "category.talk")),
    ("prompt", {"stage": "framing"}),
    ("guide", {"part": "key-word"}),
]


def assert_copy_gives_every_list(client: FlaskClient, copy: FeedCopy) -> None:
    """Compare the lists that a copy writes with the service's own bilingual lists, item by item and link by link."""
    for kind, filters in LISTS:
        slugs = {name: value.partition(".")[2] or value for name, value in filters.items()}
        query = urlencode({**slugs, "limit": 100})
        listed = client.get(f"/v1/bilingual/{KINDS[kind].plural}?{query}").json
        assert listed is not None
        assert copy.write_list(kind, **filters) == {name: listed[name] for name in listed if name != "links"}


def test_a_copy_updated_from_the_feed_matches_every_bilingual_list_after_each_release(
    empty_database: Database, empty_url: str, make_app: MakeApp
) -> None:
    client = make_app(empty_url).test_client()

    def get(path: str) -> dict[str, Any]:
        return dict(client.get(path).json or {})

    kept, scenario = FeedCopy(get), Scenario(empty_database)
    for step in scenario_steps(scenario):
        step()
        kept.synchronise(limit=3)
        fresh = FeedCopy(get)
        fresh.synchronise()
        assert kept.contents == fresh.contents
        assert_copy_gives_every_list(client, kept)


def test_renaming_a_category_is_one_change_and_updates_its_moments_in_a_copy(
    client: FlaskClient, scenario: Scenario
) -> None:
    copy = FeedCopy(lambda path: dict(client.get(path).json or {}))
    copy.synchronise()
    scenario.write("category.talk", "name", "en", "EN talking")
    scenario.write("category.talk", "name", "cy", "CY siarad")
    scenario.publish("category.talk")
    assert [item["id"] for item in read_all_pages(client, f"/v1/changes?since={copy.release}")] == ["category.talk"]
    copy.synchronise()
    fourth = next(item for item in copy.write_list("moment")["items"] if item["id"] == "moment.fourth")
    assert fourth["category"]["name"] == {"cy": "CY siarad", "en": "EN talking"}
    assert_copy_gives_every_list(client, copy)


def reorder(scenario: Scenario, name: str, after: str) -> None:
    with scenario.database.writing() as session:
        row_id = open_resource(session, name, "*")
        change_resource(session, editor(session), name, row_id, ResourceChange(frozenset({"after"}), after=after))


def test_a_reorder_is_reported_as_a_change_of_each_moved_resource(client: FlaskClient, scenario: Scenario) -> None:
    copy = FeedCopy(lambda path: dict(client.get(path).json or {}))
    copy.synchronise()
    reorder(scenario, "moment.second", "moment.fourth")
    scenario.publish("moment.second")
    assert [item["id"] for item in read_all_pages(client, f"/v1/changes?since={copy.release}")] == ["moment.second"]
    copy.synchronise()
    names = [item["id"] for item in copy.write_list("moment")["items"]]
    assert names == ["moment.first", "moment.paned", "moment.fourth", "moment.second", "moment.sixth"]
    assert_copy_gives_every_list(client, copy)


def test_no_two_resources_have_the_same_order_if_only_some_moves_are_released(
    client: FlaskClient, scenario: Scenario
) -> None:
    # The second moment leaves its place, which becomes the middle of the gap, but the release leaves it out.
    reorder(scenario, "moment.second", "moment.sixth")
    reorder(scenario, "moment.fourth", "moment.first")
    scenario.publish("moment.fourth", waive=[("moment.fourth", "missing")])
    copy = FeedCopy(lambda path: dict(client.get(path).json or {}))
    copy.synchronise()
    orders = [content["order"] for content in copy.contents.values() if content["kind"] == "moment"]
    assert len(set(orders)) == len(orders) == 5
    assert_copy_gives_every_list(client, copy)


def test_content_has_unpinned_links_and_refers_to_other_resources_by_id(client: FlaskClient) -> None:
    changes = read_all_pages(client, "/v1/changes?since=0&include=content")
    contents = {item["id"]: item["content"] for item in changes}
    assert contents["moment.first"]["category"] == "category.care"
    assert contents["moment.first"]["collection"] == "collection.small"
    assert "release=" not in str(contents)
    assert "moments" not in contents["category.care"]


@pytest.mark.parametrize("include", ["", "&include=content"])
def test_changes_since_a_release_that_was_never_made_are_refused_with_advice(client: FlaskClient, include: str) -> None:
    for language, words in (("en", "Start again with ‘since=0’"), ("cy", "Dechreuwch eto â ‘since=0’")):
        response = client.get(f"/v1/changes?since=5{include}", headers={"Accept-Language": language})
        assert response.status_code == 400
        assert response.json is not None
        (error,) = response.json["errors"]
        assert (error["code"], error["parameter"]) == ("release-not-made", "since")
        assert words in error["detail"]
    newest = client.get(f"/v1/changes?since=4{include}").json
    assert newest is not None
    assert (newest["items"], newest["release"], newest["links"]["next"]) == ([], 4, None)


def test_changes_since_a_release_can_be_read_as_soon_as_it_is_made(client: FlaskClient, scenario: Scenario) -> None:
    assert client.get("/v1/changes?since=5").status_code == 400
    scenario.withdraw("moment.sixth")
    scenario.publish("moment.sixth")
    assert client.get("/v1/changes?since=5").status_code == 200


def test_links_in_content_lead_to_the_text_even_if_the_service_shows_only_reviewed_texts(
    empty_database: Database, empty_url: str, make_app: MakeApp
) -> None:
    Scenario(empty_database).load()
    client = make_app(empty_url, min_state="reviewed").test_client()
    changes = read_all_pages(client, "/v1/changes?since=0&include=content")
    shown = [(item["content"], item["content"]["translations"][x]) for item in changes for x in ("cy", "en")]
    assert {translation["state"] for _, translation in shown} == {"source", "translated", "reviewed"}
    for content, translation in shown:
        if content["slug"] is not None:
            for url in (translation["url"], content["links"]["self"]):
                assert send(client, url).json["release"] == 1


def test_all_pages_of_a_list_are_of_the_same_release_as_the_first_page(client: FlaskClient, scenario: Scenario) -> None:
    first = client.get("/v1/moments?lang=cy&limit=2").json
    scenario.withdraw("moment.sixth")
    scenario.publish("moment.sixth")
    parts = urlsplit(first["links"]["next"])
    remaining = read_all_pages(client, f"{parts.path}?{parts.query}")
    assert first["total"] == len(first["items"]) + len(remaining)
    assert "moment.sixth" in [item["id"] for item in remaining]
    assert "moment.sixth" not in [item["id"] for item in client.get("/v1/moments?lang=cy").json["items"]]
