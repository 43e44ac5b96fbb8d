"""A moment that was published without Welsh, with a waiver: responses about it, and lists that contain it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.state import MinState, State
from api.services.authoring.units import NewText
from api.services.publishing.releases import publish
from api.services.publishing.waivers import WaiverRequest
from tests.conftest import MakeApp
from tests.tools.booklets import REASONS, editor, get_row_ids
from tests.tools.edits import write_target

NAME = "moment.all-he-wanted-was-a-cwtch"
PATH = "/v1/moments/all-he-wanted-was-a-cwtch"


@pytest.fixture
def client(loaded_database: Database, loaded_url: str, make_app: MakeApp) -> FlaskClient:
    """Serve a release in which the Welsh body of one moment is a draft, with a waiver for the missing text."""
    with loaded_database.writing() as session:
        draft = NewText("Drafft yn unig.", state=State.INITIAL)
        write_target(session, editor(session), f"{NAME}.body", draft)
        waivers = [WaiverRequest(NAME, "missing", REASONS)]
        row_ids = get_row_ids(session, NAME)
        publish(session, editor(session), row_ids, note="a release", required=MinState.TRANSLATED, waivers=waivers)
    return make_app(loaded_url).test_client()


def test_a_request_for_welsh_gets_a_problem_in_welsh_with_a_link_to_the_english(client: FlaskClient) -> None:
    response = client.get(f"{PATH}?lang=cy")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.headers["Content-Language"] == "cy"
    problem = response.json
    assert problem["language"] == "cy"
    assert problem["reason"] == "missing"
    assert problem["title"] == "Ddim ar gael yn yr iaith hon"
    link = problem["links"]["alternate"]
    assert link["hreflang"] == "en"
    assert link["href"] in problem["detail"]
    english = client.get(link["href"].removeprefix("http://127.0.0.1:8000"))
    assert (english.status_code, english.headers["Content-Language"]) == (200, "en")


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?lang=cy&fallback=allow", {}), ("", {"Accept-Language": "cy"}), ("", {"Accept-Language": "cy-GB, fr"})],
)
def test_readers_who_prefer_welsh_get_english_marked_as_a_fallback(
    client: FlaskClient, query: str, headers: dict[str, str]
) -> None:
    response = client.get(PATH + query, headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Language"] == "en"
    assert response.json["language"] == {"requested": "cy", "served": "en", "fallback": True, "reason": "missing"}
    assert response.json["translations"]["cy"] is None
    assert response.json["title"] == "All he wanted was a Cwtch"
    assert [(w["gap"], w["language"], w["release"]) for w in response.json["waivers"]] == [("missing", "cy", 2)]
    assert response.json["waivers"][0]["reason"] == REASONS
    same = client.get(f"{PATH}?lang=cy&fallback=allow")
    assert same.data == response.data
    if headers:
        assert response.headers["Content-Location"].endswith(f"{PATH}?lang=cy&fallback=allow")
        assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize("headers", [{"Accept-Language": "cy, en;q=0"}])
def test_readers_who_refuse_english_do_not_get_english(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get(PATH, headers=headers)
    assert (response.status_code, response.json["language"]) == (404, "cy")
    assert "Accept-Language" in response.headers["Vary"]


def test_a_preference_for_welsh_with_fallback_none_gets_a_404(client: FlaskClient) -> None:
    response = client.get(f"{PATH}?fallback=none", headers={"Accept-Language": "cy"})
    assert (response.status_code, response.json["reason"]) == (404, "missing")


def test_lists_either_include_the_english_fallback_or_count_the_moment_as_omitted(client: FlaskClient) -> None:
    named = client.get("/v1/moments?lang=cy&limit=100").json
    assert (named["total"], named["omitted"], len(named["items"])) == (59, 1, 59)
    assert NAME not in [item["id"] for item in named["items"]]
    for query, headers in (("lang=cy&fallback=allow&limit=100", {}), ("limit=100", {"Accept-Language": "cy"})):
        response = client.get(f"/v1/moments?{query}", headers=headers)
        assert (response.json["total"], response.json["omitted"]) == (60, 0)
        assert response.headers["Content-Language"] == "cy, en"
        fell_back = [item for item in response.json["items"] if item["language"]["fallback"]]
        assert [(item["id"], item["language"]["served"]) for item in fell_back] == [(NAME, "en")]


def test_the_bilingual_response_has_null_for_the_missing_welsh(client: FlaskClient) -> None:
    response = client.get(f"/v1/bilingual/moments/{PATH.rpartition('/')[2]}")
    assert response.json["languages"] == ["en"]
    assert response.json["body"]["cy"] is None
    assert response.json["title"]["cy"] is None, "the title is translated, but a resource is never half in a language"
    assert response.json["body"]["en"]
    assert response.headers["Content-Language"] == "en"


def test_the_translation_status_lists_the_moment_as_missing_and_waived(client: FlaskClient) -> None:
    status = client.get("/v1/translation-status").json
    assert [(e["id"], e["language"]) for e in status["missing"]] == [(NAME, "cy")]
    assert [(e["id"], e["gap"], e["reason"]) for e in status["waived"]] == [(NAME, "missing", REASONS)]


def test_the_previous_release_still_has_the_welsh(client: FlaskClient) -> None:
    response = client.get(f"{PATH}?lang=cy&release=1")
    assert (response.status_code, response.json["language"]["served"]) == (200, "cy")
    assert "immutable" in response.headers["Cache-Control"]
