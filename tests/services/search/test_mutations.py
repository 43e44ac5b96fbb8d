"""Every mutated form of a Welsh word finds the texts that contain the word."""

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

# The minimum number of words to search for, and the number of results to check in each search.
WORDS, RESULTS = 300, 5


def _read_words(session: Session) -> Iterator[tuple[str, set[str]]]:
    """Yield the id of each public resource, and the set of its Welsh words."""
    query = (
        select(Resource.kind, Resource.key, Edition.document)
        .join(Resource, Resource.id == Edition.resource_id)
        .where(Edition.language == "cy", Edition.end_release.is_(None), Edition.document.is_not(None))
        .order_by(Edition.id)
    )
    for row in session.execute(query):
        texts = json.loads(row.document)["texts"]
        values = [texts[field.name] for field in KINDS[row.kind].fields if texts.get(field.name)]
        words = {p.form for text in values for chunk in list_chunks(text, Language.CY) for p in chunk.parts}
        yield f"{row.kind}.{row.key}", words


@pytest.fixture
def resources_by_word(client: FlaskClient) -> dict[str, set[str]]:
    """Map each Welsh word of the booklet to the resources that contain it."""
    resources: dict[str, set[str]] = {}
    with client.application.extensions["eiliadau_hud"].database.reading() as session:
        for name, words in _read_words(session):
            for word in words:
                resources.setdefault(word, set()).add(name)
    return resources


def _search(client: FlaskClient, q: str) -> tuple[list[str], int]:
    """Return the ids on the first page of Welsh results, and the total number of results."""
    response = client.get("/v1/search", query_string={"q": q, "lang": "cy", "limit": 100}).get_json()
    return [item["id"] for item in response["items"]], response["total"]


def test_every_mutated_form_finds_its_word_among_the_first_five_results(
    client: FlaskClient, resources_by_word: dict[str, set[str]]
) -> None:
    common = len(set().union(*resources_by_word.values())) // 10
    words = sorted(word for word in resources_by_word if mutated_forms(word))
    assert len(words) >= WORDS
    missed, outranked, queries = [], [], 0
    for word in words:
        for form in sorted(mutated_forms(word)):
            queries += 1
            items, total = _search(client, form)
            if total <= len(items) and not resources_by_word[word] <= set(items):
                missed.append(f"{form} ({word}): not all texts that contain it")
            if resources_by_word[word] & set(items[:RESULTS]):
                continue
            # Texts with the form in the query rank before texts with its radical: "bob" before "pob". So the radical
            # may be missing from the first five results if they all contain the form, or if the form is too common to
            # count for the score.
            exact = resources_by_word.get(form, set())
            is_outranked = exact.issuperset(items[:RESULTS]) or len(exact) > common
            (outranked if is_outranked else missed).append(f"{form} ({word}): {total} results, {len(exact)} exact")
    assert not missed, "\n".join(missed)
    assert len(outranked) * 50 < queries, "\n".join(outranked)


def test_all_forms_of_a_word_find_texts_that_contain_only_mutated_forms(
    client: FlaskClient, resources_by_word: dict[str, set[str]]
) -> None:
    missed, words = [], 0
    for word in sorted(read_entries()):
        # Some forms, such as "mai" and "nes", are also words themselves, so a text may mean the other word.
        forms = {form for form in mutated_forms(word) & resources_by_word.keys() if form not in read_entries()}
        if word in resources_by_word or not forms or not word.islower():
            continue
        words += 1
        own = set().union(*(resources_by_word[form] for form in forms))
        for form in sorted({word} | mutated_forms(word)):
            items, total = _search(client, form)
            if not own & set(items[:RESULTS]):
                missed.append(f"{form} ({word}): {total} results, of {len(own)}")
    assert not missed, "\n".join(missed)
    assert words > 100
