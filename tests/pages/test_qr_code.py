"""QR codes hold every address that the service links to a code, and no other."""

from __future__ import annotations

import re
from html import unescape

import pytest
import segno
from flask.testing import FlaskClient

from api.pages.qr_code import MAX_QR_CODE_URL, draw_qr_code
from tests.conftest import MakeApp
from tests.tools.endpoints import assert_problem

NO_CODE = {"cy": "rhy hir ar gyfer cod QR", "en": "too long for a QR code"}


def _long_session(client: FlaskClient) -> str:
    """Return a query for a session of the twenty moments with the longest slugs."""
    items = client.get("/v1/moments?lang=en&limit=100&fields=slug,slugs").get_json()["items"]
    slugs = sorted((max(item["slugs"].values(), key=len) for item in items), key=len, reverse=True)[:20]
    return f"kind=session&moments={','.join(slugs)}"


@pytest.fixture
def limited(shared_url: str, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client of a service whose codes hold 600 characters, which a session of the booklet exceeds."""
    monkeypatch.setattr("api.pages.qr_code.MAX_QR_CODE_URL", 600)
    client: FlaskClient = make_app(shared_url).test_client()
    return client


def test_the_limit_is_the_capacity_of_the_largest_code() -> None:
    assert draw_qr_code("a" * MAX_QR_CODE_URL).startswith(b"<?xml")
    with pytest.raises(segno.DataOverflowError):
        segno.make_qr("a" * (MAX_QR_CODE_URL + 1), error="q")


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_a_url_too_long_for_a_qr_code_is_refused_and_pages_show_an_explanation_instead(
    limited: FlaskClient, lang: str
) -> None:
    query = f"{_long_session(limited)}&lang={lang}"
    problem = limited.get(f"/embed/qr.svg?{query}", headers={"Accept-Language": lang})
    assert "600" in assert_problem(problem, 400, lang)["detail"]
    assert {"cy": "Dewiswch lai o eiliadau hud", "en": "Choose fewer moments"}[lang] in problem.text
    for path in (f"/embed/handout?{query}", f"/embed?{query}&content={lang}"):
        page = limited.get(path)
        assert page.status_code == 200
        assert "qr.svg" not in page.text
        assert NO_CODE[lang] in page.text
    short = f"kind=moment&slug=chain-reaction&lang={lang}"
    for path in (f"/embed/handout?{short}", f"/embed?{short}&content={lang}"):
        assert "qr.svg" in limited.get(path).text
        assert NO_CODE[lang] not in limited.get(path).text


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_codes_and_snippets_of_a_text_in_one_language_lead_to_that_text(odd: FlaskClient, lang: str) -> None:
    query = "kind=moment&slug=alone"
    page = odd.get(f"/embed/handout?{query}&lang={lang}").text
    (url,) = re.findall(r'<a href="http://127.0.0.1:8000([^"]+)"', page)
    expected = "?lang=cy&fallback=allow" if lang == "cy" else "?lang=en"
    assert unescape(url) == f"/embed/moments/alone{expected}"
    code = re.findall(r'src="(/embed/qr.svg[^"]+)"', page)[0]
    assert odd.get(unescape(code)).data == draw_qr_code(f"http://127.0.0.1:8000{unescape(url)}")
    assert odd.get(f"/embed/qr.svg?{query}&lang={lang}").data == odd.get(unescape(code)).data
    builder = unescape(unescape(odd.get(f"/embed?{query}&content={lang}&lang={lang}").text))
    frames = re.findall(r'<iframe [^>]*src="(?:http://127.0.0.1:8000)?([^"]+)"', builder)
    assert set(frames) == {unescape(url)}
    assert odd.get(frames[0]).status_code == 200
    # The component has no attribute for the fallback.
    assert '<magic-moment kind="moment" slug="alone" lang="en">' in builder
