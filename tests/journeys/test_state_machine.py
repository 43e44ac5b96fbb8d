"""Actions on texts, resources and releases, in any order. The reference rules must agree after each action."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from api.app import create_app
from api.db.database import Database
from api.http.context import install_context
from tests.conftest import Template, make_settings
from tests.journeys.observations import expected_resource, expected_unit, observed_resource, observed_unit, to_resource
from tests.tools.booklets import REASONS, SMALL, copy_database, entry, load
from tests.tools.clients import Clients, create_tokens, json_of
from tests.tools.entries import OTHER_LANGUAGE
from tests.tools.reference_rules import ORIGINS, ReferenceWorkflow, Unit

# `make long` tries more examples, and different ones every time.
EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "30"))
STEPS = int(os.environ.get("TEST_STEPS", "25"))

PARENTS = [entry(SMALL, "small", "bach"), entry("category.care", "care", "gofal")]
MOMENTS = [
    entry("moment.first", "first", "cyntaf", number=1, category="category.care", origin="machine"),
    entry("moment.paned", "paned", "cuppa", source="cy", number=2, category="category.care", state="reviewed"),
    entry("moment.third", "third", "trydydd", number=3, category="category.care"),
]
# The last moment has no Welsh title yet.
MOMENTS[-1].texts["cy"].pop("title")
MOMENT_IDS = [item.id for item in MOMENTS]
GAPS = ("missing", "outdated", "returned", "below_required_state")

moments = st.sampled_from(MOMENT_IDS)
units = st.tuples(moments, st.sampled_from(["title", "body"]))
words = st.sampled_from(["one", "two", "three"])
writers = st.sampled_from(["twm", "mair"])
numbers = st.integers(1, 4)
waivers = st.sets(st.tuples(moments, st.sampled_from(GAPS)), max_size=4)


class Clock:
    """A clock that advances by a second at every call, so that no two texts have the same time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class WorkflowMachine(RuleBasedStateMachine):
    """Actions of all roles, in any order. ``prepare`` returns a database URL and all tokens."""

    def __init__(self, prepare: Callable[[ExitStack], tuple[str, dict[str, str]]]) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.url, self.secrets = prepare(self.stack)
        self.entries = {item.id: item for item in (*PARENTS, *MOMENTS)}
        self.count = itertools.count(1)

    @initialize(required=st.sampled_from(["translated", "translated", "reviewed"]))
    def start_service(self, required: str) -> None:
        app = create_app(make_settings(self.url, release_state=required))
        context = replace(app.extensions["eiliadau_hud"], now=Clock().now)
        install_context(app, context)
        self.stack.callback(context.database.close)
        self.clients, self.database = Clients(app.test_client(), self.secrets), context.database
        self.reference = ReferenceWorkflow({name: to_resource(item) for name, item in self.entries.items()}, required)
        names = [item.id for item in PARENTS]
        waived = {(name, "below_required_state") for name in names}
        self.publish(names, waived)

    def teardown(self) -> None:
        self.stack.close()

    def act(
        self, actor: str, method: str, action: str, body: dict[str, Any], unit: tuple[str, str], expected: int
    ) -> None:
        response = self.clients.write(actor, method, f"/units/{'.'.join(unit)}/{action}", body)
        assert response.status_code == expected, f"{response.status_code}, not {expected}: {response.text}"

    def unit(self, unit: tuple[str, str]) -> Unit:
        result: Unit = self.reference.resources[unit[0]]["units"][unit[1]]
        return result

    @rule(unit=units, word=words, actor=writers, state=st.sampled_from(["initial", "translated", "translated", None]))
    def deliver(self, unit: tuple[str, str], word: str, actor: str, state: str | None) -> None:
        status = self.unit(unit).deliver(actor, word, state or "translated", None)
        self.act(actor, "PUT", "target", {"text": word} | ({"state": state} if state else {}), unit, status)

    @rule(unit=units, word=words, origin=st.sampled_from(ORIGINS))
    def deliver_with_origin(self, unit: tuple[str, str], word: str, origin: str) -> None:
        status = self.unit(unit).deliver("twm", word, "translated", origin)
        tool = {"tool": "a machine"} if origin == "machine" else {}
        self.act("twm", "PUT", "target", {"text": word, "origin": origin, **tool}, unit, status)

    @rule(unit=units, word=words, is_minor=st.booleans())
    def write(self, unit: tuple[str, str], word: str, is_minor: bool) -> None:
        status = self.unit(unit).write(word, minor=is_minor)
        self.act("eirlys", "PUT", "source", {"text": word, "minor": is_minor}, unit, status)

    @rule(unit=units, number=numbers, is_minor=st.booleans())
    def mark_minor(self, unit: tuple[str, str], number: int, is_minor: bool) -> None:
        status = self.unit(unit).mark_minor(number, minor=is_minor)
        self.act("eirlys", "POST", "minor", {"revision": number, "minor": is_minor, "comment": "Said"}, unit, status)

    @rule(unit=units, actor=writers)
    def confirm(self, unit: tuple[str, str], actor: str) -> None:
        self.act(actor, "POST", "confirm", {}, unit, self.unit(unit).confirm(actor))

    @rule(
        unit=units,
        actor=st.sampled_from(["twm", "mair", "rhian", "rhian"]),
        decision=st.sampled_from(["approve", "approve", "return"]),
    )
    def review(self, unit: tuple[str, str], actor: str, decision: str) -> None:
        status = self.unit(unit).review(actor, decision, is_reviewer=actor != "twm")
        self.act(actor, "POST", "review", {"decision": decision, "comment": "Read"}, unit, status)

    @rule(unit=units, side=st.sampled_from(["source", "target"]), number=numbers, actor=writers)
    def revert_text(self, unit: tuple[str, str], side: str, number: int, actor: str) -> None:
        name = "eirlys" if side == "source" else actor
        status = self.unit(unit).revert(name, side, number)
        self.act(name, "POST", "revert", {"side": side, "revision": number}, unit, status)

    @rule(moment=moments)
    def toggle_withdrawn(self, moment: str) -> None:
        resource = self.reference.resources[moment]
        resource["withdrawn"] = not resource["withdrawn"]
        self.change(moment, {"withdrawn": resource["withdrawn"]})

    @rule(moment=moments, language=st.sampled_from(["cy", "en"]))
    def rename(self, moment: str, language: str) -> None:
        slug = f"{moment.partition('.')[2]}-{next(self.count)}"
        self.reference.resources[moment]["slugs"][language] = slug
        self.change(moment, {"slugs": {language: slug}})

    def change(self, moment: str, body: dict[str, Any]) -> None:
        json_of(self.clients.write("eirlys", "PATCH", f"/resources/{moment}", body), 200)

    @rule(names=st.lists(moments, min_size=1, unique=True), waived=waivers)
    def publish_named(self, names: list[str], waived: set[tuple[str, str]]) -> None:
        self.publish(names, {(name, gap) for name, gap in waived if name in names})

    @rule(names=st.lists(moments, min_size=1, unique=True))
    def publish_named_with_all_waivers(self, names: list[str]) -> None:
        self.publish(
            names,
            {
                (name, gap)
                for name in names
                for gap in (self.reference.build_public(name) or {"waivers": []})["waivers"]
            },
        )

    def publish(self, names: list[str], waived: set[tuple[str, str]]) -> None:
        waive = [{"resource": name, "gap": gap, "reason": REASONS} for name, gap in sorted(waived)]
        self.release({"resources": names, "waive": waive}, self.reference.publish(names, waived))

    @rule(is_ready=st.booleans())
    def publish_all(self, is_ready: bool) -> None:
        status = self.reference.publish(self.reference.resources, set(), is_ready=is_ready)
        self.release({"ready": True} if is_ready else {}, status)

    def release(self, body: dict[str, Any], status: int) -> None:
        created = json_of(self.clients.request("pedr", "POST", "/releases", {"note": "A release", **body}), status)
        if status == 201:
            assert created["number"] == len(self.reference.releases) - 1

    @rule(releases_back=st.integers(0, 4), names=st.none() | st.lists(moments, min_size=1, unique=True))
    def revert_release(self, releases_back: int, names: list[str] | None) -> None:
        to = max(1, len(self.reference.releases) - 1 - releases_back)
        status = self.reference.revert(to, self.reference.resources if names is None else names)
        body = {"note": "Back"} | ({} if names is None else {"resources": names})
        json_of(self.clients.request("pedr", "POST", f"/releases/{to}/revert", body), status)

    @rule(
        unit=units,
        source=words | st.none(),
        translation=words | st.none(),
        state=st.sampled_from(["translated", "reviewed"]),
    )
    def load(self, unit: tuple[str, str], source: str | None, translation: str | None, state: str) -> None:
        """Load the booklet again with new texts for one unit, without a release."""
        name, field = unit
        resource = self.entries[name]
        new = {x: dict(resource.texts[x]) for x in resource.texts}
        for language, text in ((resource.source, source), (OTHER_LANGUAGE[resource.source], translation)):
            if text is not None:
                new[language][field] = text
        self.entries[name] = replace(resource, texts=new, state=state)
        with self.database.writing() as session:
            load(session, self.entries.values(), is_released=False)
        for item in self.entries.values():
            for f, source_text in item.texts[item.source].items():
                target_text = item.texts[OTHER_LANGUAGE[item.source]].get(f)
                content = [] if target_text is None else [(target_text, item.origin, item.state)]
                self.reference.resources[item.id]["units"][f].load(source_text, *content)

    @invariant()
    def units_are_as_the_reference_expects(self) -> None:
        units_by_id = {
            item["id"]: observed_unit(item) for item in self.clients.read("twm", "/units", limit="100")["items"]
        }
        assert units_by_id == {
            f"{name}.{field}": expected_unit(unit)
            for name, resource in self.reference.resources.items()
            if not resource["withdrawn"]
            for field, unit in resource["units"].items()
        }

    @invariant()
    def pending_release_is_as_the_reference_expects(self) -> None:
        pending = self.clients.read("pedr", "/releases/next")
        changed = self.reference.list_changed(self.reference.resources)
        assert {item["id"]: item["change"] == "withdrawn" for item in pending["resources"]} == {
            name: new is None for name, new in changed.items()
        }
        assert {(item["resource"], item["gap"], *sorted(item["units"])) for item in pending["blockers"]} == {
            (
                name,
                gap,
                *self._list_units_with(name, gap),
            )
            for name, new in changed.items()
            for gap in (new or {"waivers": []})["waivers"]
        }

    def _list_units_with(self, name: str, gap: str) -> list[str]:
        units = self.reference.resources[name]["units"].items()
        return sorted(f"{name}.{field}" for field, unit in units if gap in unit.gaps(self.reference.required))

    @invariant()
    def public_content_is_as_the_reference_expects(self) -> None:
        public = self.reference.releases[-1]
        expected = {name: expected_resource(*publication) for name, publication in public.items() if name in MOMENT_IDS}
        assert {item["id"]: observed_resource(item) for item in self.read("/bilingual/moments")} == expected
        for language in ("cy", "en"):
            texts = {item["id"]: (item["title"], item["body"]) for item in self.read("/moments", lang=language)}
            sides = {name: resource[language] for name, (resource, _) in public.items() if name in MOMENT_IDS}
            assert texts == {name: side["texts"] for name, side in sides.items() if side is not None}

    def read(self, path: str, **query: str) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = self.clients.read_public(path, limit="100", **query)["items"]
        return result


@pytest.fixture
def prepared(empty_template: Template, tmp_path: Path) -> Iterator[Callable[[ExitStack], tuple[str, dict[str, str]]]]:
    """Yield a function that copies a database with an unreleased booklet, and returns the copy's URL and all tokens."""
    with copy_database(empty_template, tmp_path) as url:
        database = Database(make_settings(url))
        with database.writing() as session:
            load(session, [*PARENTS, *MOMENTS], is_released=False)
        secrets = create_tokens(database)
        database.close()
        ready, numbered = Template(empty_template.engine, url), itertools.count()

        def prepare(stack: ExitStack) -> tuple[str, dict[str, str]]:
            folder = tmp_path / str(next(numbered))
            folder.mkdir()
            return stack.enter_context(copy_database(ready, folder)), secrets

        yield prepare


def test_any_sequence_of_actions_gives_the_results_that_the_reference_rules_predict(
    prepared: Callable[[ExitStack], tuple[str, dict[str, str]]],
) -> None:
    run_state_machine_as_test(
        lambda: WorkflowMachine(prepared),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize="TEST_EXAMPLES" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
