"""The change feed: what moved, what went, and a walk that stays in the release that it began in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.conftest import MakeApp
from tests.journeys.scenario import Story, chapters


@pytest.fixture
def story(empty_database: Database) -> Story:
    """The first four releases: a load, one more moment, a rename with a waiver, and a withdrawal."""
    told = Story(empty_database)
    for chapter in chapters(told)[:4]:
        chapter()
    return told


@pytest.fixture
def client(story: Story, empty_url: str, make_app: MakeApp) -> FlaskClient:
    return make_app(empty_url).test_client()


def walk(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    pages = []
    while path:
        pages.append(client.get(path).json)
        parts = urlsplit(pages[-1]["links"]["next"] or "")
        path = parts.path and f"{parts.path}?{parts.query}"
    assert len({page["release"] for page in pages}) == 1
    return [item for page in pages for item in page["items"]]


def test_a_follower_hears_what_was_published_moved_and_withdrawn(client: FlaskClient) -> None:
    found = {item["id"]: item for item in walk(client, "/v1/changes?since=2&limit=2")}
    assert {name: (item["change"], item["release"]) for name, item in found.items()} == {
        "moment.first": ("moved", 3),
        "category.care": ("moved", 3),
        "moment.second": ("published", 3),
        "moment.fourth": ("published", 3),
        "moment.paned": ("published", 4),
        "moment.fifth": ("withdrawn", 4),
    }
    assert found["moment.first"]["slug"] == "first-of-all"
    assert {item["collection"] for item in found.values()} == {"small"}
    assert walk(client, "/v1/changes?since=4") == []


def test_since_nothing_is_everything_in_one_walk_and_each_once(client: FlaskClient, story: Story) -> None:
    found = walk(client, "/v1/changes?since=0&include=content&limit=3")
    names = [item["id"] for item in found]
    assert sorted(names) == sorted(story.model.releases[4])
    for item in found:
        assert (item["content"] is None) == (item["change"] == "withdrawn")
    content = {item["id"]: item["content"] for item in found}
    pinned = client.get("/v1/bilingual/moments/paned?release=4").json
    assert {k: v for k, v in content["moment.paned"].items() if k != "links"} == {
        k: v for k, v in pinned.items() if k != "links"
    }


def test_a_walk_begun_in_one_release_goes_on_in_it(client: FlaskClient, story: Story) -> None:
    first = client.get("/v1/changes?since=0&limit=5").json
    before = walk(client, "/v1/changes?since=0&limit=5")
    story.rename("moment.second", "en", "second-of-all")
    story.rename("collection.small", "en", "smaller")
    story.publish("moment.second", "collection.small")
    parts = urlsplit(first["links"]["next"])
    assert first["items"] + walk(client, f"{parts.path}?{parts.query}") == before
    after = walk(client, f"/v1/changes?since={first['release']}")
    assert [(item["id"], item["change"]) for item in after] == [
        ("collection.small", "moved"),
        ("moment.second", "moved"),
    ]
    assert after[1]["collection"] == "smaller", "by the slug that it has now"


def test_lists_walked_across_a_release_stay_in_the_one_they_began_in(client: FlaskClient, story: Story) -> None:
    first = client.get("/v1/moments?lang=cy&limit=2").json
    story.withdraw("moment.sixth")
    story.publish("moment.sixth")
    parts = urlsplit(first["links"]["next"])
    rest = walk(client, f"{parts.path}?{parts.query}")
    assert first["total"] == len(first["items"]) + len(rest)
    assert "moment.sixth" in [item["id"] for item in rest]
    assert "moment.sixth" not in [item["id"] for item in client.get("/v1/moments?lang=cy").json["items"]]
