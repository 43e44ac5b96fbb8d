"""Nothing is ever said to be in a language that it is not in: over generated content, by every language rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.db.database import Database
from api.domain.kind import KINDS
from api.domain.state import MinState
from api.services.delivery.release_cache import ReleaseCache
from api.services.publishing.releases import publish
from tests.conftest import Template, make_settings
from tests.tools.booklets import SMALL, copy_database, editor, entry, get_row_ids, load
from tests.tools.edits import set_withdrawn
from tests.tools.entries import OTHER, Entry

# Of the addresses in an answer nothing is said about their language; all other texts must be in one.
SILENT = {"id", "kind", "slug", "slugs", "url", "links", "language", "languages", "translations", "waivers"}
TOKENS = {"cy": re.compile(r"\bCY\b"), "en": re.compile(r"\bEN\b")}
EXAMPLES = {"sqlite": 8, "postgresql": 3}

sources = st.sampled_from(["en", "cy"])
fates = st.sampled_from(["whole", "whole", "half", "untranslated", "draft", "withdrawn"])
states = st.sampled_from(["translated", "reviewed"])
origins = st.sampled_from(["human", "machine", "post-edited"])


@st.composite
def booklets(draw: st.DrawFn) -> list[tuple[Entry, str]]:
    """A booklet with holes: each resource with its own source language, state, and what becomes of it."""
    found = []
    parts = [(SMALL, {}), ("category.a", {}), ("section.small-a", {}), ("ground-rule.a", {}), ("prompt.a", {})]
    parts += [("guide.a", {"facet": "step", "fields": ["title"]})]
    parts += [(f"moment.m{n}", {"number": n, "category": "category.a"}) for n in range(1, draw(st.integers(2, 4)) + 1)]
    for name, more in parts:
        source, fate = draw(sources), draw(fates)
        facet = {"facet": "framing"} if name == "prompt.a" else {}
        slug = name.partition(".")[2]
        made = entry(name, slug, f"arall-{slug}", source, state=draw(states), origin=draw(origins), **more, **facet)
        if name in {SMALL, "category.a"} and fate == "withdrawn":
            fate = "whole"  # what others stand in cannot leave alone
        found.append((_with_fate(made, fate), fate))
    return found


def _with_fate(made: Entry, fate: str) -> Entry:
    """The entry as a folder has it: whole, with half of its target, with none, or with a draft only."""
    target = made.texts[OTHER[made.source]]
    if fate == "untranslated":
        return replace(made, texts={made.source: made.texts[made.source]})
    if fate == "half":
        kept = dict(list(target.items())[1:])
        return replace(made, texts={made.source: made.texts[made.source], OTHER[made.source]: kept})
    return replace(made, state="initial") if fate == "draft" else made


@contextmanager
def serving(template: Template, folder: Path, booklet: list[tuple[Entry, str]], apps: list[Flask]) -> Iterator[None]:
    """Gives ``apps`` a database with this booklet; what is withdrawn was public once."""
    with ExitStack() as stack:
        url = stack.enter_context(copy_database(template, folder))
        database = Database(make_settings(url))
        stack.callback(database.close)
        with database.writing() as session:
            load(session, [made for made, _ in booklet], waive=True)
            leaving = [made.id for made, fate in booklet if fate == "withdrawn"]
            for name in leaving:
                set_withdrawn(session, editor(session), name, is_withdrawn=True)
            if leaving:
                rows = get_row_ids(session, *leaving)
                publish(session, editor(session), rows, note="a release", required=MinState.TRANSLATED)
        for app in apps:
            # Another database: what a worker remembers of releases was true of the last one.
            app.extensions["eiliadau_hud"] = replace(
                app.extensions["eiliadau_hud"], database=database, memory=ReleaseCache()
            )
        yield


Question = tuple[dict[str, str], dict[str, str]]
QUESTIONS: list[Question] = [
    ({"lang": "cy"}, {}),
    ({"lang": "en", "min_state": "reviewed"}, {}),
    ({"lang": "cy", "fallback": "allow"}, {}),
    ({"lang": "en", "fallback": "allow", "min_state": "reviewed"}, {}),
    ({}, {"Accept-Language": "cy"}),
    ({}, {"Accept-Language": "en, cy;q=0"}),
    ({"fallback": "none", "min_state": "translated"}, {"Accept-Language": "cy"}),
]


def test_nothing_is_labelled_as_a_language_that_it_is_not(
    empty_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("honesty")
    apps = [create_app(make_settings("sqlite://", min_state=state, cache_mb=0)) for state in ("translated", "reviewed")]

    @settings(
        max_examples=EXAMPLES[empty_template.engine],
        deadline=None,
        derandomize=True,
        database=None,
        # A smaller example would cost a hundred services more, and the first says enough.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(booklets(), st.lists(st.sampled_from(QUESTIONS), min_size=3, max_size=3, unique_by=str), st.integers(1, 5))
    def hold(booklet: list[tuple[Entry, str]], questions: list[Question], limit: int) -> None:
        with serving(empty_template, folder, booklet, apps):
            for app, question in zip(apps * 2, questions, strict=False):
                for kind in {made.kind for made, _ in booklet}:
                    assert_kind_is_honest(app.test_client(), kind, question, limit)
            for app, state in zip(apps, ("translated", "reviewed"), strict=True):
                assert_bilingual_is_honest(app.test_client(), "moment", state)

    hold()


def assert_kind_is_honest(client: FlaskClient, kind: str, question: Question, limit: int) -> None:
    """A list by a rule, walked in pages; and each of its kind alone, by the same rule."""
    query, headers = question
    root = f"/v1/{KINDS[kind].plural}"
    items, pages = _walk(client, root, {**query, "limit": str(limit)}, headers)
    for page in pages:
        assert page.headers["Content-Language"] in {_joint(page.json["items"]), *([] if page.json["items"] else OTHER)}
    single = {}
    everything, _ = _walk(client, f"/v1/bilingual{root.removeprefix('/v1')}", {"min_state": "translated"}, {})
    for each in everything:
        answer = client.get(f"{root}/{each['slug']}", query_string=query, headers=headers)
        if answer.status_code == 200:
            assert answer.headers["Content-Language"] == answer.json["language"]["served"]
            single[each["id"]] = answer.json
        else:
            assert answer.status_code == 404
            assert answer.json["type"].endswith("/language-not-available")
    assert [item["id"] for item in items] == [each["id"] for each in everything if each["id"] in single]
    assert {(page.json["total"], page.json["omitted"]) for page in pages} == {
        (len(items), len(everything) - len(items))
    }
    for item in items:
        assert_item_is_honest(item, query)
        assert _bare(single[item["id"]]) == _bare(item)


def assert_item_is_honest(item: Mapping[str, Any], query: Mapping[str, str]) -> None:
    said = item["language"]
    served = said["served"]
    assert said["fallback"] == (served != said["requested"]) == (said["reason"] is not None)
    assert said["requested"] == query.get("lang", said["requested"])
    assert not said["fallback"] or query.get("fallback") == "allow" or "lang" not in query
    own, requested = item["translations"][served], item["translations"][said["requested"]]
    assert own is not None
    assert (said["reason"] == "missing") == (requested is None)
    if query.get("min_state") == "reviewed":
        assert own["state"] in {"source", "reviewed"}
    texts = list(_texts(item))
    assert any(TOKENS[served].search(text) for text in texts)
    assert not [text for text in texts if TOKENS[OTHER[served]].search(text)], item
    named = KINDS[item["kind"]]
    assert item[named.title_field] is not None, "half in a language"


def assert_bilingual_is_honest(client: FlaskClient, kind: str, state: str) -> None:
    items, pages = _walk(client, f"/v1/bilingual/{KINDS[kind].plural}", {"limit": "3"}, {})
    assert pages[0].json["omitted"] == 0
    for item in items:
        for name, value in _maps(item):
            for language in OTHER:
                text = value[language]
                assert text is None or not TOKENS[OTHER[language]].search(text), name
        public = {x for x in OTHER if item["translations"][x]}
        seen = {x for x in public if state == "translated" or item["translations"][x]["state"] != "translated"}
        assert set(item["languages"]) == seen
        assert {x for x in OTHER if item["title"][x] is not None} == seen


def _walk(
    client: FlaskClient, path: str, query: dict[str, str], headers: dict[str, str]
) -> tuple[list[dict[str, Any]], list[Any]]:
    """All items of a list by following ``links.next``, each once; later pages need no header."""
    pages = [client.get(path, query_string=query, headers=headers)]
    while url := pages[-1].json["links"]["next"]:
        parts = urlsplit(url)
        pages.append(client.get(parts.path, query_string=parts.query))
    items = [item for page in pages for item in page.json["items"]]
    names = [item["id"] for item in items]
    assert len(names) == len(set(names)), names
    assert all(len(page.json["items"]) == int(query.get("limit", 20)) for page in pages[:-1])
    return items, pages


def _joint(items: list[dict[str, Any]]) -> str:
    return ", ".join(x for x in ("cy", "en") if any(item["language"]["served"] == x for item in items))


def _texts(value: Any) -> Iterator[str]:
    """Every text in an answer, at any depth, but for those that are addresses or codes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from () if name in SILENT else _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _bare(value: Any) -> Any:
    """An answer without its addresses: a later page stays in its release, and so do they."""
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name not in {"links", "url"}}
    return value


def _maps(value: Any, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every text of a bilingual answer, at any depth: a map of both languages."""
    if isinstance(value, dict) and set(value) == {"cy", "en"} and not isinstance(value["en"], dict):
        yield name, value
    elif isinstance(value, dict):
        for part, inside in value.items():
            yield from () if part in SILENT else _maps(inside, part)


def test_the_walker_finds_texts_at_any_depth() -> None:
    answer = json.loads('{"slug": "EN no", "category": {"name": "CY a", "url": "EN"}, "prompts": [{"text": "EN b"}]}')
    assert list(_texts(answer)) == ["CY a", "EN b"]
