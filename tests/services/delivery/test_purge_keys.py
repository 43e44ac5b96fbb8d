"""The keys to purge after a release: every changed response has one of these keys, and unchanged ones have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.db.database import Database
from api.domain.kind import KINDS
from api.services.maintenance.suppression import suppress
from tests.conftest import MakeApp
from tests.journeys.requests import LanguageRequest, send
from tests.journeys.scenario import Scenario, scenario_steps
from tests.tools.booklets import editor, entry

# Language parameters for every language rule. Each rule appears once, although several queries can express it.
RULES: list[LanguageRequest] = [
    ({"min_state": state}, "", True) for state in ("translated", "reviewed")
] + [
    ({"lang": lang, "fallback": fallback, "min_state": state}, "", False)
    for lang in ("cy", "en")
    for fallback in ("allow", "none")
    for state in ("translated", "reviewed")
]  # fmt: skip
HEADER: LanguageRequest = ({}, "cy only", False)
OTHERS = (
    "/v1", "/v1/releases", "/v1/releases/1", "/v1/changes?since=0", "/v1/changes?since=0&include=content",
    "/v1/translation-status", "/v1/translation-status.csv", "/v1/translation-status/badge.svg?lang=cy",
    "/v1/translation-status?release=1", "/v1/moments?lang=cy&category=care", "/v1/moments?lang=cy&sort=title&limit=2",
    "/v1/prompts?stage=framing", "/v1/moments?lang=cy&release=1", "/v1/moments/first?lang=cy&release=1",
    "/v1/categories/care?lang=cy&release=1", "/v1/moments/unknown", "/v1/moments?release=2",
    *(f"/v1/moments/random?lang=cy&seed={seed}" for seed in range(12)),
)  # fmt: skip


@dataclass(frozen=True)
class CachedResponse:
    """A response in a cache. ``name`` is the id of the resource, or None for a URL of anything else."""

    name: str | None
    content: tuple[int, bytes]
    keys: frozenset[str]


@dataclass
class Service:
    """A scenario, and an application that uses the database of the scenario."""

    scenario: Scenario
    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def purged_keys(self, since: int) -> list[str]:
        result = self.app.test_cli_runner().invoke(args=["cdn", "keys", "--since", str(since)])
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    def read_all(self) -> dict[str, CachedResponse]:
        """Read every URL of the scenario, with different language rules."""
        responses = {}
        for kind, slug in self._list_slugs():
            for language_request in (*RULES, HEADER):
                response = send(self.client, f"/{KINDS[kind].plural}/{slug}", language_request)
                responses[f"{kind} {slug} {language_request}"] = _cache(response, is_resource=True)
        for kind in KINDS.values():
            for language_request in (RULES[0], RULES[3], HEADER):
                responses[f"{kind.plural} {language_request}"] = _cache(
                    send(self.client, f"/{kind.plural}", language_request, limit="3")
                )
        return responses | {path: _cache(self.client.get(path)) for path in OTHERS}

    def _list_slugs(self) -> list[tuple[str, str]]:
        model = self.scenario.model
        return [(e.kind, slug) for e in self.scenario.working.values() for slug in e.slugs.values() if slug] + (
            [(kind, slug) for kind, slug in model.list_slugs() if slug in {"first", "gofal"}]
        )


def _cache(response: TestResponse, *, is_resource: bool = False) -> CachedResponse:
    body = response.data
    if response.status_code >= 400 and response.json is not None:
        # The request id differs in every response.
        body = repr({name: value for name, value in response.json.items() if name != "request_id"}).encode()
    body += response.headers.get("Location", "").encode()
    keys = frozenset(response.headers.get("Surrogate-Key", "").split())
    name = next((key for key in keys if "." in key and not key.startswith("kind.")), None) if is_resource else None
    if response.status_code == 200 or response.headers["Cache-Control"] != "no-store":
        assert keys, response.request.url
    return CachedResponse(name, (response.status_code, body), keys)


@pytest.fixture
def service(empty_database: Database, empty_url: str, make_app: MakeApp) -> Service:
    return Service(Scenario(empty_database), make_app(empty_url))


def _changed(
    before: Mapping[str, CachedResponse], after: Mapping[str, CachedResponse]
) -> Iterator[tuple[str, CachedResponse]]:
    for url, old in before.items():
        if url in after and after[url].content != old.content:
            yield url, old


def assert_changed_are_purged(
    before: Mapping[str, CachedResponse], after: Mapping[str, CachedResponse], purged: set[str]
) -> int:
    """Assert that each changed response has a purged key, and return the number of changed responses."""
    changed = list(_changed(before, after))
    for url, old in changed:
        assert old.keys & purged, f"{url} changed; its keys are {sorted(old.keys)}, purged are {sorted(purged)}"
    return len(changed)


def assert_unchanged_are_not_purged(
    before: Mapping[str, CachedResponse], after: Mapping[str, CachedResponse], purged: set[str]
) -> int:
    """Assert that no resource is purged if its responses are unchanged; return the number of unchanged resources."""
    changed = {old.name for _, old in _changed(before, after)}
    unchanged = {old.name for old in before.values() if old.name} - changed
    assert unchanged & purged == set()
    return len(unchanged)


def test_a_release_purges_the_responses_that_it_changes_and_no_others(service: Service) -> None:
    steps: list[Callable[[], object]] = scenario_steps(service.scenario)
    steps[0]()
    snapshots = [service.read_all()]
    unchanged = 0
    for number, step in enumerate(steps[1:], start=1):
        step()
        snapshots.append(service.read_all())
        before, after = snapshots[-2:]
        purged = set(service.purged_keys(number))
        assert assert_changed_are_purged(before, after, purged) > 10
        unchanged += assert_unchanged_are_not_purged(before, after, purged)
        assert "pinned" not in purged
    assert len(snapshots[0]) > 250
    assert unchanged > 40
    for since in (1, 4):
        # A cache may hold responses of release ``since`` or of any later release.
        purged = set(service.purged_keys(since))
        for snapshot in snapshots[since - 1 : -1]:
            assert_changed_are_purged(snapshot, snapshots[-1], purged)


def test_a_suppression_purges_responses_of_every_release(service: Service) -> None:
    scenario = service.scenario
    scenario.load()
    scenario.load(entry("moment.sixth", "sixth", "chweched", number=6, category="category.talk"))
    before = service.read_all()
    with scenario.database.writing() as session:
        suppress(session, editor(session), "moment.second", "asked for by the family")
    after = service.read_all()
    purged = set(service.purged_keys(2))
    assert assert_changed_are_purged(before, after, purged) > 20
    assert {"pinned", "lists", "problems", "moment.second", "moment.first", "moment.paned"} <= purged
    assert not purged & {"moment.fifth", "moment.sixth", "kind.moment", "ground-rule.listen"}


def test_a_new_category_name_purges_only_the_category_and_its_moments(service: Service) -> None:
    service.scenario.load()
    service.scenario.write("category.care", "name", "cy", "CY enw arall")
    service.scenario.publish("category.care")
    moments = {"moment.first", "moment.second", "moment.paned"}
    assert set(service.purged_keys(1)) == {"lists", "problems", "category.care", *moments}


def test_there_are_no_keys_to_purge_without_a_later_release(service: Service) -> None:
    service.scenario.load()
    run = service.app.test_cli_runner()
    assert service.purged_keys(1) == []
    assert {"lists", "problems", "random", "moment.first", "collection.small"} <= set(service.purged_keys(0))
    refused = run.invoke(args=["cdn", "keys", "--since", "2"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "There is no release with the number ‘2’." in refused.stderr
