"""Every URL and list of the eight-release scenario, at every release and with every language request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.db.database import Database
from api.domain.kind import KINDS
from tests.conftest import Template, make_settings
from tests.journeys.requests import (
    LanguageRequest,
    list_language_requests,
    read_list,
    rule_of,
    send,
    summarise_response,
)
from tests.journeys.scenario import Scenario, scenario_steps
from tests.tools.booklets import copy_database
from tests.tools.reference_model import ReferenceModel

STATES = ("translated", "reviewed")
REQUESTS = list(list_language_requests())
# These requests depend on the default of `min_state`, so they are sent with both defaults; the others with one.
OPEN = [request for request in REQUESTS if "min_state" not in request[0]]
LISTS: dict[str, list[dict[str, str]]] = {
    "moment": [{}, {"category": "care"}, {"category": "gofal"}, {"category": "talk"}, {"number": "3"}],
    "prompt": [{}, {"stage": "framing"}],
    "guide": [{}, {"part": "key-word"}],
    "category": [{}, {"collection": "bach"}],
}


# To save time, each URL gets one in 12 or 24 of the requests. With TEST_ALL_REQUESTS=1, it gets all requests.
SHARES = {"sqlite": 12, "postgresql": 24}


# All tests of an engine run on one pytest worker, so that the slow scenario is built once.
XDIST_GROUP = "scenario"


@dataclass
class RecordedScenario:
    """The reference model of the scenario, a client for each default, and the responses after each release."""

    model: ReferenceModel
    clients: dict[str, FlaskClient]
    share: int
    # Recorded after each release: the bodies of pinned URLs, and the current response and ETag of each kind and slug.
    pinned: dict[str, bytes] = field(default_factory=dict)
    current: list[dict[tuple[str, str], tuple[dict[str, Any], str]]] = field(default_factory=list)

    @property
    def releases(self) -> list[int]:
        return sorted(self.model.releases)[1:]

    def requests(self, index: int, default: str) -> Iterator[tuple[int | None, LanguageRequest]]:
        """Yield the pairs of release and language request to send to the URL or list with this index."""
        for turn, release in enumerate((None, *self.releases)):
            for number, request in enumerate(REQUESTS if default == "translated" else OPEN):
                if (index + turn + number) % self.share == 0:
                    yield release, request


@pytest.fixture(scope="module")
def scenario(empty_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedScenario]:
    share = 1 if os.environ.get("TEST_ALL_REQUESTS") else SHARES[empty_template.engine]
    with ExitStack() as stack:
        url = stack.enter_context(copy_database(empty_template, tmp_path_factory.mktemp("scenario")))
        apps = {state: create_app(make_settings(url, min_state=state)) for state in STATES}
        for app in apps.values():
            stack.callback(app.extensions["eiliadau_hud"].database.close)
        database = Database(make_settings(url))
        stack.callback(database.close)
        source = Scenario(database)
        recorded = RecordedScenario(source.model, {state: app.test_client() for state, app in apps.items()}, share)
        for step in scenario_steps(source):
            step()
            record(recorded)
        yield recorded


def record(scenario: RecordedScenario) -> None:
    """Record the newest release: the bodies of URLs that name it, and the current English responses with ETags."""
    release, client = scenario.releases[-1], scenario.clients["translated"]
    now = {}
    for kind, slug in scenario.model.list_slugs():
        path = f"/v1/{KINDS[kind].plural}/{slug}?lang="
        response = client.get(f"{path}cy&release={release}")
        if response.status_code == 200:
            scenario.pinned[f"{path}cy&release={release}"] = response.data
        response = client.get(f"{path}en")
        if response.status_code == 200:
            now[kind, slug] = (summarise_response(response), response.headers["ETag"])
    scenario.current.append(now)
    for kind in KINDS.values():
        path = f"/v1/bilingual/{kind.plural}?release={release}"
        scenario.pinned[path] = client.get(path).data


@pytest.mark.parametrize("default", STATES)
def test_every_url_at_every_release_matches_the_reference_model(scenario: RecordedScenario, default: str) -> None:
    client, model = scenario.clients[default], scenario.model
    sent = 0
    for index, (kind, slug) in enumerate(model.list_slugs()):
        for release, request in scenario.requests(index, default):
            expected = model.respond(release or scenario.releases[-1], kind, slug, rule_of(request, default, release))
            response = send(client, f"/{KINDS[kind].plural}/{slug}", request, release)
            assert summarise_response(response) == expected, (kind, slug, release, request)
            sent += 1
            if response.status_code == 200 and not request[2]:
                assert response.headers["Content-Language"] == expected["language"]["served"]
    assert sent > 100


@pytest.mark.parametrize("default", STATES)
def test_every_list_at_every_release_matches_the_reference_model(scenario: RecordedScenario, default: str) -> None:
    lists = [(kind, filters) for kind in KINDS for filters in LISTS.get(kind, [{}])]
    for index, (kind, filters) in enumerate(lists):
        for release, request in scenario.requests(index, default):
            assert_list(scenario, kind, filters, release, request, default)


def assert_list(
    scenario: RecordedScenario,
    kind: str,
    filters: dict[str, str],
    release: int | None,
    request: LanguageRequest,
    default: str,
) -> None:
    number = release or scenario.releases[-1]
    facets = {"stage", "part"}
    named = {name: value for name, value in filters.items() if name not in facets}
    expected_filters = {name: _named(scenario.model, number, name, value) for name, value in named.items()}
    facet = filters.get("stage") or filters.get("part")
    expected = scenario.model.list_page(
        number, kind, rule_of(request, default, release), facet=facet, **expected_filters
    )
    path = f"/{KINDS[kind].plural}"
    result = read_list(scenario.clients[default], path, request, release, limit="2", **filters)
    assert result == expected, (kind, filters, release, request)


def _named(model: ReferenceModel, release: int, name: str, value: str) -> Any:
    if name == "number":
        return int(value)
    public = model.find_entry(release, name, value)
    assert public is not None
    return public.entry.id


def test_pinned_responses_stay_the_same_after_later_releases(scenario: RecordedScenario) -> None:
    client = scenario.clients["reviewed"]
    assert len(scenario.pinned) > 200
    for path, data in scenario.pinned.items():
        assert client.get(path).data == data, path


def test_an_etag_changes_exactly_when_the_response_changes(scenario: RecordedScenario) -> None:
    unchanged, changed = 0, 0
    for before, after in zip(scenario.current, scenario.current[1:], strict=False):
        for key in before.keys() & after.keys():
            (old, old_tag), (new, new_tag) = before[key], after[key]
            assert (old == new) == (old_tag == new_tag), key
            unchanged, changed = unchanged + (old == new), changed + (old != new)
    assert unchanged > 80
    assert changed > 5


@pytest.mark.parametrize("release", range(1, 9))
def test_the_counts_of_the_translation_status_match_the_reference_model(
    scenario: RecordedScenario, release: int
) -> None:
    status = scenario.clients["translated"].get(f"/v1/translation-status?release={release}").json
    assert status is not None
    entries = [p.entry for p in scenario.model.releases[release].values() if not p.entry.withdrawn]
    assert len(entries) > 10
    for language in ("cy", "en"):
        counts = status["languages"][language]
        public = [e for e in entries if e.state_in(language)]
        assert counts["resources"] == len(public)
        assert counts["units"] == sum(len(e.texts[language]) for e in public)
        states = {state: [e for e in public if e.state_in(language) == state] for state in counts["by_state"]}
        assert {s: v["resources"] for s, v in counts["by_state"].items()} == {s: len(v) for s, v in states.items()}
    listed = {
        name: sorted((e["id"], e["language"]) for e in status[name]) for name in ("missing", "outdated", "machine")
    }
    other = [(e, {"cy": "en", "en": "cy"}[e.source]) for e in entries]
    assert listed["missing"] == sorted((e.id, x) for e, x in other if not e.state_in(x))
    assert listed["outdated"] == sorted((e.id, x) for e, x in other if e.state_in(x) and e.outdated)
    assert listed["machine"] == sorted((e.id, x) for e, x in other if e.state_in(x) and e.origin == "machine")
    waived = sorted((e["id"], e["gap"], e["language"]) for e in status["waived"])
    assert waived == sorted((e.id, gap, x) for e, x in other for gap in e.waived)
    for kind in KINDS:
        of_kind = [e for e in entries if e.kind == kind]
        assert status["by_kind"][kind]["total"] == len(of_kind)
        assert status["by_kind"][kind]["cy"]["resources"] == sum(e.state_in("cy") is not None for e in of_kind)
    assert {slug: c["total"] for slug, c in status["by_category"].items()} == {
        c.slug: sum(e.category == c.id for e in entries) for c in entries if c.kind == "category"
    }


def test_the_scenario_covers_every_kind_of_response(scenario: RecordedScenario) -> None:
    responses = [
        scenario.model.respond(release, kind, slug, rule_of(request, "translated", None))
        for release in scenario.releases
        for kind, slug in scenario.model.list_slugs()
        for request in REQUESTS
    ]
    assert {(a["status"], a.get("problem")) for a in responses} == {
        (200, None),
        (308, None),
        (410, "withdrawn"),
        (404, "resource-not-found"),
        (404, "language-not-available"),
    }
    assert {a["waivers"][0][0] for a in responses if a.get("waivers")} == {"missing", "outdated"}
    assert {a["reason"] for a in responses if "reason" in a} == {"missing", "below_min_state"}
