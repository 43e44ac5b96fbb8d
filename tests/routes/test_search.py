"""Search over HTTP: matches, their order and language, snippets, and pages."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from api.db.database import Database
from api.domain.folding import APOSTROPHES
from tests.conftest import MakeApp
from tests.tools.booklets import SMALL, entry, load
from tests.tools.endpoints import LISTS, Endpoint, assert_parameter_error, assert_problem, for_endpoints
from tests.tools.entries import Entry

PUBLIC = "http://127.0.0.1:8000"


def _moment(
    key: str, number: int, cy: tuple[str, str], en: tuple[str, str] = ("Plain", "Plain."), **more: Any
) -> Entry:
    result = entry(f"moment.{key}", key, None, number=number, category="category.care", **more)
    result.texts["cy"] |= {"title": cy[0], "body": cy[1]}
    result.texts["en"] |= {"title": en[0], "body": en[1]}
    return result


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


def _search(client: FlaskClient, q: str, path: str = "/v1/search", **query: Any) -> Any:
    response = client.get(path, query_string={"q": q, **query})
    assert response.status_code == 200, response.text
    return response.get_json()


def _keys(client: FlaskClient, q: str, **query: Any) -> list[str]:
    return [item["id"].removeprefix("moment.") for item in _search(client, q, **query)["items"]]


def test_closer_forms_come_before_distant_forms_and_titles_come_before_bodies(small: FlaskClient) -> None:
    assert _keys(small, "plasty", lang="cy") == ["titled", "exact", "mutated", "lemma", "both"]


def test_any_form_of_a_word_finds_texts_that_contain_the_word(small: FlaskClient) -> None:
    for form in ("plasty", "blasty", "mhlasty", "phlasty", "PLASTY", "plastai"):
        assert set(_keys(small, form, lang="cy")) == {"titled", "exact", "mutated", "lemma", "both"}, form


def test_accents_are_ignored_and_exact_matches_come_first(small: FlaskClient) -> None:
    assert _keys(small, "tŷ", lang="cy")[:2] == ["house", "folded"]
    assert _keys(small, "ty", lang="cy")[:2] == ["folded", "house"]
    assert _keys(small, "nhy", lang="cy")


def test_a_compound_is_found_by_each_part_and_with_or_without_its_hyphen(small: FlaskClient) -> None:
    for q in ("cyd-fyw", "chyd-fyw", "chydfyw", "chyd fyw", "fyw"):
        assert "house" in _keys(small, q, lang="cy"), q


def test_all_types_of_apostrophe_are_equal(small: FlaskClient) -> None:
    assert _keys(small, "i’r plasty", lang="cy") == _keys(small, "i'r plasty", lang="cy")
    assert "mutated" in _keys(small, "i'w blasty", lang="cy")
    assert _keys(small, "hwylio'r", lang="cy")[0] in {"draft", "reviewed"}


def test_phrases_are_found_word_for_word(small: FlaskClient) -> None:
    assert _keys(small, '"i’r plasty"', lang="cy") == ["exact"]
    assert _keys(small, "“plasty i’r”", lang="cy") == []
    assert _keys(small, '"blasty"', lang="cy") == ["mutated"]


def test_a_hyphen_before_a_word_or_phrase_excludes_it(small: FlaskClient) -> None:
    assert _keys(small, "plasty -daeth", lang="cy") == ["titled", "mutated", "lemma", "both"]
    assert _keys(small, 'plasty -"i’r plasty"', lang="cy") == ["titled", "mutated", "lemma", "both"]


def test_english_words_are_found_by_their_stem(small: FlaskClient) -> None:
    assert _keys(small, "housing", lang="en") == ["house"]
    assert _keys(small, "child") == _keys(small, "nothing-of-the-kind") == []


def test_both_languages_are_searched_and_each_hit_has_its_language(small: FlaskClient) -> None:
    both = _search(small, "plasty", fallback="allow", lang="en")["items"]
    assert {item["id"]: item["language"] for item in both}["moment.house"] == "en"
    assert {item["id"]: item["language"] for item in both}["moment.exact"] == "cy"
    assert len({item["id"] for item in both}) == len(both) == 6
    welsh = small.get("/v1/search?q=plasty", headers={"Accept-Language": "cy"}).get_json()["items"]
    assert {item["id"] for item in welsh} == {item["id"] for item in both}
    assert "moment.house" not in {item["id"] for item in _search(small, "plasty", lang="cy")["items"]}
    refused = small.get("/v1/search?q=plasty", headers={"Accept-Language": "cy, en;q=0"}).get_json()["items"]
    assert {item["language"] for item in refused} == {"cy"}


def test_a_match_in_both_languages_is_listed_once_in_the_preferred_language(small: FlaskClient) -> None:
    for language in ("cy", "en"):
        items = small.get("/v1/search?q=plasty", headers={"Accept-Language": language}).get_json()["items"]
        assert [item["language"] for item in items if item["id"] == "moment.both"] == [language]


def test_texts_below_min_state_are_not_found(small: FlaskClient) -> None:
    assert _keys(small, "cwch", lang="cy") == ["draft", "reviewed"]
    assert _keys(small, "cwch", lang="cy", min_state="reviewed") == ["reviewed"]
    assert _keys(small, "cwch", min_state="reviewed") == ["reviewed"]


def test_snippets_mark_the_words_that_match(small: FlaskClient) -> None:
    hit = _search(small, "house", lang="en")["items"][0]
    assert hit["title"] == "House & <home>"
    assert hit["url"] == f"{PUBLIC}/v1/moments/house?lang=en"
    assert hit["slug"] == "house"
    snippet = hit["snippet"]
    assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["houses"]
    assert snippet["html"] == "The children’s own <mark>houses</mark>, a plasty."


def test_the_snippet_is_the_escaped_title_if_only_the_title_matches(small: FlaskClient) -> None:
    snippet = _search(small, "home", lang="en")["items"][0]["snippet"]
    assert snippet["html"] == "House &amp; &lt;<mark>home</mark>&gt;"


def test_the_text_and_the_html_and_the_marks_of_a_snippet_agree(client: FlaskClient) -> None:
    for q in ("gartref", "plentyn", '"eiliadau hud"', "social workers", "cyd-gynhyrchu"):
        for hit in _search(client, q, limit=100)["items"]:
            snippet = hit["snippet"]
            assert len(snippet["text"]) <= 240
            assert snippet["marks"], (q, hit["id"])
            assert unescape(snippet["html"].replace("<mark>", "").replace("</mark>", "")) == snippet["text"]
            marked = [snippet["text"][start:end] for start, end in snippet["marks"]]
            assert [unescape(part.partition("</mark>")[0]) for part in snippet["html"].split("<mark>")[1:]] == marked


def test_searches_have_cache_headers_and_a_canonical_url(small: FlaskClient) -> None:
    by_url = small.get("/v1/search?q=cwch&lang=cy")
    assert by_url.headers["Content-Language"] == "cy"
    assert "Vary" not in by_url.headers or "Accept-Language" not in by_url.headers["Vary"]
    assert "search" in by_url.headers["Surrogate-Key"].split()
    again = small.get("/v1/search?q=cwch&lang=cy", headers={"If-None-Match": by_url.headers["ETag"]})
    assert again.status_code == 304
    by_header = small.get("/v1/search?q=cwch", headers={"Accept-Language": "cy"})
    assert "Accept-Language" in by_header.headers["Vary"]
    url = by_header.headers["Content-Location"]
    assert url == f"{PUBLIC}/v1/search?q=cwch&lang=cy&fallback=allow"
    assert small.get(url.removeprefix(PUBLIC)).get_json()["items"] == by_header.get_json()["items"]


@pytest.mark.parametrize("path", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_a_cursor_of_an_older_release_returns_410_with_a_link_to_the_first_page(
    app: Flask, empty_database: Database, path: str
) -> None:
    client = app.test_client()
    first = client.get(f"{path}?q=plasty&limit=1", headers={"Accept-Language": "cy"}).get_json()
    following = first["links"]["next"].removeprefix(PUBLIC)
    assert client.get(following).status_code == 200
    with empty_database.writing() as session:
        load(session, [*_booklet(), _moment("new", 10, ("Plasty newydd", "Ar y bryn."))])
    problem = assert_problem(client.get(following), 410, "en" if "bilingual" in path else "cy")
    assert problem["type"].endswith("/page-expired")
    again = client.get(problem["links"]["first"]["href"].removeprefix(PUBLIC)).get_json()
    assert again["total"] == first["total"] + 1
    assert again["release"] == 2


@for_endpoints(LISTS)
def test_every_list_accepts_a_search(client: FlaskClient, endpoint: Endpoint) -> None:
    everything = client.get(endpoint.url("limit=100")).get_json()
    response = client.get(endpoint.url("q=gweithwyr", "limit=100"))
    assert response.status_code == 200
    matches = response.get_json()
    assert matches["total"] == len(matches["items"]) <= everything["total"]
    assert {item["id"] for item in matches["items"]} <= {item["id"] for item in everything["items"]}
    assert_parameter_error(client.get(endpoint.url("q=gweithwyr", "release=1")), "release")


def test_a_search_of_a_list_can_be_combined_with_filters(client: FlaskClient) -> None:
    all_matches = _search(client, "teulu", "/v1/moments", lang="cy", limit=100)
    per_category = {
        slug: _search(client, "teulu", "/v1/moments", lang="cy", limit=100, category=slug)["total"]
        for slug in (c["slug"] for c in client.get("/v1/categories").get_json()["items"])
    }
    assert all_matches["total"] == sum(per_category.values()) > 0
    number = all_matches["items"][-1]["number"]
    assert _search(client, "teulu", "/v1/moments", lang="cy", number=number)["total"] == 1
    assert_parameter_error(client.get("/v1/moments?q=teulu&sort=title"), "sort")
    assert_parameter_error(client.get("/v1/moments?q=teulu&category=none-such"), "category")


def test_lists_search_only_texts_in_the_language_that_they_return(small: FlaskClient) -> None:
    welsh = small.get("/v1/moments?q=houses", headers={"Accept-Language": "cy"}).get_json()
    assert welsh["total"] == 0  # the Welsh text is public, and does not contain the word
    english = small.get("/v1/moments?q=houses", headers={"Accept-Language": "en"}).get_json()
    assert [item["language"]["served"] for item in english["items"]] == ["en"]


BAD = {
    "nothing": "",
    "a NUL": "a\0b",
    "10,000 characters": "a" * 10_000,
    "only operators": "&|!*():",
    "an emoji": "🙂",
    "only an excluded word": "-teulu",
    "seventeen words": "a " * 17,
    "a surrogate": "%ED%A0%80",
}
UNUSUAL = (
    "a", "y", 'unbalanced "quote', "NEAR(plant teulu, 5)", "plant*", "title: plant", "plant AND (teulu", "^plant", "'",
    "a & b | !c", "plant <-> teulu", "'; DROP TABLE edition; --", "b12 OR t13", "%", "_", "\\", "a" * 200, "ﷺ", "İ",
    "ＷＩＤＥ", "y " * 16, "-plant teulu", "--plant", '""""', "i'r'r'r", "a-b-c-d-e",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_an_invalid_search_is_refused_with_an_error_that_names_the_parameter(
    sqlite_client: FlaskClient, path: str
) -> None:
    for q in BAD.values():
        query = f"q={q}" if q.startswith("%") else None
        response = sqlite_client.get(path, query_string=query or {"q": q}, headers={"Accept-Language": "cy"})
        assert_parameter_error(response, "q", "cy")


@pytest.mark.parametrize("path", ["/v1/search", "/v1/moments", "/v1/bilingual/moments"])
def test_an_unusual_search_never_causes_a_server_error(client: FlaskClient, path: str) -> None:
    for q in UNUSUAL:
        response = client.get(path, query_string={"q": q, "limit": 100})
        assert response.status_code in {200, 400}, (q, response.text)
        if response.status_code == 200:
            assert response.get_json()["total"] >= len(response.get_json()["items"])


def test_search_parameters_are_checked(sqlite_client: FlaskClient) -> None:
    assert_parameter_error(sqlite_client.get("/v1/search"), "q")
    assert_parameter_error(sqlite_client.get("/v1/search?q=a&release=1"), "release")
    assert_parameter_error(sqlite_client.get("/v1/search?q=a&kind=story"), "kind")


def test_searches_before_the_first_release_find_nothing(empty_url: str, make_app: MakeApp) -> None:
    client = make_app(empty_url).test_client()
    assert _search(client, "teulu") | {"links": None} == {"items": [], "total": 0, "release": 0, "links": None}


def test_a_search_without_an_index_returns_503_and_not_an_empty_list(app: Flask) -> None:
    with app.extensions["eiliadau_hud"].database.writing() as session:
        session.execute(text("DELETE FROM search_state"))
    assert_problem(app.test_client().get("/v1/search?q=plasty"), 503)
    result = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert result.exit_code == 0, result.output
    assert _keys(app.test_client(), "plasty", lang="cy")


@pytest.mark.parametrize("path", ["/v1/search", "/v1/moments"])
def test_searches_with_any_apostrophe_or_white_space_find_the_same_texts(small: FlaskClient, path: str) -> None:
    def find(q: str) -> list[str]:
        response = small.get(path, query_string={"q": q, "lang": "cy"})
        assert response.status_code == 200, ascii(q)
        return [item["id"] for item in response.get_json()["items"]]

    expected = find("i'r plasty")
    assert expected
    for apostrophe in APOSTROPHES:
        assert find(f"i{apostrophe}r plasty") == expected, ascii(apostrophe)
        assert find(f'"i{apostrophe}r plasty"') == ["moment.exact"], ascii(apostrophe)
    for white_space in ("\t", "\n", "\r\n", "\v", "\f", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000"):
        assert find(f"i'r{white_space}plasty") == expected, ascii(white_space)
    assert find("ty")[0] == "moment.folded"
    assert find("tŷ")[0] == "moment.house"
    assert set(find("ty")) == set(find("tŷ"))


@pytest.mark.parametrize("language", ["cy", "en"])
def test_other_control_characters_are_refused(sqlite_client: FlaskClient, language: str) -> None:
    for path in ("/v1/search", *(endpoint.rule for endpoint in LISTS)):
        for character in "\0\x08\x0e\x1b\x1c\x1f\x7f\x80\x9f":
            query = {"q": f"a{character}b"} | ({} if "bilingual" in path else {"lang": language})
            response = sqlite_client.get(path, query_string=query, headers={"Accept-Language": language})
            assert assert_parameter_error(response, "q", language)["code"] == "invalid-character"


def test_fields_select_members_of_the_results(client: FlaskClient) -> None:
    whole = client.get("/v1/search?q=gwaith&lang=cy&limit=3").get_json()
    always = ("id", "kind", "slug", "language")
    for query, names in (("fields=url", ("url",)), ("fields=title&fields=url,title", ("title", "url"))):
        page = client.get(f"/v1/search?q=gwaith&lang=cy&limit=3&{query}").get_json()
        assert page["items"] == [
            {name: value for name, value in item.items() if name in {*always, *names}} for item in whole["items"]
        ]
        assert f"fields={'%2C'.join(names)}" in page["links"]["next"]
        following = client.get(f"/v1{page['links']['next'].partition('/v1')[2]}").get_json()
        assert following["items"][0].keys() == {*always, *names}
    assert_parameter_error(client.get("/v1/search?q=gwaith&lang=en&fields=body,title"), "fields")
