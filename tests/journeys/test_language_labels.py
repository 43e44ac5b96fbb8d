"""No text of generated content is labelled with the wrong language, whatever the language request."""

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
from tests.tools.entries import OTHER_LANGUAGE, Entry

# Members that have no language. Every other text must be in the language that its label states.
UNLABELLED = {"id", "kind", "slug", "slugs", "url", "links", "language", "languages", "translations", "waivers"}
TOKENS = {"cy": re.compile(r"\bCY\b"), "en": re.compile(r"\bEN\b")}
EXAMPLES = {"sqlite": 8, "postgresql": 3}

sources = st.sampled_from(["en", "cy"])
fates = st.sampled_from(["whole", "whole", "half", "untranslated", "draft", "withdrawn"])
states = st.sampled_from(["translated", "reviewed"])
origins = st.sampled_from(["human", "machine", "post-edited"])


@st.composite
def booklets(draw: st.DrawFn) -> list[tuple[Entry, str]]:
    """Draw a booklet with gaps. Each resource has a random source language, state and fate (such as "draft")."""
    booklet = []
    parts = [(SMALL, {}), ("category.a", {}), ("section.small-a", {}), ("ground-rule.a", {}), ("prompt.a", {})]
    parts += [("guide.a", {"facet": "step", "fields": ["title"]})]
    parts += [(f"moment.m{n}", {"number": n, "category": "category.a"}) for n in range(1, draw(st.integers(2, 4)) + 1)]
    for name, members in parts:
        source, fate = draw(sources), draw(fates)
        facet = {"facet": "framing"} if name == "prompt.a" else {}
        slug = name.partition(".")[2]
        resource = entry(
            name, slug, f"arall-{slug}", source, state=draw(states), origin=draw(origins), **members, **facet
        )
        if name in {SMALL, "category.a"} and fate == "withdrawn":
            fate = "whole"  # a collection or category in use cannot be withdrawn
        booklet.append((_with_fate(resource, fate), fate))
    return booklet


def _with_fate(resource: Entry, fate: str) -> Entry:
    """Return the entry with a whole, half-finished, missing or draft translation, according to ``fate``."""
    target = resource.texts[OTHER_LANGUAGE[resource.source]]
    if fate == "untranslated":
        return replace(resource, texts={resource.source: resource.texts[resource.source]})
    if fate == "half":
        remaining = dict(list(target.items())[1:])
        return replace(
            resource,
            texts={resource.source: resource.texts[resource.source], OTHER_LANGUAGE[resource.source]: remaining},
        )
    return replace(resource, state="initial") if fate == "draft" else resource


@contextmanager
def serving(template: Template, folder: Path, booklet: list[tuple[Entry, str]], apps: list[Flask]) -> Iterator[None]:
    """Serve the booklet from ``apps``. Withdrawn resources were public in the first release."""
    with ExitStack() as stack:
        url = stack.enter_context(copy_database(template, folder))
        database = Database(make_settings(url))
        stack.callback(database.close)
        with database.writing() as session:
            load(session, [resource for resource, _ in booklet], waive=True)
            withdrawn = [resource.id for resource, fate in booklet if fate == "withdrawn"]
            for name in withdrawn:
                set_withdrawn(session, editor(session), name, is_withdrawn=True)
            if withdrawn:
                row_ids = get_row_ids(session, *withdrawn)
                publish(session, editor(session), row_ids, note="a release", required=MinState.TRANSLATED)
        for app in apps:
            # Replace the cache too, because it holds the releases of the previous database.
            app.extensions["eiliadau_hud"] = replace(
                app.extensions["eiliadau_hud"], database=database, release_cache=ReleaseCache()
            )
        yield


LanguageRequest = tuple[dict[str, str], dict[str, str]]
REQUESTS: list[LanguageRequest] = [
    ({"lang": "cy"}, {}),
    ({"lang": "en", "min_state": "reviewed"}, {}),
    ({"lang": "cy", "fallback": "allow"}, {}),
    ({"lang": "en", "fallback": "allow", "min_state": "reviewed"}, {}),
    ({}, {"Accept-Language": "cy"}),
    ({}, {"Accept-Language": "en, cy;q=0"}),
    ({"fallback": "none", "min_state": "translated"}, {"Accept-Language": "cy"}),
]


def test_no_text_is_labelled_with_the_wrong_language(
    empty_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("labels")
    apps = [create_app(make_settings("sqlite://", min_state=state, cache_mb=0)) for state in ("translated", "reviewed")]

    @settings(
        max_examples=EXAMPLES[empty_template.engine],
        deadline=None,
        derandomize=True,
        database=None,
        # Shrinking would need a hundred more databases, and the first example is clear enough.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(booklets(), st.lists(st.sampled_from(REQUESTS), min_size=3, max_size=3, unique_by=str), st.integers(1, 5))
    def check(booklet: list[tuple[Entry, str]], requests: list[LanguageRequest], limit: int) -> None:
        with serving(empty_template, folder, booklet, apps):
            for app, request in zip(apps * 2, requests, strict=False):
                for kind in {resource.kind for resource, _ in booklet}:
                    assert_kind_is_labelled_correctly(app.test_client(), kind, request, limit)
            for app, state in zip(apps, ("translated", "reviewed"), strict=True):
                assert_bilingual_items_are_labelled_correctly(app.test_client(), "moment", state)

    check()


def assert_kind_is_labelled_correctly(client: FlaskClient, kind: str, request: LanguageRequest, limit: int) -> None:
    """Check the labels in a list, and in each of the listed resources, with the same language request."""
    query, headers = request
    root = f"/v1/{KINDS[kind].plural}"
    items, pages = _read_all_pages(client, root, {**query, "limit": str(limit)}, headers)
    for page in pages:
        assert page.headers["Content-Language"] in {
            _served_languages(page.json["items"]),
            *([] if page.json["items"] else OTHER_LANGUAGE),
        }
    single = {}
    everything, _ = _read_all_pages(client, f"/v1/bilingual{root.removeprefix('/v1')}", {"min_state": "translated"}, {})
    for item in everything:
        response = client.get(f"{root}/{item['slug']}", query_string=query, headers=headers)
        if response.status_code == 200:
            assert response.headers["Content-Language"] == response.json["language"]["served"]
            single[item["id"]] = response.json
        else:
            assert response.status_code == 404
            assert response.json["type"].endswith("/language-not-available")
    assert [item["id"] for item in items] == [item["id"] for item in everything if item["id"] in single]
    assert {(page.json["total"], page.json["omitted"]) for page in pages} == {
        (len(items), len(everything) - len(items))
    }
    for item in items:
        assert_item_is_labelled_correctly(item, query)
        assert _without_urls(single[item["id"]]) == _without_urls(item)


def assert_item_is_labelled_correctly(item: Mapping[str, Any], query: Mapping[str, str]) -> None:
    label = item["language"]
    served = label["served"]
    assert label["fallback"] == (served != label["requested"]) == (label["reason"] is not None)
    assert label["requested"] == query.get("lang", label["requested"])
    assert not label["fallback"] or query.get("fallback") == "allow" or "lang" not in query
    own, requested = item["translations"][served], item["translations"][label["requested"]]
    assert own is not None
    assert (label["reason"] == "missing") == (requested is None)
    if query.get("min_state") == "reviewed":
        assert own["state"] in {"source", "reviewed"}
    texts = list(_texts(item))
    assert any(TOKENS[served].search(text) for text in texts)
    assert not [text for text in texts if TOKENS[OTHER_LANGUAGE[served]].search(text)], item
    named = KINDS[item["kind"]]
    assert item[named.title_field] is not None, "a resource is never half in a language"


def assert_bilingual_items_are_labelled_correctly(client: FlaskClient, kind: str, state: str) -> None:
    items, pages = _read_all_pages(client, f"/v1/bilingual/{KINDS[kind].plural}", {"limit": "3"}, {})
    assert pages[0].json["omitted"] == 0
    for item in items:
        for name, value in _maps(item):
            for language in OTHER_LANGUAGE:
                text = value[language]
                assert text is None or not TOKENS[OTHER_LANGUAGE[language]].search(text), name
        public = {x for x in OTHER_LANGUAGE if item["translations"][x]}
        admitted = {x for x in public if state == "translated" or item["translations"][x]["state"] != "translated"}
        assert set(item["languages"]) == admitted
        assert {x for x in OTHER_LANGUAGE if item["title"][x] is not None} == admitted


def _read_all_pages(
    client: FlaskClient, path: str, query: dict[str, str], headers: dict[str, str]
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Follow ``links.next`` without headers; return all items of the list, and the pages."""
    pages = [client.get(path, query_string=query, headers=headers)]
    while url := pages[-1].json["links"]["next"]:
        parts = urlsplit(url)
        pages.append(client.get(parts.path, query_string=parts.query))
    items = [item for page in pages for item in page.json["items"]]
    names = [item["id"] for item in items]
    assert len(names) == len(set(names)), names
    assert all(len(page.json["items"]) == int(query.get("limit", 20)) for page in pages[:-1])
    return items, pages


def _served_languages(items: list[dict[str, Any]]) -> str:
    return ", ".join(x for x in ("cy", "en") if any(item["language"]["served"] == x for item in items))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a response, at any depth, except URLs and codes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from () if name in UNLABELLED else _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _without_urls(value: Any) -> Any:
    """Remove the URLs from a response: on second and later pages, URLs name the release."""
    if isinstance(value, dict):
        return {name: _without_urls(part) for name, part in value.items() if name not in {"links", "url"}}
    return value


def _maps(value: Any, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and both texts of every translated member of a bilingual response, at any depth."""
    if isinstance(value, dict) and set(value) == {"cy", "en"} and not isinstance(value["en"], dict):
        yield name, value
    elif isinstance(value, dict):
        for part, inside in value.items():
            yield from () if part in UNLABELLED else _maps(inside, part)


def test_the_search_for_texts_finds_texts_at_any_depth() -> None:
    response = json.loads('{"slug": "EN no", "category": {"name": "CY a", "url": "EN"}, "prompts": [{"text": "EN b"}]}')
    assert list(_texts(response)) == ["CY a", "EN b"]
