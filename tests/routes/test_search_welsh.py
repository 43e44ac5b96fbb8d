"""Words that a Welsh speaker would type, on the booklet: what each finds, and what comes first."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.domain.kind import KINDS

#  typed                     first of all
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
# Forms of one word: whichever is typed, the same resources are found.
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


def _ask(client: FlaskClient, q: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/search", query_string={"q": q, "lang": "cy", "limit": 100})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


@pytest.mark.parametrize("line", FIRST.strip().splitlines())
def test_what_is_typed_finds_this_first(client: FlaskClient, line: str) -> None:
    typed, first = line.split()
    found = [item["id"] for item in _ask(client, typed.replace("_", " "))]
    assert found[:1] == ([] if first == "·" else [first])


@pytest.mark.parametrize("line", SAME.strip().splitlines())
def test_any_form_of_a_word_finds_the_same(client: FlaskClient, line: str) -> None:
    found = [{item["id"] for item in _ask(client, form)} for form in line.split()]
    assert found[0]
    assert all(each == found[0] for each in found), line


@pytest.mark.parametrize(("typed", "never"), [("mynd", {"'i", "’i", "ei"}), ("ci", {"i", "’i"}), ("peth", {"fe"})])
def test_a_word_is_not_taken_for_another(client: FlaskClient, typed: str, never: set[str]) -> None:
    for item in _ask(client, typed):
        snippet = item["snippet"]
        assert not {snippet["text"][start:end].lower() for start, end in snippet["marks"]} & never, item["id"]


@pytest.mark.parametrize("typed", ["mae", "cymdeithasol", "gofal", "grŵp", "hein"])
def test_what_is_a_little_like_a_common_word_does_not_go_before_it(client: FlaskClient, typed: str) -> None:
    kinds = [list(KINDS).index(item["kind"]) for item in _ask(client, typed)]
    assert len(kinds) > 12
    assert kinds == sorted(kinds)
