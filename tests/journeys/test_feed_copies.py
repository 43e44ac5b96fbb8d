"""Copies of the public content, kept through the change feed during any sequence of edits and releases."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from api.app import create_app
from api.db.database import Database
from api.domain.actions import Decision
from api.domain.errors import DomainError
from api.domain.gap import WAIVABLE
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.state import MinState, Origin, State
from api.services.access.audit_log import AuditContext
from api.services.authoring.create_resource import NewResource, create_resource
from api.services.authoring.edit_resource import ResourceChange, change_resource, delete_resource, open_resource
from api.services.authoring.units import NewText
from api.services.booklets.folder import Folder
from api.services.booklets.load import LoadOptions, load_folder
from api.services.maintenance.suppression import suppress as suppress_resource
from api.services.publishing.pending_release import read_pending_release
from api.services.publishing.release_requests import ReleaseRequest, make_release
from api.services.publishing.reverts import revert_release
from api.services.publishing.waivers import WaiverRequest
from tests.conftest import Template, make_settings
from tests.tools.booklets import (
    REASONS,
    SMALL,
    copy_database,
    editor,
    entry,
    get_row_ids,
    loader,
    small_booklet,
    to_folder,
)
from tests.tools.edits import review_target, write_source, write_target
from tests.tools.feed_copy import FeedCopy

# `make long` tries more examples, and different ones every time.
EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "8"))
STEPS = int(os.environ.get("TEST_STEPS", "30"))

OTHER = "collection.other"
BOOKLET = [
    *small_booklet(),
    entry("section.small-why-care", "small-why-care", "bach-pam-gofal"),
    entry("prompt.end", "end", facet="after"),
]
OTHER_BOOKLET = [
    entry(OTHER, "other", "arall"),
    entry("moment.other", "other-one", "un-arall", number=1, collection=OTHER),
    entry("prompt.other", "other-prompt", facet="response", collection=OTHER),
]
IDS = [item.id for item in (*BOOKLET, *OTHER_BOOKLET)]
CATEGORIES = ["category.care", "category.talk"]
# The facts that only a load changes, by resource, each with its possible values.
FACTS: dict[str, tuple[str, list[Any]]] = {
    SMALL: ("position", [None, 1, 2]),
    "section.small-why": ("contents", [None, {"kind": "prompt"}, {"kind": "guide", "part": "step"}]),
    "section.small-why-care": ("part_of", [None, "small-why"]),
    "guide.meet": ("prompts", [[], ["begin", "reply"], ["reply", "end", "begin"]]),
}
# Each list has a path, the kind, and the filters as the copy applies them.
LISTS: list[tuple[str, str, dict[str, str]]] = [
    *((kind.plural, kind.name, {}) for kind in KINDS.values()),
    *(("moments", "moment", {"category": category}) for category in CATEGORIES),
    *((kind.plural, kind.name, {"collection": OTHER}) for kind in (KINDS["moment"], KINDS["prompt"])),
    ("prompts", "prompt", {"stage": "response"}),
    ("guide", "guide", {"part": "step"}),
]

indexes = st.integers(0, 40)
languages = st.sampled_from(["cy", "en"])
limits = st.sampled_from([1, 2, 3, 7, 100])
words = st.sampled_from(["one", "two", "three"])
# An empty name stands for the title or name.
fields = st.sampled_from(["", "body"])
new_kinds = st.sampled_from(["category", "moment", "prompt"])


def prepare_content(database: Database) -> None:
    """Publish both booklets as releases 1 and 2, with facts that refer to other resources."""
    with database.writing() as session:
        load_folder(session, loader(session), make_folder({}), LoadOptions(note="a load"))
        load_folder(session, loader(session), to_folder(OTHER_BOOKLET), LoadOptions(note="a load"))


def make_folder(choices: dict[str, int]) -> Folder:
    """Return the first booklet as a folder. ``choices`` are indexes into the values of ``FACTS``, by resource."""
    folder = to_folder(BOOKLET)
    changed = []
    for resource in folder.resources:
        name, values = FACTS.get(str(resource.id), ("", []))
        fact = {name: values[choices.get(str(resource.id), 1)]} if values else {}
        changed.append(replace(resource, facts={**resource.facts, **fact}))
    return Folder(folder.key, tuple(changed))


class FeedMachine(RuleBasedStateMachine):
    """Edits, releases and a copy that reads pages in between. ``prepare`` returns the URL of a database."""

    def __init__(self, prepare: Callable[[ExitStack], str]) -> None:
        super().__init__()
        self.stack, self.prepare = ExitStack(), prepare
        self.ids, self.count, self.releases = list(IDS), itertools.count(1), 2
        self.choices: dict[str, int] = {}

    @initialize()
    def start_service(self) -> None:
        app = create_app(make_settings(self.prepare(self.stack)))
        self.stack.callback(app.extensions["edge"].close)
        self.database: Database = app.extensions["eiliadau_hud"].database
        self.client = app.test_client()
        self.kept = FeedCopy(self.get)

    def teardown(self) -> None:
        with self.stack:
            self.compare_copies(2)

    def get(self, path: str) -> dict[str, Any]:
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        return dict(response.json or {})

    def attempt(self, act: Callable[[Session, AuditContext], object]) -> bool:
        """Do something in a transaction of its own. Return False if the service refuses it."""
        try:
            with self.database.writing() as session:
                act(session, editor(session))
        except DomainError:
            return False
        return True

    def change(self, index: int, *members: str, **values: Any) -> None:
        resource = self.ids[index % len(self.ids)]
        change = ResourceChange(frozenset(members), **values)
        self.attempt(
            lambda session, audit: change_resource(
                session, audit, resource, open_resource(session, resource, "*"), change
            )
        )

    @rule(
        index=indexes, field=st.sampled_from(["", "body"]), word=words, is_source=st.booleans(), is_draft=st.booleans()
    )
    def write(self, index: int, field: str, word: str, is_source: bool, is_draft: bool) -> None:
        resource = self.ids[index % len(self.ids)]
        unit = f"{resource}.{field or KINDS[resource.partition('.')[0]].title_field}"
        new = NewText(word, Origin.HUMAN, State.INITIAL if is_draft and not is_source else State.TRANSLATED, None)
        self.attempt(lambda session, audit: (write_source if is_source else write_target)(session, audit, unit, new))

    @rule(index=indexes, decision=st.sampled_from(list(Decision)))
    def review(self, index: int, decision: Decision) -> None:
        resource = self.ids[index % len(self.ids)]
        unit = f"{resource}.{KINDS[resource.partition('.')[0]].title_field}"
        with suppress(DomainError), self.database.writing() as session:
            review_target(session, editor(session, "a reviewer"), unit, decision)

    @rule(index=indexes, name=st.sampled_from(["highlight", "description", "heading", "subtitle", "strapline"]))
    def add_text(self, index: int, name: str) -> None:
        self.change(index, "texts", texts={name: {"en": "EN added", "cy": "CY added"}})

    @rule(index=indexes, neighbour=indexes, is_after=st.booleans())
    def reorder(self, index: int, neighbour: int, is_after: bool) -> None:
        kind = self.ids[index % len(self.ids)].partition(".")[0]
        others = [name for name in self.ids if name.partition(".")[0] == kind]
        side = "after" if is_after else "before"
        self.change(index, side, **{side: others[neighbour % len(others)]})

    @rule(index=indexes, category=st.sampled_from(CATEGORIES))
    def move(self, index: int, category: str) -> None:
        self.change(index, "category", category=category)

    @rule(index=indexes, number=st.none() | st.integers(1, 9))
    def renumber(self, index: int, number: int | None) -> None:
        self.change(index, "number", number=number)

    @rule(index=indexes, language=languages, is_unset=st.booleans())
    def give_slug(self, index: int, language: str, is_unset: bool) -> None:
        slug = None if is_unset else f"slug-{next(self.count)}"
        self.change(index, "slugs", slugs={language: slug})

    @rule(index=indexes, is_withdrawn=st.booleans())
    def withdraw(self, index: int, is_withdrawn: bool) -> None:
        self.change(index, "withdrawn", is_withdrawn=is_withdrawn)

    @rule(name=st.sampled_from(list(FACTS)), choice=st.integers(0, 2))
    def load_facts(self, name: str, choice: int) -> None:
        self.choices[name] = choice % len(FACTS[name][1])
        folder = make_folder(self.choices)
        self.attempt(lambda session, _: load_folder(session, loader(session), folder, LoadOptions(is_released=False)))

    @rule(
        kind=st.sampled_from(["category", "moment", "prompt"]), source=languages, category=st.sampled_from(CATEGORIES)
    )
    def create(self, kind: str, source: str, category: str) -> None:
        number = next(self.count)
        names = ["title", "body"] if kind == "moment" else [KINDS[kind].title_field]
        texts = {name: {"en": f"EN new {number}", "cy": f"CY new {number}"} for name in names}
        more = {"category": category} if kind == "moment" else {"facet": "response"} if kind == "prompt" else {}
        new = NewResource(kind, Language(source), texts, key=f"new-{number}", collection=SMALL, **more)
        if self.attempt(lambda session, audit: create_resource(session, audit, new)):
            self.ids.append(f"{kind}.new-{number}")

    @rule(index=indexes)
    def delete(self, index: int) -> None:
        resource = self.ids[index % len(self.ids)]
        row = open_resource
        if self.attempt(lambda session, audit: delete_resource(session, audit, resource, row(session, resource, "*"))):
            self.ids.remove(resource)

    @rule(index=indexes)
    def suppress(self, index: int) -> None:
        resource = self.ids[index % len(self.ids)]
        self.attempt(lambda session, audit: suppress_resource(session, audit, resource, "a reason"))

    @rule(chosen=st.lists(indexes, min_size=1, max_size=3), has_waivers=st.booleans())
    def publish_some(self, chosen: list[int], has_waivers: bool) -> None:
        self.publish([self.ids[index % len(self.ids)] for index in chosen], has_waivers=has_waivers)

    @rule()
    def publish_all_with_waivers(self) -> None:
        self.publish(None, has_waivers=True)

    @rule()
    def publish_what_is_ready(self) -> None:
        request = ReleaseRequest("a release", MinState.TRANSLATED, is_ready=True)
        self.attempt(lambda session, audit: make_release(session, audit, request))

    def publish(self, names: list[str] | None, *, has_waivers: bool) -> None:
        def release(session: Session, audit: AuditContext) -> None:
            row_ids = None if names is None else get_row_ids(session, *names)
            pending = read_pending_release(session, MinState.TRANSLATED, row_ids)
            gaps = {(b.resource, b.gap) for b in pending.blockers if b.gap in WAIVABLE} if has_waivers else set()
            waivers = [WaiverRequest(resource, gap, REASONS) for resource, gap in sorted(gaps)]
            make_release(session, audit, ReleaseRequest("a release", MinState.TRANSLATED, names, waivers))

        self.attempt(release)

    @rule(back=st.integers(1, 5), chosen=st.none() | st.lists(indexes, min_size=1, max_size=3))
    def revert(self, back: int, chosen: list[int] | None) -> None:
        newest = self.get("/v1/releases")["release"]
        names = None if chosen is None else [self.ids[index % len(self.ids)] for index in chosen]
        self.attempt(
            lambda session, audit: revert_release(
                session,
                audit,
                max(1, newest - back),
                note="back",
                row_ids=None if names is None else get_row_ids(session, *names),
            )
        )

    @rule(limit=limits)
    def read_page(self, limit: int) -> None:
        """Read one page: the walk of the copy goes on although releases are made meanwhile."""
        self.kept.read_page(limit)

    @rule(limit=limits)
    def compare_copies(self, limit: int) -> None:
        self.kept.synchronise(limit)
        fresh = FeedCopy(self.get)
        fresh.synchronise()
        assert (self.kept.contents, self.kept.release) == (fresh.contents, fresh.release)
        for plural, kind, filters in LISTS:
            # The service refuses the id of a category or collection that is not public.
            if not {value for value in filters.values() if "." in value} <= self.kept.contents.keys():
                continue
            assert self.kept.write_list(kind, **filters) == self.read_list(plural, filters)
            if not filters:
                written = self.kept.write_list(kind, "reviewed")
                assert _without_urls(written) == _without_urls(self.read_list(plural, {}, min_state="reviewed"))

    def read_list(self, plural: str, filters: dict[str, str], **query: str) -> dict[str, Any]:
        """Return all pages of a bilingual list as one page, without links."""
        slugs = {name: self.kept.contents[value]["slug"] if "." in value else value for name, value in filters.items()}
        pages = [self.get(f"/v1/bilingual/{plural}?{urlencode({**slugs, **query, 'limit': 100})}")]
        while url := pages[-1]["links"]["next"]:
            parts = urlsplit(url)
            pages.append(self.get(f"{parts.path}?{parts.query}"))
        last = {name: value for name, value in pages[-1].items() if name != "links"}
        return last | {"items": [item for page in pages for item in page["items"]]}


def _without_urls(value: Any) -> Any:
    """Leave out the URLs, which name the state."""
    if isinstance(value, list):
        return [_without_urls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_urls(item) for name, item in value.items() if name not in {"url", "links"}}
    return value


@pytest.fixture
def prepared(empty_template: Template, tmp_path: Path) -> Iterator[Callable[[ExitStack], str]]:
    """Yield a function that copies a database with both booklets, and returns the copy's URL."""
    with copy_database(empty_template, tmp_path) as url:
        database = Database(make_settings(url))
        prepare_content(database)
        database.close()
        ready, numbered = Template(empty_template.engine, url), itertools.count()

        def prepare(stack: ExitStack) -> str:
            folder = tmp_path / str(next(numbered))
            folder.mkdir()
            return stack.enter_context(copy_database(ready, folder))

        yield prepare


def test_a_copy_updated_through_the_feed_equals_a_fresh_copy_after_any_releases(
    prepared: Callable[[ExitStack], str],
) -> None:
    run_state_machine_as_test(
        lambda: FeedMachine(prepared),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize="TEST_EXAMPLES" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
