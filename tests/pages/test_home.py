"""The root of the service leads to a page, in the language that the request names."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

PUBLIC = "http://127.0.0.1:8000"


@pytest.mark.parametrize("query", ["", "?lang=cy", "?lang=en"])
def test_the_root_redirects_to_the_documentation_in_the_same_language(sqlite_client: FlaskClient, query: str) -> None:
    response = sqlite_client.get(f"/{query}")
    assert response.status_code == 307
    assert response.headers["Location"] == f"{PUBLIC}/docs{query}"
    page = sqlite_client.get(f"/docs{query}", headers={"Accept-Language": "cy"})
    assert page.headers["Content-Language"] == ("en" if query == "?lang=en" else "cy")


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_the_provider_url_of_oembed_leads_to_a_page_in_the_language_of_the_response(
    sqlite_client: FlaskClient, lang: str
) -> None:
    card: Any = sqlite_client.get(f"/v1/oembed?url={PUBLIC}/v1/moments/chain-reaction&lang={lang}").get_json()
    redirect = sqlite_client.get(card["provider_url"].removeprefix(PUBLIC))
    response = sqlite_client.get(redirect.headers["Location"].removeprefix(PUBLIC))
    assert response.status_code == 200
    assert response.headers["Content-Language"] == lang
