"""Words that a Welsh speaker would type, and the resources that a search for each word finds."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.kind import KINDS

#  word                      first match (· for none)
FIRST = """
cartref                      moment.all-he-wanted-was-a-cwtch
chartref                     moment.no-place-like-home
nghartref                    moment.no-place-like-home
gartref                      moment.no-place-like-home
cartrefi                     section.consultant-social-workers-foreword
theulu                       moment.stepping-up-to-the-unexpected
a’i_theulu                   moment.stepping-up-to-the-unexpected
A'I_THEULU                   moment.stepping-up-to-the-unexpected
nghwtsh                      moment.all-he-wanted-was-a-cwtch
gwraidd                      moment.getting-to-the-heart-of-the-matter
gymdogion                    moment.talking-to-the-neighbours
cymydog                      moment.talking-to-the-neighbours
rhieni                       moment.changing-cycles-of-behaviour
defnyddwyr                   moment.true-reflection
rhaglenni                    moment.knowing-the-landscape
cefais                       moment.seeing-the-light
mynd                         moment.getting-to-the-heart-of-the-matter
gwaeth                       moment.not-walking-away-was-the-way
cŵn                          moment.stepping-up-to-the-unexpected
ffynnu                       moment.a-chance-to-thrive
cyd-fynd                     moment.believing-is-a-step-towards-achieving
cydfynd                      moment.believing-is-a-step-towards-achieving
cyd_fynd                     moment.believing-is-a-step-towards-achieving
Nghymru                      section.consultant-social-workers-foreword
"yng_Nghymru"                section.consultant-social-workers-foreword
"yn_Nghymru"                 ·
"""
# Each line has forms of one word, which must all find the same resources.
SAME = """
cartref gartref nghartref chartref cartrefi gartrefi nghartrefi chartrefi
teulu deulu nheulu theulu teuluoedd deuluoedd
plentyn blentyn phlentyn plant blant phlant mhlant
rhiant riant rhieni rieni
grŵp grwp grwpiau
rhaglen raglen rhaglenni raglenni
defnyddiwr ddefnyddiwr defnyddwyr ddefnyddwyr
cael gael chael cefais gefais chafodd gafwyd
mynd fynd ewch aeth
rôl rolau
"""


def _search(client: FlaskClient, q: str) -> list[dict[str, Any]]:
    response = client.get("/v1/search", query_string={"q": q, "lang": "cy", "limit": 100})
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.get_json()["items"]
    return items


@pytest.mark.parametrize("line", FIRST.strip().splitlines())
def test_a_word_finds_the_expected_resource_first(client: FlaskClient, line: str) -> None:
    word, first = line.split()
    matches = [item["id"] for item in _search(client, word.replace("_", " "))]
    assert matches[:1] == ([] if first == "·" else [first])


@pytest.mark.parametrize("line", SAME.strip().splitlines())
def test_all_forms_of_a_word_find_the_same_resources(client: FlaskClient, line: str) -> None:
    matches = [{item["id"] for item in _search(client, form)} for form in line.split()]
    assert matches[0]
    assert all(ids == matches[0] for ids in matches), line


@pytest.mark.parametrize(("word", "unrelated"), [("mynd", {"'i", "’i", "ei"}), ("ci", {"i", "’i"}), ("peth", {"fe"})])
def test_a_word_does_not_match_an_unrelated_word(client: FlaskClient, word: str, unrelated: set[str]) -> None:
    for item in _search(client, word):
        snippet = item["snippet"]
        assert not {snippet["text"][start:end].lower() for start, end in snippet["marks"]} & unrelated, item["id"]


@pytest.mark.parametrize("word", ["mae", "cymdeithasol", "gofal", "grŵp", "hein"])
def test_the_matches_of_a_common_word_are_ordered_by_kind(client: FlaskClient, word: str) -> None:
    kinds = [list(KINDS).index(item["kind"]) for item in _search(client, word)]
    assert len(kinds) > 12
    assert kinds == sorted(kinds)
