"""A retired slug leads to the current slug of its own language, under each public path and in oEmbed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from tests.journeys.scenario import Scenario

PUBLIC = "http://127.0.0.1:8000"
# Each retired slug of the moment ``first`` and the prompt ``reply``, and the slug to which it leads.
RETIRED = {
    "moments/first": "first-of-all",
    "moments/cyntaf": "cyntaf-oll",
    "moments/cynta": "cyntaf-oll",
    "moments/cuppa": "another-cuppa",
    "moments/paned": "paned-arall",
    "prompts/reply": "answer",
    # The Welsh slug of this moment was removed.
    "moments/ail": "second",
}
QUERIES = {
    "/v1": ("", "?lang=cy", "?lang=en&fallback=allow&min_state=translated", "?fields=slug,kind&lang=cy"),
    "/v1/bilingual": ("", "?min_state=translated&fields=slug"),
    "/embed": ("", "?lang=cy", "?dnt=1&theme=dark&lang=en&title=a%20b"),
}


@pytest.fixture
def client(empty_database: Database, empty_url: str, make_app: Any) -> FlaskClient:
    """Make three releases of the small booklet, in which resources change their slugs."""
    scenario = Scenario(empty_database)
    scenario.load()
    scenario.rename("moment.first", "cy", "cynta")
    scenario.publish()
    scenario.rename("moment.first", "en", "first-of-all")
    scenario.rename("moment.first", "cy", "cyntaf-oll")
    scenario.rename("moment.paned", "en", "another-cuppa")
    scenario.rename("moment.paned", "cy", "paned-arall")
    scenario.rename("prompt.reply", "en", "answer")
    scenario.rename("moment.second", "cy", None)
    scenario.publish()
    client: FlaskClient = make_app(empty_url).test_client()
    return client


@pytest.mark.parametrize("root", QUERIES)
def test_a_retired_slug_redirects_to_the_slug_of_its_own_language_with_the_same_query(
    client: FlaskClient, root: str
) -> None:
    for path, slug in RETIRED.items():
        for query in QUERIES[root]:
            response = client.get(f"{root}/{path}{query}")
            assert response.status_code == 308, (path, query)
            assert response.headers["Location"] == f"{PUBLIC}{root}/{path.partition('/')[0]}/{slug}{query}"


def test_a_slug_from_a_later_release_redirects_to_the_earlier_slug_in_the_same_language(client: FlaskClient) -> None:
    for slug, earlier in (("first-of-all", "first"), ("cyntaf-oll", "cyntaf"), ("cynta", "cyntaf")):
        response = client.get(f"/v1/moments/{slug}?release=1&lang=cy")
        assert response.headers["Location"] == f"{PUBLIC}/v1/moments/{earlier}?release=1&lang=cy"


@pytest.mark.parametrize("root", QUERIES)
@pytest.mark.parametrize("lang", ["cy", "en"])
def test_oembed_answers_for_a_retired_slug_with_the_current_page(client: FlaskClient, root: str, lang: str) -> None:
    for path, slug in RETIRED.items():
        url = f"{PUBLIC}{root}/{path}" + (f"?lang={lang}" if root != "/v1/bilingual" else "")
        for form in ("json", "xml"):
            response = client.get(f"/v1/oembed?url={quote(url)}&lang={lang}&format={form}")
            assert response.status_code == 200, (path, response.text)
            assert f"{PUBLIC}/embed/{path.partition('/')[0]}/{slug}?lang={lang}" in response.text
