"""Every list can be read to its end by following its links: the service accepts each cursor that it issues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import Flask

from api.db.database import Database
from api.domain.cursor import CursorFormat
from api.domain.kind import KINDS
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import Clients
from tests.tools.endpoints import LISTS
from tests.tools.entries import Entry

# No character gives longer sort keys than U+FB03. A sort key is made from the first 200 characters of a title.
LONG = "\ufb03" * 250
LIMITS = (1, 2, 3, 5, 100)
UNTRANSLATED = {"moment.second", "moment.paned"}


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
        orders = ["", "q=body", *(["sort=title"] if address.plural == "moments" else [])]
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


def test_list_links_are_accepted_at_every_limit(clients: Clients) -> None:
    for path in _list_public_paths():
        whole = _follow(clients, f"{path}&limit=100")
        for limit in LIMITS:
            assert _follow(clients, f"{path}&limit={limit}") == whole, (path, limit)


def test_a_list_of_the_longest_titles_is_complete_page_by_page(clients: Clients) -> None:
    path = "/v1/moments?lang=cy&fallback=allow&sort=title&limit=1"
    assert len(clients.read("ann", path.removeprefix("/v1"))["links"]["next"].partition("after=")[2]) > 2_500
    assert len(_follow(clients, path)) == 5


def test_working_copy_list_links_are_accepted_at_every_limit(clients: Clients) -> None:
    for path in ("/v1/units?q=e", "/v1/units?target=cy", "/v1/resources?", "/v1/resources?kind=moment", "/v1/audit?"):
        whole = _follow(clients, f"{path}&limit=100")
        assert len(whole) > 4, path
        for limit in LIMITS:
            assert _follow(clients, f"{path}&limit={limit}") == whole, (path, limit)
