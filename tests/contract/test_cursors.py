"""Every list can be read to its end and back by following its links: the service accepts each cursor that it issues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.cursor import CursorFormat
from api.domain.kind import KINDS, PLURALS
from api.services.delivery.list_order import list_sorts
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Clients
from tests.tools.endpoints import LISTS
from tests.tools.entries import Entry

# No character gives longer sort keys than U+FB03. A sort key is made from the first 200 characters of a title.
LONG = "\ufb03" * 250
LIMITS = (1, 2, 3, 5, 100)
UNTRANSLATED = {"moment.second", "moment.paned"}
UNNUMBERED = "moment.fourth"


def _with_long_title(entry: Entry) -> Entry:
    """Return the entry with a long title in each of its languages."""
    fields = entry.texts[entry.source]
    title = KINDS[entry.kind].title_field if KINDS[entry.kind].title_field in fields else "text"
    texts = {language: fields | {title: f"{LONG} {fields[title]}"} for language, fields in entry.texts.items()}
    return replace(entry, texts=texts)


def _without_translation(entry: Entry) -> Entry:
    return replace(entry, texts={entry.source: entry.texts[entry.source]})


@pytest.fixture
def clients(empty_database: Database, empty_url: str, make_app: Any) -> Clients:
    """Make two releases of the small booklet with very long titles; leave two moments untranslated."""
    entries = [_with_long_title(entry) for entry in small_booklet()]
    entries = [_without_translation(entry) if entry.id in UNTRANSLATED else entry for entry in entries]
    entries = [replace(entry, number=None) if entry.id == UNNUMBERED else entry for entry in entries]
    with empty_database.writing() as session:
        load(session, entries[:-1], waive=True)
    with empty_database.writing() as session:
        load(session, entries, waive=True)
    app: Flask = make_app(empty_url)
    return Clients.of(app)


def _list_public_paths() -> Iterator[str]:
    for address in LISTS:
        languages = [""] if address.is_bilingual and address.plural != "moments" else ["lang=cy", "lang=en"]
        fallbacks = [""] if address.is_bilingual else ["fallback=none", "fallback=allow"]
        orders = ["", "q=body", *(f"sort={sort}" for sort in list_sorts(PLURALS[address.plural]))]
        for parts in product(languages, fallbacks, orders):
            yield f"{address.path}?{'&'.join(filter(None, parts))}"
    yield from ("/v1/search?q=body&lang=cy", "/v1/search?q=body&lang=en&fallback=allow")
    yield from ("/v1/releases?", "/v1/changes?since=0", "/v1/changes?since=0&include=content")


def _follow(clients: Clients, path: str) -> list[Any]:
    """Read every page of the list at ``path``; return an identifier of each item."""
    items: list[Any] = []
    while path:
        page = clients.read("ann", path.partition("/v1")[2])
        # Use ids, because the URLs of an item contain the release on later pages, but not on the first page.
        items += [item.get("id", item.get("number", item)) for item in page["items"]]
        path = page["links"]["next"] or ""
        assert len(path.partition("after=")[2]) <= CursorFormat.MAX_LENGTH
        assert len(items) < 1_000, path
    return items


def _read_pages(clients: Clients, path: str, relation: str) -> list[Any]:
    """Return the page at ``path`` and all pages that follow its links with this relation, without their own links."""
    pages: list[Any] = []
    while path:
        page = clients.read("ann", path.partition("/v1")[2])
        pages.append((path, [item.get("id", item.get("number", item)) for item in page["items"]], page["links"]))
        path = page["links"][relation] or ""
        assert len(pages) < 1_000, path
    return pages


def _assert_pages_lead_back(clients: Clients, path: str) -> None:
    forward = _read_pages(clients, path, "next")
    back = _read_pages(clients, forward[-1][0], "previous")
    assert [items for _, items, _ in reversed(back)] == [items for _, items, _ in forward], path
    assert forward[0][2]["previous"] is None
    assert forward[0][2]["first"] == forward[0][2]["self"]
    for url in {links["first"] for _, _, links in forward}:
        assert _read_pages(clients, url, "previous")[0][1] == forward[0][1]


def test_previous_links_lead_back_through_the_same_pages(clients: Clients) -> None:
    for path in _list_public_paths():
        for limit in (1, 2, 3):
            _assert_pages_lead_back(clients, f"{path}&limit={limit}")


def test_previous_links_of_the_working_copy_lead_back_through_the_same_pages(clients: Clients) -> None:
    for path in ("/v1/units?q=e", "/v1/units?target=cy", "/v1/resources?", "/v1/resources?kind=moment", "/v1/audit?"):
        for limit in (2, 5, 7):
            _assert_pages_lead_back(clients, f"{path}&limit={limit}")


def test_the_link_header_has_the_pages_of_every_list(clients: Clients) -> None:
    paths = ["/moments?lang=en", "/bilingual/guide?", "/search?q=body&lang=cy", "/releases?", "/changes?since=0"]
    for path in (*paths, "/units?", "/resources?", "/audit?"):
        response = clients.request("ann", "GET", f"{path}&limit=1")
        while response.get_json()["links"]["next"] and not response.get_json()["links"]["previous"]:
            response = clients.request("ann", "GET", response.get_json()["links"]["next"].partition("/v1")[2])
        links = response.get_json()["links"]
        header = response.headers["Link"]
        for name, url in links.items():
            relation = {"previous": "prev"}.get(name, name)
            assert (f'<{url}>; rel="{relation}"' in header) is (url is not None), (path, name)
        assert links["previous"] is not None, path


@pytest.mark.parametrize("language", ["cy", "en", "bilingual"])
def test_lists_are_sorted_by_number_title_and_release(clients: Clients, language: str) -> None:
    url = "/bilingual/moments?lang=cy" if language == "bilingual" else f"/moments?lang={language}&fallback=allow"
    default = clients.read("ann", url)["items"]

    def ids(sort: str) -> list[str]:
        return [item["id"] for item in clients.read("ann", f"{url}&sort={sort}")["items"]]

    rows = [item["id"] for item in sorted(default, key=lambda item: item["id"])]
    assert sorted(ids("number")) == sorted(ids("-updated")) == sorted(rows)
    numbered = [item["id"] for item in sorted(default, key=lambda item: item["number"] or 99)]
    assert ids("number") == numbered
    assert numbered[-1] == UNNUMBERED
    assert ids("-number") == [*reversed(numbered[:-1]), UNNUMBERED]
    releases = {item["id"]: item["release"] for item in default}
    assert [releases[name] for name in ids("updated")] == sorted(releases.values())
    assert ids("-updated") == list(reversed(ids("updated")))
    # Each alphabet is reversed by itself: titles in the requested language come first in both orders.
    served = {item["id"]: _served(item) for item in default}
    ascending, descending = ids("title"), ids("-title")
    first = [name for name in ascending if served[name]]
    assert descending == [*reversed(first), *(name for name in reversed(ascending) if not served[name])]
    assert ascending[: len(first)] == first


def _served(item: Any) -> bool:
    """Return whether an item has a title in the requested language, which is Welsh in bilingual lists."""
    return bool(item["title"]["cy"]) if "languages" in item else not item["language"]["fallback"]


@pytest.mark.parametrize("plural", ["prompts", "ground-rules", "guide", "sections", "categories", "collections"])
def test_only_numbered_kinds_are_sorted_by_number(clients: Clients, plural: str) -> None:
    for prefix in ("", "bilingual/"):
        response = clients.request("ann", "GET", f"/{prefix}{plural}?sort=number")
        assert response.get_json()["errors"][0]["parameter"] == "sort"
        assert clients.request("ann", "GET", f"/{prefix}{plural}?sort=-title").status_code == 200


def test_list_links_are_accepted_at_every_limit(clients: Clients) -> None:
    for path in _list_public_paths():
        whole = _follow(clients, f"{path}&limit=100")
        for limit in LIMITS:
            assert _follow(clients, f"{path}&limit={limit}") == whole, (path, limit)


def test_paging_through_titles_of_the_maximum_length_returns_every_item(clients: Clients) -> None:
    path = "/v1/moments?lang=cy&fallback=allow&sort=title&limit=1"
    assert len(clients.read("ann", path.removeprefix("/v1"))["links"]["next"].partition("after=")[2]) > 2_500
    assert len(_follow(clients, path)) == 5


def test_links_of_working_copy_lists_are_accepted_at_every_limit(clients: Clients) -> None:
    for path in ("/v1/units?q=e", "/v1/units?target=cy", "/v1/resources?", "/v1/resources?kind=moment", "/v1/audit?"):
        whole = _follow(clients, f"{path}&limit=100")
        assert len(whole) > 4, path
        for limit in LIMITS:
            assert _follow(clients, f"{path}&limit={limit}") == whole, (path, limit)
