"""The keys to purge after a release: every answer that it changed carries one, and what it left alone carries none."""

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

# Every rule that a reader may have; who writes it in another way is answered the same.
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
    "/v1/categories/care?lang=cy&release=1", "/v1/moments/nobody", "/v1/moments?release=2",
    *(f"/v1/moments/random?lang=cy&seed={seed}" for seed in range(12)),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What an address answered: whose it is (of a resource's own address), its status and bytes, its keys."""

    name: str | None
    answer: tuple[int, bytes]
    keys: frozenset[str]


@dataclass
class Watched:
    """A story, and the service that tells it."""

    story: Scenario
    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def keys(self, since: int) -> list[str]:
        result = self.app.test_cli_runner().invoke(args=["cdn", "keys", "--since", str(since)])
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    def look(self) -> dict[str, Seen]:
        """Every address of the story, by every rule."""
        seen = {}
        for kind, slug in self._addresses():
            for question in (*RULES, HEADER):
                response = send(self.client, f"/{KINDS[kind].plural}/{slug}", question)
                seen[f"{kind} {slug} {question}"] = _see(response, is_own=True)
        for kind in KINDS.values():
            for question in (RULES[0], RULES[3], HEADER):
                seen[f"{kind.plural} {question}"] = _see(send(self.client, f"/{kind.plural}", question, limit="3"))
        return seen | {path: _see(self.client.get(path)) for path in OTHERS}

    def _addresses(self) -> list[tuple[str, str]]:
        model = self.story.model
        return [(e.kind, slug) for e in self.story.working.values() for slug in e.slugs.values() if slug] + (
            [address for address in model.list_slugs() if address[1] in {"first", "gofal"}]
        )


def _see(response: TestResponse, *, is_own: bool = False) -> Seen:
    body = response.data
    if response.status_code >= 400 and response.json is not None:
        # Each answer has a request id of its own.
        body = repr({name: value for name, value in response.json.items() if name != "request_id"}).encode()
    body += response.headers.get("Location", "").encode()
    keys = frozenset(response.headers.get("Surrogate-Key", "").split())
    name = next((key for key in keys if "." in key and not key.startswith("kind.")), None) if is_own else None
    if response.status_code == 200 or response.headers["Cache-Control"] != "no-store":
        assert keys, response.request.url
    return Seen(name, (response.status_code, body), keys)


@pytest.fixture
def watched(empty_database: Database, empty_url: str, make_app: MakeApp) -> Watched:
    return Watched(Scenario(empty_database), make_app(empty_url))


def _changed(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> Iterator[tuple[str, Seen]]:
    for address, old in before.items():
        if address in after and after[address].answer != old.answer:
            yield address, old


def assert_purged(before: Mapping[str, Seen], after: Mapping[str, Seen], purged: set[str]) -> int:
    """Every address that answers otherwise now carried a key that is purged."""
    changed = list(_changed(before, after))
    for address, old in changed:
        assert old.keys & purged, f"{address} changed, and carries {sorted(old.keys)} of {sorted(purged)}"
    return len(changed)


def assert_spared(before: Mapping[str, Seen], after: Mapping[str, Seen], purged: set[str]) -> int:
    """A resource of which no address answers otherwise is not purged."""
    touched = {old.name for _, old in _changed(before, after)}
    untouched = {old.name for old in before.values() if old.name} - touched
    assert untouched & purged == set()
    return len(untouched)


def test_what_a_release_changes_is_purged_and_what_it_does_not_is_spared(watched: Watched) -> None:
    acts: list[Callable[[], object]] = scenario_steps(watched.story)
    acts[0]()
    looks = [watched.look()]
    spared = 0
    for number, audit in enumerate(acts[1:], start=1):
        audit()
        looks.append(watched.look())
        before, after = looks[-2:]
        purged = set(watched.keys(number))
        assert assert_purged(before, after, purged) > 10
        spared += assert_spared(before, after, purged)
        assert "pinned" not in purged
    assert len(looks[0]) > 250
    assert spared > 40
    for since in (1, 4):
        # A cache may hold what any release since has answered.
        purged = set(watched.keys(since))
        for look in looks[since - 1 : -1]:
            assert_purged(look, looks[-1], purged)


def test_a_suppression_purges_answers_of_every_release(watched: Watched) -> None:
    story = watched.story
    story.load()
    story.load(entry("moment.sixth", "sixth", "chweched", number=6, category="category.talk"))
    before = watched.look()
    with story.database.writing() as session:
        suppress(session, editor(session), "moment.second", "asked for by the family")
    after = watched.look()
    purged = set(watched.keys(2))
    assert assert_purged(before, after, purged) > 20
    assert {"pinned", "lists", "problems", "moment.second", "moment.first", "moment.paned"} <= purged
    assert not purged & {"moment.fifth", "moment.sixth", "kind.moment", "ground-rule.listen"}


def test_a_name_that_others_say_purges_them_and_no_others(watched: Watched) -> None:
    watched.story.load()
    watched.story.write("category.care", "name", "cy", "CY enw arall")
    watched.story.publish("category.care")
    moments = {"moment.first", "moment.second", "moment.paned"}
    assert set(watched.keys(1)) == {"lists", "problems", "category.care", *moments}


def test_nothing_since_is_nothing_to_purge(watched: Watched) -> None:
    watched.story.load()
    run = watched.app.test_cli_runner()
    assert watched.keys(1) == []
    assert {"lists", "problems", "random", "moment.first", "collection.small"} <= set(watched.keys(0))
    refused = run.invoke(args=["cdn", "keys", "--since", "2"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "There is no release with the number ‘2’." in refused.stderr
