"""Releases, a rename, a withdrawal, waived gaps and reverts: every address, at every release, by every rule."""

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
from tests.journeys.requests import Question, ask, questions, rule_of, told, told_list
from tests.journeys.scenario import Story, chapters
from tests.tools.booklets import copy_database
from tests.tools.reference_model import PlainModel

STATES = ("translated", "reviewed")
QUESTIONS = list(questions())
# What the default of min_state can change; the rest is asked with one default only.
OPEN = [question for question in QUESTIONS if "min_state" not in question[0]]
LISTS: dict[str, list[dict[str, str]]] = {
    "moment": [{}, {"category": "care"}, {"category": "gofal"}, {"category": "talk"}, {"number": "3"}],
    "prompt": [{}, {"stage": "framing"}],
    "guide": [{}, {"part": "key-word"}],
    "category": [{}, {"collection": "bach"}],
}


# Each address is asked at releases and by rules in turn; TEST_EVERY_QUESTION=1 asks every rule of each at every one.
SHARES = {"sqlite": 12, "postgresql": 24}


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"story-{name}")) for name in SHARES],
)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn, on one worker: the story is long, and told once."""
    return str(request.param)


@dataclass
class Told:
    """The story as lived through: the service with each default, the model, and what was answered on the way."""

    model: PlainModel
    clients: dict[str, FlaskClient]
    share: int
    # By release: pinned bytes, and current answers with their ETags, as they were then.
    pinned: dict[str, bytes] = field(default_factory=dict)
    current: list[dict[tuple[str, str], tuple[dict[str, Any], str]]] = field(default_factory=list)

    @property
    def releases(self) -> list[int]:
        return sorted(self.model.releases)[1:]

    def questions(self, place: int, default: str) -> Iterator[tuple[int | None, Question]]:
        """The releases and questions for the address (or list) at this place."""
        for turn, release in enumerate((None, *self.releases)):
            for number, question in enumerate(QUESTIONS if default == "translated" else OPEN):
                if (place + turn + number) % self.share == 0:
                    yield release, question


@pytest.fixture(scope="module")
def story(empty_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    share = 1 if os.environ.get("TEST_EVERY_QUESTION") else SHARES[empty_template.engine]
    with ExitStack() as stack:
        url = stack.enter_context(copy_database(empty_template, tmp_path_factory.mktemp("story")))
        apps = {state: create_app(make_settings(url, min_state=state)) for state in STATES}
        for app in apps.values():
            stack.callback(app.extensions["eiliadau_hud"].database.close)
        database = Database(make_settings(url))
        stack.callback(database.close)
        being_told = Story(database)
        told_so_far = Told(being_told.model, {state: app.test_client() for state, app in apps.items()}, share)
        for chapter in chapters(being_told):
            chapter()
            remember(told_so_far)
        yield told_so_far


def remember(story: Told) -> None:
    """Keep what this release answers: pinned bytes, and every address in English with its ETag."""
    release, client = story.releases[-1], story.clients["translated"]
    now = {}
    for kind, slug in story.model.addresses():
        path = f"/v1/{KINDS[kind].plural}/{slug}?lang="
        answer = client.get(f"{path}cy&release={release}")
        if answer.status_code == 200:
            story.pinned[f"{path}cy&release={release}"] = answer.data
        answer = client.get(f"{path}en")
        if answer.status_code == 200:
            now[kind, slug] = (told(answer), answer.headers["ETag"])
    story.current.append(now)
    for kind in KINDS.values():
        path = f"/v1/bilingual/{kind.plural}?release={release}"
        story.pinned[path] = client.get(path).data


@pytest.mark.parametrize("default", STATES)
def test_every_address_at_every_release_answers_as_the_plain_rules_say(story: Told, default: str) -> None:
    client, model = story.clients[default], story.model
    asked = 0
    for place, (kind, slug) in enumerate(model.addresses()):
        for release, question in story.questions(place, default):
            expected = model.answer(release or story.releases[-1], kind, slug, rule_of(question, default, release))
            response = ask(client, f"/{KINDS[kind].plural}/{slug}", question, release)
            assert told(response) == expected, (kind, slug, release, question)
            asked += 1
            if response.status_code == 200 and not question[2]:
                assert response.headers["Content-Language"] == expected["language"]["served"]
    assert asked > 100


@pytest.mark.parametrize("default", STATES)
def test_every_list_at_every_release_holds_what_the_plain_rules_say(story: Told, default: str) -> None:
    lists = [(kind, filters) for kind in KINDS for filters in LISTS.get(kind, [{}])]
    for place, (kind, filters) in enumerate(lists):
        for release, question in story.questions(place, default):
            assert_list(story, kind, filters, release, question, default)


def assert_list(
    story: Told, kind: str, filters: dict[str, str], release: int | None, question: Question, default: str
) -> None:
    number = release or story.releases[-1]
    facets = {"stage", "part"}
    named = {name: value for name, value in filters.items() if name not in facets}
    wanted = {name: _named(story.model, number, name, value) for name, value in named.items()}
    facet = filters.get("stage") or filters.get("part")
    expected = story.model.list(number, kind, rule_of(question, default, release), facet=facet, **wanted)
    path = f"/{KINDS[kind].plural}"
    found = told_list(story.clients[default], path, question, release, limit="2", **filters)
    assert found == expected, (kind, filters, release, question)


def _named(model: PlainModel, release: int, name: str, value: str) -> Any:
    if name == "number":
        return int(value)
    public = model.find(release, name, value)
    assert public is not None
    return public.entry.id


def test_what_was_public_stays_byte_for_byte_after_later_releases(story: Told) -> None:
    client = story.clients["reviewed"]
    assert len(story.pinned) > 200
    for path, data in story.pinned.items():
        assert client.get(path).data == data, path


def test_a_release_that_does_not_touch_an_answer_does_not_change_its_etag(story: Told) -> None:
    kept, changed = 0, 0
    for before, after in zip(story.current, story.current[1:], strict=False):
        for key in before.keys() & after.keys():
            (old, old_tag), (new, new_tag) = before[key], after[key]
            assert (old == new) == (old_tag == new_tag), key
            kept, changed = kept + (old == new), changed + (old != new)
    assert kept > 80
    assert changed > 5


@pytest.mark.parametrize("release", range(1, 9))
def test_status_counts_what_the_plain_rules_count(story: Told, release: int) -> None:
    status = story.clients["translated"].get(f"/v1/translation-status?release={release}").json
    assert status is not None
    entries = [p.entry for p in story.model.releases[release].values() if not p.entry.withdrawn]
    assert len(entries) > 10
    for language in ("cy", "en"):
        said = status["languages"][language]
        public = [e for e in entries if e.state_in(language)]
        assert said["resources"] == len(public)
        assert said["units"] == sum(len(e.texts[language]) for e in public)
        states = {state: [e for e in public if e.state_in(language) == state] for state in said["by_state"]}
        assert {s: v["resources"] for s, v in said["by_state"].items()} == {s: len(v) for s, v in states.items()}
    told = {name: sorted((e["id"], e["language"]) for e in status[name]) for name in ("missing", "outdated", "machine")}
    other = [(e, {"cy": "en", "en": "cy"}[e.source]) for e in entries]
    assert told["missing"] == sorted((e.id, x) for e, x in other if not e.state_in(x))
    assert told["outdated"] == sorted((e.id, x) for e, x in other if e.state_in(x) and e.outdated)
    assert told["machine"] == sorted((e.id, x) for e, x in other if e.state_in(x) and e.origin == "machine")
    waived = sorted((e["id"], e["gap"], e["language"]) for e in status["waived"])
    assert waived == sorted((e.id, gap, x) for e, x in other for gap in e.waived)
    for kind in KINDS:
        there = [e for e in entries if e.kind == kind]
        assert status["by_kind"][kind]["total"] == len(there)
        assert status["by_kind"][kind]["cy"]["resources"] == sum(e.state_in("cy") is not None for e in there)
    assert {slug: c["total"] for slug, c in status["by_category"].items()} == {
        c.slug: sum(e.category == c.id for e in entries) for c in entries if c.kind == "category"
    }


def test_a_story_with_every_turn_was_told(story: Told) -> None:
    answers = [
        story.model.answer(release, kind, slug, rule_of(question, "translated", None))
        for release in story.releases
        for kind, slug in story.model.addresses()
        for question in QUESTIONS
    ]
    assert {(a["status"], a.get("problem")) for a in answers} == {
        (200, None),
        (308, None),
        (410, "withdrawn"),
        (404, "resource-not-found"),
        (404, "language-not-available"),
    }
    assert {a["waivers"][0][0] for a in answers if a.get("waivers")} == {"missing", "outdated"}
    assert {a["reason"] for a in answers if "reason" in a} == {"missing", "below_min_state"}
