"""Search as a reader meets it: what is found, in which order and language, and how it is shown and paged."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from api.db.database import Database
from tests.conftest import MakeApp
from tests.tools.endpoints import LISTS, Endpoint, assert_parameter_error, assert_problem, for_endpoints
from tests.tools.booklets import SMALL, entry, load
from tests.tools.entries import Entry

PUBLIC = "http://127.0.0.1:8000"


def _moment(
    key: str, number: int, cy: tuple[str, str], en: tuple[str, str] = ("Plain", "Plain."), **more: Any
) -> Entry:
    made = entry(f"moment.{key}", key, None, number=number, category="category.care", **more)
    made.texts["cy"] |= {"title": cy[0], "body": cy[1]}
    made.texts["en"] |= {"title": en[0], "body": en[1]}
    return made


def _booklet() -> list[Entry]:
    return [
        entry(SMALL, "small", "bach"),
        entry("category.care", "care", "gofal"),
        _moment("folded", 1, ("Un", "Mae ty bach yma.")),
        _moment("mutated", 2, ("Dau", "Aeth i’w blasty mawr.")),
        _moment("lemma", 3, ("Tri", "Gwelais lawer o blastai hardd.")),
        _moment("exact", 4, ("Pedwar", "Daeth i’r plasty.")),
        _moment("titled", 5, ("Y plasty", "Dyma fe.")),
        _moment(
            "house", 6, ("Tŷ", "Lle i fyw, a chyd-fyw."), ("House & <home>", "The children’s *own* houses, a plasty.")
        ),
        _moment("both", 9, ("Hen", "Hen blastai."), ("Old", "Once a plasty.")),
        _moment("draft", 7, ("Cwch", "Hwylio’r cwch."), ("Boat", "Sailing a boat."), state="translated"),
        _moment("reviewed", 8, ("Cwch hwylio", "Ar y dŵr."), ("Yacht", "On the water."), state="reviewed"),
    ]


@pytest.fixture
def app(empty_url: str, empty_database: Database, make_app: MakeApp) -> Flask:
    with empty_database.writing() as session:
        load(session, _booklet())
    return make_app(empty_url)


@pytest.fixture
def small(app: Flask) -> FlaskClient:
    return app.test_client()


def _ask(client: FlaskClient, q: str, address: str = "/v1/search", **query: Any) -> Any:
    answer = client.get(address, query_string={"q": q, **query})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def _names(client: FlaskClient, q: str, **query: Any) -> list[str]:
    return [item["id"].removeprefix("moment.") for item in _ask(client, q, **query)["items"]]


def test_the_nearer_word_is_before_the_farther_and_a_title_before_a_body(small: FlaskClient) -> None:
    assert _names(small, "plasty", lang="cy") == ["titled", "exact", "mutated", "lemma", "both"]


def test_a_word_is_found_from_any_of_its_forms(small: FlaskClient) -> None:
    for form in ("plasty", "blasty", "mhlasty", "phlasty", "PLASTY", "plastai"):
        assert set(_names(small, form, lang="cy")) == {"titled", "exact", "mutated", "lemma", "both"}, form


def test_accents_do_not_matter_and_the_exact_word_is_first(small: FlaskClient) -> None:
    assert _names(small, "tŷ", lang="cy")[:2] == ["house", "folded"]
    assert _names(small, "ty", lang="cy")[:2] == ["folded", "house"]
    assert _names(small, "nhy", lang="cy")


def test_a_compound_is_found_whole_in_parts_and_as_one_word(small: FlaskClient) -> None:
    for q in ("cyd-fyw", "chyd-fyw", "chydfyw", "chyd fyw", "fyw"):
        assert "house" in _names(small, q, lang="cy"), q


def test_clitics_and_apostrophes_of_any_type_are_one(small: FlaskClient) -> None:
    assert _names(small, "i’r plasty", lang="cy") == _names(small, "i'r plasty", lang="cy")
    assert "mutated" in _names(small, "i'w blasty", lang="cy")
    assert _names(small, "hwylio'r", lang="cy")[0] in {"draft", "reviewed"}


def test_a_phrase_is_found_word_for_word(small: FlaskClient) -> None:
    assert _names(small, '"i’r plasty"', lang="cy") == ["exact"]
    assert _names(small, "“plasty i’r”", lang="cy") == []
    assert _names(small, '"blasty"', lang="cy") == ["mutated"]


def test_a_word_with_a_hyphen_before_it_is_left_out(small: FlaskClient) -> None:
    assert _names(small, "plasty -daeth", lang="cy") == ["titled", "mutated", "lemma", "both"]
    assert _names(small, 'plasty -"i’r plasty"', lang="cy") == ["titled", "mutated", "lemma", "both"]


def test_english_is_found_by_its_stem(small: FlaskClient) -> None:
    assert _names(small, "housing", lang="en") == ["house"]
    assert _names(small, "child") == _names(small, "nothing-of-the-kind") == []


def test_both_languages_are_searched_and_each_hit_says_its_own(small: FlaskClient) -> None:
    both = _ask(small, "plasty", fallback="allow", lang="en")["items"]
    assert {item["id"]: item["language"] for item in both}["moment.house"] == "en"
    assert {item["id"]: item["language"] for item in both}["moment.exact"] == "cy"
    assert len({item["id"] for item in both}) == len(both) == 6
    welsh = small.get("/v1/search?q=plasty", headers={"Accept-Language": "cy"}).get_json()["items"]
    assert {item["id"] for item in welsh} == {item["id"] for item in both}
    assert "moment.house" not in {item["id"] for item in _ask(small, "plasty", lang="cy")["items"]}
    refused = small.get("/v1/search?q=plasty", headers={"Accept-Language": "cy, en;q=0"}).get_json()["items"]
    assert {item["language"] for item in refused} == {"cy"}


def test_what_is_found_in_both_languages_is_there_once_in_the_preferred(small: FlaskClient) -> None:
    for language in ("cy", "en"):
        items = small.get("/v1/search?q=plasty", headers={"Accept-Language": language}).get_json()["items"]
        assert [item["language"] for item in items if item["id"] == "moment.both"] == [language]


def test_what_is_below_the_state_asked_for_is_not_found(small: FlaskClient) -> None:
    assert _names(small, "cwch", lang="cy") == ["draft", "reviewed"]
    assert _names(small, "cwch", lang="cy", min_state="reviewed") == ["reviewed"]
    assert _names(small, "cwch", min_state="reviewed") == ["reviewed"]


def test_a_hit_shows_the_words_that_were_found(small: FlaskClient) -> None:
    hit = _ask(small, "house", lang="en")["items"][0]
    assert hit["title"] == "House & <home>"
    assert hit["url"] == f"{PUBLIC}/v1/moments/house?lang=en"
    assert hit["slug"] == "house"
    snippet = hit["snippet"]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["houses"]
    assert snippet["html"] == "The children’s own <mark>houses</mark>, a plasty."


def test_a_hit_in_a_title_alone_shows_the_title_escaped(small: FlaskClient) -> None:
    snippet = _ask(small, "home", lang="en")["items"][0]["snippet"]
    assert snippet["html"] == "House &amp; &lt;<mark>home</mark>&gt;"


def test_snippets_of_the_booklet_are_what_they_say(client: FlaskClient) -> None:
    for q in ("gartref", "plentyn", '"eiliadau hud"', "social workers", "cyd-gynhyrchu"):
        for hit in _ask(client, q, limit=100)["items"]:
            snippet = hit["snippet"]
            assert len(snippet["text"]) <= 240
            assert snippet["marks"], (q, hit["id"])
            assert unescape(snippet["html"].replace("<mark>", "").replace("</mark>", "")) == snippet["text"]
            marked = [snippet["text"][start:end] for start, end in snippet["marks"]]
            assert [unescape(part.partition("</mark>")[0]) for part in snippet["html"].split("<mark>")[1:]] == marked


def test_an_answer_says_how_long_and_for_whom_it_stands(small: FlaskClient) -> None:
    named = small.get("/v1/search?q=cwch&lang=cy")
    assert named.headers["Content-Language"] == "cy"
    assert "Vary" not in named.headers or "Accept-Language" not in named.headers["Vary"]
    assert "search" in named.headers["Surrogate-Key"].split()
    again = small.get("/v1/search?q=cwch&lang=cy", headers={"If-None-Match": named.headers["ETag"]})
    assert again.status_code == 304
    chosen = small.get("/v1/search?q=cwch", headers={"Accept-Language": "cy"})
    assert "Accept-Language" in chosen.headers["Vary"]
    there = chosen.headers["Content-Location"]
    assert there == f"{PUBLIC}/v1/search?q=cwch&lang=cy&fallback=allow"
    assert small.get(there.removeprefix(PUBLIC)).get_json()["items"] == chosen.get_json()["items"]


@pytest.mark.parametrize("address", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_a_page_of_an_older_release_leads_to_the_first(app: Flask, empty_database: Database, address: str) -> None:
    client = app.test_client()
    first = client.get(f"{address}?q=plasty&limit=1", headers={"Accept-Language": "cy"}).get_json()
    following = first["links"]["next"].removeprefix(PUBLIC)
    assert client.get(following).status_code == 200
    with empty_database.writing() as session:
        load(session, [*_booklet(), _moment("new", 10, ("Plasty newydd", "Ar y bryn."))])
    problem = assert_problem(client.get(following), 410, "en" if "bilingual" in address else "cy")
    assert problem["type"].endswith("/page-expired")
    again = client.get(problem["links"]["first"]["href"].removeprefix(PUBLIC)).get_json()
    assert again["total"] == first["total"] + 1
    assert again["release"] == 2


@for_endpoints(LISTS)
def test_every_list_takes_a_query(client: FlaskClient, address: Endpoint) -> None:
    whole = client.get(address.url("limit=100")).get_json()
    answer = client.get(address.url("q=gweithwyr", "limit=100"))
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["total"] == len(found["items"]) <= whole["total"]
    assert {item["id"] for item in found["items"]} <= {item["id"] for item in whole["items"]}
    assert_parameter_error(client.get(address.url("q=gweithwyr", "release=1")), "release")


def test_a_query_of_a_list_goes_with_its_filters(client: FlaskClient) -> None:
    every = _ask(client, "teulu", "/v1/moments", lang="cy", limit=100)
    per_category = {
        slug: _ask(client, "teulu", "/v1/moments", lang="cy", limit=100, category=slug)["total"]
        for slug in (c["slug"] for c in client.get("/v1/categories").get_json()["items"])
    }
    assert every["total"] == sum(per_category.values()) > 0
    numbered = every["items"][-1]["number"]
    assert _ask(client, "teulu", "/v1/moments", lang="cy", number=numbered)["total"] == 1
    assert_parameter_error(client.get("/v1/moments?q=teulu&sort=title"), "sort")
    assert_parameter_error(client.get("/v1/moments?q=teulu&category=none-such"), "category")


def test_a_list_searches_the_text_that_it_would_serve(small: FlaskClient) -> None:
    welsh = small.get("/v1/moments?q=houses", headers={"Accept-Language": "cy"}).get_json()
    assert welsh["total"] == 0  # its Welsh is public, and has no such word
    english = small.get("/v1/moments?q=houses", headers={"Accept-Language": "en"}).get_json()
    assert [item["language"]["served"] for item in english["items"]] == ["en"]


BAD = {
    "nothing": "",
    "a NUL": "a\0b",
    "10,000 characters": "a" * 10_000,
    "only operators": "&|!*():",
    "an emoji": "🙂",
    "only what is left out": "-teulu",
    "seventeen words": "a " * 17,
    "half a character": "%ED%A0%80",
}
ODD = (
    "a", "y", 'unbalanced "quote', "NEAR(plant teulu, 5)", "plant*", "title: plant", "plant AND (teulu", "^plant", "'",
    "a & b | !c", "plant <-> teulu", "'; DROP TABLE edition; --", "b12 OR t13", "%", "_", "\\", "a" * 200, "ﷺ", "İ",
    "ＷＩＤＥ", "y " * 16, "-plant teulu", "--plant", '""""', "i'r'r'r", "a-b-c-d-e",
)  # fmt: skip


@pytest.mark.parametrize("address", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_a_query_that_cannot_be_one_is_refused_by_name(client: FlaskClient, address: str) -> None:
    for q in BAD.values():
        query = f"q={q}" if q.startswith("%") else None
        answer = client.get(address, query_string=query or {"q": q}, headers={"Accept-Language": "cy"})
        assert_parameter_error(answer, "q", "cy")


@pytest.mark.parametrize("address", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_an_odd_query_is_a_list_or_a_refusal_and_never_a_fault(client: FlaskClient, address: str) -> None:
    for q in ODD:
        answer = client.get(address, query_string={"q": q, "limit": 100})
        assert answer.status_code in {200, 400}, (q, answer.text)
        if answer.status_code == 200:
            assert answer.get_json()["total"] >= len(answer.get_json()["items"])


def test_a_search_without_a_query_is_told_what_it_lacks(client: FlaskClient) -> None:
    assert_parameter_error(client.get("/v1/search"), "q")
    assert_parameter_error(client.get("/v1/search?q=a&release=1"), "release")
    assert_parameter_error(client.get("/v1/search?q=a&kind=story"), "kind")


def test_before_the_first_release_nothing_is_found(empty_url: str, make_app: MakeApp) -> None:
    client = make_app(empty_url).test_client()
    assert _ask(client, "teulu") | {"links": None} == {"items": [], "total": 0, "release": 0, "links": None}


def test_an_index_that_is_not_there_is_told_and_never_an_empty_list(app: Flask) -> None:
    with app.extensions["eiliadau_hud"].database.writing() as session:
        session.execute(text("DELETE FROM search_state"))
    assert_problem(app.test_client().get("/v1/search?q=plasty"), 503)
    result = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert result.exit_code == 0, result.output
    assert _names(app.test_client(), "plasty", lang="cy")
