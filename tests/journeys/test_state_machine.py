"""Any order of acts on texts, resources and releases, held after each against a plain model of the rules."""

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
from tests.journeys.observations import public_seen, public_told, to_resource, unit_seen, unit_told
from tests.tools.booklets import REASONS, SMALL, copy_database, entry, load
from tests.tools.clients import Clients, create_tokens, json_of
from tests.tools.entries import OTHER
from tests.tools.reference_rules import ORIGINS, Book, Unit

# How much is tried: `make long` tries more, and something else every time.
EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "30"))
STEPS = int(os.environ.get("TEST_STEPS", "25"))

FURNITURE = [entry(SMALL, "small", "bach"), entry("category.care", "care", "gofal")]
MOMENTS = [
    entry("moment.first", "first", "cyntaf", number=1, category="category.care", origin="machine"),
    entry("moment.paned", "paned", "cuppa", source="cy", number=2, category="category.care", state="reviewed"),
    entry("moment.third", "third", "trydydd", number=3, category="category.care"),
]
# The last of them has no Welsh title yet.
MOMENTS[-1].texts["cy"].pop("title")
MOMENT_IDS = [each.id for each in MOMENTS]
GAPS = ("missing", "outdated", "returned", "below_required_state")

moments = st.sampled_from(MOMENT_IDS)
units = st.tuples(moments, st.sampled_from(["title", "body"]))
words = st.sampled_from(["one", "two", "three"])
writers = st.sampled_from(["twm", "mair"])
numbers = st.integers(1, 4)
waivers = st.sets(st.tuples(moments, st.sampled_from(GAPS)), max_size=4)


class Clock:
    """Time for the service: every act is a second after the one before, so that no two texts are of one time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class Days(RuleBasedStateMachine):
    """Everybody's work, in any order. ``prepare`` gives a database with the booklet loaded, and the tokens."""

    def __init__(self, prepare: Callable[[ExitStack], tuple[str, dict[str, str]]]) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.url, self.secrets = prepare(self.stack)
        self.entries = {each.id: each for each in (*FURNITURE, *MOMENTS)}
        self.count = itertools.count(1)

    @initialize(required=st.sampled_from(["translated", "translated", "reviewed"]))
    def open(self, required: str) -> None:
        app = create_app(make_settings(self.url, release_state=required))
        context = replace(app.extensions["eiliadau_hud"], now=Clock().now)
        install_context(app, context)
        self.stack.callback(context.database.close)
        self.desk, self.database = Clients(app.test_client(), self.secrets), context.database
        self.book = Book({name: to_resource(each) for name, each in self.entries.items()}, required)
        names = [each.id for each in FURNITURE]
        asked = {(name, "below_required_state") for name in names}
        self.publish(names, asked)

    def teardown(self) -> None:
        self.stack.close()

    def act(self, who: str, method: str, what: str, body: dict[str, Any], unit: tuple[str, str], expected: int) -> None:
        response = self.desk.write(who, method, f"/units/{'.'.join(unit)}/{what}", body)
        assert response.status_code == expected, f"{response.status_code}, not {expected}: {response.text}"

    def unit(self, unit: tuple[str, str]) -> Unit:
        found: Unit = self.book.resources[unit[0]]["units"][unit[1]]
        return found

    @rule(unit=units, word=words, who=writers, state=st.sampled_from(["initial", "translated", "translated", None]))
    def deliver(self, unit: tuple[str, str], word: str, who: str, state: str | None) -> None:
        status = self.unit(unit).deliver(who, word, state or "translated", None)
        self.act(who, "PUT", "target", {"text": word} | ({"state": state} if state else {}), unit, status)

    @rule(unit=units, word=words, origin=st.sampled_from(ORIGINS))
    def deliver_from(self, unit: tuple[str, str], word: str, origin: str) -> None:
        status = self.unit(unit).deliver("twm", word, "translated", origin)
        tool = {"tool": "a machine"} if origin == "machine" else {}
        self.act("twm", "PUT", "target", {"text": word, "origin": origin, **tool}, unit, status)

    @rule(unit=units, word=words, is_minor=st.booleans())
    def write(self, unit: tuple[str, str], word: str, is_minor: bool) -> None:
        status = self.unit(unit).write(word, minor=is_minor)
        self.act("eirlys", "PUT", "source", {"text": word, "minor": is_minor}, unit, status)

    @rule(unit=units, number=numbers, is_minor=st.booleans())
    def say_minor(self, unit: tuple[str, str], number: int, is_minor: bool) -> None:
        status = self.unit(unit).say_minor(number, minor=is_minor)
        self.act("eirlys", "POST", "minor", {"revision": number, "minor": is_minor, "comment": "Said"}, unit, status)

    @rule(unit=units, who=writers)
    def confirm(self, unit: tuple[str, str], who: str) -> None:
        self.act(who, "POST", "confirm", {}, unit, self.unit(unit).confirm(who))

    @rule(
        unit=units,
        who=st.sampled_from(["twm", "mair", "rhian", "rhian"]),
        decision=st.sampled_from(["approve", "approve", "return"]),
    )
    def review(self, unit: tuple[str, str], who: str, decision: str) -> None:
        status = self.unit(unit).review(who, decision, is_reviewer=who != "twm")
        self.act(who, "POST", "review", {"decision": decision, "comment": "Read"}, unit, status)

    @rule(unit=units, side=st.sampled_from(["source", "target"]), number=numbers, who=writers)
    def revert_text(self, unit: tuple[str, str], side: str, number: int, who: str) -> None:
        name = "eirlys" if side == "source" else who
        status = self.unit(unit).revert(name, side, number)
        self.act(name, "POST", "revert", {"side": side, "revision": number}, unit, status)

    @rule(moment=moments)
    def withdraw_or_take_back(self, moment: str) -> None:
        it = self.book.resources[moment]
        it["withdrawn"] = not it["withdrawn"]
        self.change(moment, {"withdrawn": it["withdrawn"]})

    @rule(moment=moments, language=st.sampled_from(["cy", "en"]))
    def rename(self, moment: str, language: str) -> None:
        slug = f"{moment.partition('.')[2]}-{next(self.count)}"
        self.book.resources[moment]["slugs"][language] = slug
        self.change(moment, {"slugs": {language: slug}})

    def change(self, moment: str, body: dict[str, Any]) -> None:
        json_of(self.desk.write("eirlys", "PATCH", f"/resources/{moment}", body), 200)

    @rule(names=st.lists(moments, min_size=1, unique=True), asked=waivers)
    def publish_named(self, names: list[str], asked: set[tuple[str, str]]) -> None:
        self.publish(names, {(name, gap) for name, gap in asked if name in names})

    @rule(names=st.lists(moments, min_size=1, unique=True))
    def publish_named_with_leave(self, names: list[str]) -> None:
        self.publish(
            names, {(name, gap) for name in names for gap in (self.book.cut(name) or {"waivers": []})["waivers"]}
        )

    def publish(self, names: list[str], asked: set[tuple[str, str]]) -> None:
        waive = [{"resource": name, "gap": gap, "reason": REASONS} for name, gap in sorted(asked)]
        self.release({"resources": names, "waive": waive}, self.book.publish(names, asked))

    @rule(is_ready=st.booleans())
    def publish_all(self, is_ready: bool) -> None:
        status = self.book.publish(self.book.resources, set(), is_ready=is_ready)
        self.release({"ready": True} if is_ready else {}, status)

    def release(self, body: dict[str, Any], status: int) -> None:
        made = json_of(self.desk.request("pedr", "POST", "/releases", {"note": "A release", **body}), status)
        if status == 201:
            assert made["number"] == len(self.book.releases) - 1

    @rule(back=st.integers(0, 4), names=st.none() | st.lists(moments, min_size=1, unique=True))
    def revert_release(self, back: int, names: list[str] | None) -> None:
        to = max(1, len(self.book.releases) - 1 - back)
        status = self.book.revert(to, self.book.resources if names is None else names)
        body = {"note": "Back"} | ({} if names is None else {"resources": names})
        json_of(self.desk.request("pedr", "POST", f"/releases/{to}/revert", body), status)

    @rule(
        unit=units,
        source=words | st.none(),
        translation=words | st.none(),
        state=st.sampled_from(["translated", "reviewed"]),
    )
    def load(self, unit: tuple[str, str], source: str | None, translation: str | None, state: str) -> None:
        """The content folder comes again, with other texts of one unit; nothing of it is released."""
        name, field = unit
        it = self.entries[name]
        new = {x: dict(it.texts[x]) for x in it.texts}
        for language, text in ((it.source, source), (OTHER[it.source], translation)):
            if text is not None:
                new[language][field] = text
        self.entries[name] = replace(it, texts=new, state=state)
        with self.database.writing() as session:
            load(session, self.entries.values(), is_released=False)
        for each in self.entries.values():
            for f, source_text in each.texts[each.source].items():
                target_text = each.texts[OTHER[each.source]].get(f)
                said = [] if target_text is None else [(target_text, each.origin, each.state)]
                self.book.resources[each.id]["units"][f].load(source_text, *said)

    @invariant()
    def units_stand_as_the_rules_say(self) -> None:
        seen = {item["id"]: unit_seen(item) for item in self.desk.read("twm", "/units", limit="100")["items"]}
        assert seen == {
            f"{name}.{field}": unit_told(unit)
            for name, it in self.book.resources.items()
            if not it["withdrawn"]
            for field, unit in it["units"].items()
        }

    @invariant()
    def the_next_release_is_what_the_rules_say(self) -> None:
        coming = self.desk.read("pedr", "/releases/next")
        changed = self.book.list_changed(self.book.resources)
        assert {each["id"]: each["change"] == "withdrawn" for each in coming["resources"]} == {
            name: new is None for name, new in changed.items()
        }
        assert {(each["resource"], each["gap"], *sorted(each["units"])) for each in coming["blockers"]} == {
            (
                name,
                gap,
                *self._list_units_with(name, gap),
            )
            for name, new in changed.items()
            for gap in (new or {"waivers": []})["waivers"]
        }

    def _list_units_with(self, name: str, gap: str) -> list[str]:
        units = self.book.resources[name]["units"].items()
        return sorted(f"{name}.{field}" for field, unit in units if gap in unit.gaps(self.book.required))

    @invariant()
    def the_public_reads_the_last_release(self) -> None:
        public = self.book.releases[-1]
        told = {name: public_told(*there) for name, there in public.items() if name in MOMENT_IDS}
        assert {item["id"]: public_seen(item) for item in self.read("/bilingual/moments")} == told
        for language in ("cy", "en"):
            texts = {item["id"]: (item["title"], item["body"]) for item in self.read("/moments", lang=language)}
            mine = {name: it[language] for name, (it, _) in public.items() if name in MOMENT_IDS}
            assert texts == {name: side["texts"] for name, side in mine.items() if side is not None}

    def read(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.desk.read_public(path, limit="100", **query)["items"]
        return found


@pytest.fixture
def prepared(empty_template: Template, tmp_path: Path) -> Iterator[Callable[[ExitStack], tuple[str, dict[str, str]]]]:
    """Copies of a database with the small booklet in it, nothing released, and everybody's token."""
    with copy_database(empty_template, tmp_path) as url:
        database = Database(make_settings(url))
        with database.writing() as session:
            load(session, [*FURNITURE, *MOMENTS], is_released=False)
        secrets = create_tokens(database)
        database.close()
        ready, numbered = Template(empty_template.engine, url), itertools.count()

        def prepare(stack: ExitStack) -> tuple[str, dict[str, str]]:
            folder = tmp_path / str(next(numbered))
            folder.mkdir()
            return stack.enter_context(copy_database(ready, folder)), secrets

        yield prepare


def test_any_order_of_acts_leaves_what_the_plain_rules_say(
    prepared: Callable[[ExitStack], tuple[str, dict[str, str]]],
) -> None:
    run_state_machine_as_test(
        lambda: Days(prepared),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize="TEST_EXAMPLES" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
