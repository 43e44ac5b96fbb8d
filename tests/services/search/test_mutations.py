"""Every word of the booklet's Welsh, typed in every form that the dictionary gives it: each finds its word."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.word import list_chunks
from api.models import Edition, Resource
from tests.tools.affixes import mutated_forms, read_entries

# How many words, at least, and how many places are looked at.
WORDS, PLACES = 300, 5


def _texts(session: Session) -> Iterator[tuple[str, set[str]]]:
    """The public Welsh of each resource, as the set of its words."""
    query = (
        select(Resource.kind, Resource.key, Edition.document)
        .join(Resource, Resource.id == Edition.resource_id)
        .where(Edition.language == "cy", Edition.end_release.is_(None), Edition.document.is_not(None))
        .order_by(Edition.id)
    )
    for row in session.execute(query):
        texts = json.loads(row.document)["texts"]
        said = [texts[field.name] for field in KINDS[row.kind].fields if texts.get(field.name)]
        words = {p.form for text in said for chunk in list_chunks(text, Language.CY) for p in chunk.parts}
        yield f"{row.kind}.{row.key}", words


@pytest.fixture
def found(client: FlaskClient) -> dict[str, set[str]]:
    """Each word of the booklet's Welsh, with the resources that it stands in."""
    found: dict[str, set[str]] = {}
    with client.application.extensions["eiliadau_hud"].database.reading() as session:
        for name, words in _texts(session):
            for word in words:
                found.setdefault(word, set()).add(name)
    return found


def _ask(client: FlaskClient, q: str) -> tuple[list[str], int]:
    """All that this finds in Welsh, as far as one page goes, and how many there are."""
    answer = client.get("/v1/search", query_string={"q": q, "lang": "cy", "limit": 100}).get_json()
    return [item["id"] for item in answer["items"]], answer["total"]


def test_every_form_of_every_word_finds_it_among_the_first_five(
    client: FlaskClient, found: dict[str, set[str]]
) -> None:
    common = len(set().union(*found.values())) // 10
    words = sorted(word for word in found if mutated_forms(word))
    assert len(words) >= WORDS
    missed, outdone, asked = [], [], 0
    for word in words:
        for form in sorted(mutated_forms(word)):
            asked += 1
            items, total = _ask(client, form)
            if total <= len(items) and not found[word] <= set(items):
                missed.append(f"{form} ({word}): not all that it stands in")
            if found[word] & set(items[:PLACES]):
                continue
            # The very form that was typed is nearer than the word that it can be of: "bob" before "pob", "chi" before
            # "ci". So the word has its place unless all five go to such texts, or there are so many that none ranks.
            very = found.get(form, set())
            is_outdone = very.issuperset(items[:PLACES]) or len(very) > common
            (outdone if is_outdone else missed).append(f"{form} ({word}): {total} found, {len(very)} of them as typed")
    assert not missed, "\n".join(missed)
    assert len(outdone) * 50 < asked, "\n".join(outdone)


def test_a_word_that_stands_nowhere_but_mutated_is_found_by_itself_and_by_its_other_forms(
    client: FlaskClient, found: dict[str, set[str]]
) -> None:
    missed, words = [], 0
    for word in sorted(read_entries()):
        # What is also a word by itself ("mai", "nes") need not be a form of this one there.
        standing = {form for form in mutated_forms(word) & found.keys() if form not in read_entries()}
        if word in found or not standing or not word.islower():
            continue
        words += 1
        own = set().union(*(found[form] for form in standing))
        for form in sorted({word} | mutated_forms(word)):
            items, total = _ask(client, form)
            if not own & set(items[:PLACES]):
                missed.append(f"{form} ({word}): {total} found, of {len(own)}")
    assert not missed, "\n".join(missed)
    assert words > 100
