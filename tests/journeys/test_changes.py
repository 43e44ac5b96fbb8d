"""The change feed: moved and withdrawn resources, and pages that are all of one release."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.conftest import MakeApp
from tests.journeys.scenario import Scenario, scenario_steps


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
    content = {item["id"]: item["content"] for item in changes}
    pinned = client.get("/v1/bilingual/moments/paned?release=4").json
    assert {k: v for k, v in content["moment.paned"].items() if k != "links"} == {
        k: v for k, v in pinned.items() if k != "links"
    }


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


def test_all_pages_of_a_list_are_of_the_same_release_as_the_first_page(client: FlaskClient, scenario: Scenario) -> None:
    first = client.get("/v1/moments?lang=cy&limit=2").json
    scenario.withdraw("moment.sixth")
    scenario.publish("moment.sixth")
    parts = urlsplit(first["links"]["next"])
    remaining = read_all_pages(client, f"{parts.path}?{parts.query}")
    assert first["total"] == len(first["items"]) + len(remaining)
    assert "moment.sixth" in [item["id"] for item in remaining]
    assert "moment.sixth" not in [item["id"] for item in client.get("/v1/moments?lang=cy").json["items"]]
