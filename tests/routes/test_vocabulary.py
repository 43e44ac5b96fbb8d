"""The vocabulary has a word in both languages for every code that a response may contain."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.kind import GUIDE, KINDS, PROMPT
from api.domain.language import Language
from api.domain.rule import FallbackReason
from api.domain.state import Origin, State

CODES = {
    "languages": set(Language),
    "kinds": set(KINDS),
    "kind_plurals": set(KINDS),
    "stages": set(PROMPT.facet_values),
    "parts": set(GUIDE.facet_values),
    "states": {*State, "outdated", "missing", "withdrawn"} - {"final"},
    "origins": set(Origin),
    "reasons": set(FallbackReason),
    "gaps": {*OMITTING_GAPS, *PUBLISHED_GAPS},
    "changes": {"published", "moved", "withdrawn"},
}


@pytest.fixture
def vocabulary(sqlite_client: FlaskClient) -> Any:
    return sqlite_client.get("/v1/vocabulary").get_json()


def _list_words(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict) and value.keys() == {"en", "cy"} and isinstance(value["en"], str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _list_words(item)


def test_every_code_has_a_word_in_both_languages(vocabulary: Any) -> None:
    for group, codes in CODES.items():
        assert {str(code) for code in codes} == vocabulary[group].keys(), group
    for group, words in vocabulary["meanings"].items():
        assert words.keys() == vocabulary[group].keys()
    assert vocabulary["notices"].keys() == vocabulary["reasons"].keys()
    assert all(notices.keys() == {"en", "cy"} for notices in vocabulary["notices"].values())
    words = list(_list_words(vocabulary))
    assert len(words) > 60
    for word in words:
        assert word["en"]
        assert word["cy"]
        assert word["en"] != word["cy"]
        assert "{" not in word["en"] + word["cy"]
        assert "'" not in word["cy"]


def test_the_pages_use_the_words_of_the_vocabulary(sqlite_client: FlaskClient, vocabulary: Any) -> None:
    for language in ("en", "cy"):
        page = unescape(sqlite_client.get(f"/docs/words?lang={language}").text)
        for group in ("states", "origins", "gaps", "changes"):
            for code, word in vocabulary[group].items():
                assert code == "missing" or word[language] in page
                assert vocabulary["meanings"][group][code][language] in page
        prompts = unescape(sqlite_client.get(f"/embed?kind=prompts&lang={language}").text)
        assert all(word[language] in prompts for word in vocabulary["stages"].values())
        embed = unescape(sqlite_client.get("/embed/moments/chain-reaction?lang=cy").text)
        assert vocabulary["notes"]["machine"]["cy"] in embed


def test_the_vocabulary_is_linked_and_cacheable_and_independent_of_the_language(client: FlaskClient) -> None:
    url = client.get("/v1").get_json()["links"]["vocabulary"]
    response = client.get(url.partition("127.0.0.1:8000")[2])
    assert response.status_code == 200
    assert response.headers["Content-Language"] == "cy, en"
    assert "Accept-Language" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    for language in ("cy", "en"):
        again = client.get("/v1/vocabulary", headers={"Accept-Language": language})
        assert again.headers["ETag"] == response.headers["ETag"]
    unchanged = client.get("/v1/vocabulary", headers={"If-None-Match": response.headers["ETag"]})
    assert unchanged.status_code == 304
