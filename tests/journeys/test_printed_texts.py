"""Every text of the printed booklet is served by the API, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.emphasis import strip_emphasis
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.text import normalise_for_comparison
from api.services.booklets.folder import Folder, read_folder
from tests.conftest import BOOKLET
from tools.booklet.source import read_booklet_source

PAGE = 7  # no list has a multiple of 7 items, so the last page is never full


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(BOOKLET)


def read_all_pages(client: FlaskClient, url: str) -> Iterator[dict[str, Any]]:
    """Yield all items of a list, page after page, as a client would read them."""
    while url:
        page = json.loads(client.get(url).data)
        yield from page["items"]
        url = page["links"]["next"]


@pytest.mark.parametrize("language", list(Language))
def test_every_text_of_the_folder_is_served_unchanged(client: FlaskClient, folder: Folder, language: Language) -> None:
    served = {
        (item["id"], field.name): item[field.name]
        for kind in KINDS.values()
        for item in read_all_pages(client, f"/v1/{kind.plural}?lang={language}&limit={PAGE}")
        for field in kind.fields
        if item[field.name] is not None
    }
    expected = {
        (str(resource.id), unit.field): strip_emphasis(unit.texts[language])
        for resource in folder.resources
        for unit in resource.units
    }
    assert len(expected) == 213
    assert served == expected


def test_every_printed_line_is_served_or_listed_as_omitted(client: FlaskClient) -> None:
    texts = [
        normalise_for_comparison(text)
        for kind in KINDS.values()
        for item in read_all_pages(client, f"/v1/{kind.plural}?lang=en&limit={PAGE}")
        for name, text in item.items()
        if isinstance(text, str) and name in {*(f.name for f in kind.fields), "author"}
    ]
    # The booklet prints one sentence in Welsh: the acknowledgement of its funder.
    texts += [normalise_for_comparison(item["funding"]) for item in read_all_pages(client, "/v1/collections?lang=cy")]
    omitted = {line for entry in read_booklet_source(BOOKLET).omitted_lines for line in _lines(entry.lines)}
    booklet = (BOOKLET / "booklet.en.md").read_text(encoding="utf-8").splitlines()
    missing = [
        (number, line)
        for number, line in enumerate(booklet, start=1)
        if number not in omitted and (bare := _bare(line)) and not any(bare in text for text in texts)
    ]
    assert missing == []


def _lines(span: str) -> Iterator[int]:
    for part in span.replace("+", ",").split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def _bare(line: str) -> str:
    """Remove heading marks, list marks, bold and a moment's number from a printed line."""
    text = line.replace("*", "").replace("\xa0", " ").strip().strip("“”").strip().lstrip("#").strip()
    text = text.removeprefix("- ").removeprefix("✓ ")
    number, _, heading = text.partition(" ")
    return normalise_for_comparison(heading if number.isdigit() and line.lstrip().startswith("#") else text).strip(
        "\"' "
    )
