"""Words of the booklet's Welsh, typed in every form that the dictionary gives them: each finds its word."""

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
from tests.tools.affixes import mutated_forms

WORDS = 300


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


@pytest.fixture
def homes(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Of those that the dictionary can mutate, rare ones and common ones alike."""
    # What stands in over a tenth of the texts finds, and does not rank.
    public = len(set().union(*found.values()))
    can = sorted(
        (word for word in found if mutated_forms(word) and len(found[word]) <= public // 10),
        key=lambda word: (len(found[word]), word),
    )
    step = len(can) / WORDS
    chosen = [can[int(place * step)] for place in range(WORDS)]
    assert len(set(chosen)) == WORDS
    return {word: found[word] for word in chosen}


def test_every_form_of_a_word_finds_it_among_the_first_five(
    client: FlaskClient, homes: dict[str, set[str]], found: dict[str, set[str]]
) -> None:
    missed = []
    asked = 0
    for word, home in homes.items():
        for form in sorted(mutated_forms(word)):
            asked += 1
            answer = client.get("/v1/search", query_string={"q": form, "lang": "cy", "limit": 5}).get_json()
            # A text that holds the very form is the word's own too, and the nearest.
            if not (home | found.get(form, set())) & {item["id"] for item in answer["items"]}:
                missed.append(f"{form} ({word}): {answer['total']} found, of {len(home)}")
    assert not missed, "\n".join(missed)
    assert asked > WORDS


def test_every_form_of_a_word_finds_all_that_it_stands_in(client: FlaskClient, homes: dict[str, set[str]]) -> None:
    for word, home in homes.items():
        for form in sorted(mutated_forms(word)):
            answer = client.get("/v1/search", query_string={"q": form, "lang": "cy", "limit": 100}).get_json()
            if answer["total"] <= 100:
                assert home <= {item["id"] for item in answer["items"]}, (form, word)
