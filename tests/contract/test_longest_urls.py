"""The limits of input and of issued addresses agree: the longest URL leads to URLs that are accepted."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from api.http.responses import MAX_LINK_HEADER
from api.services.embed.target import MAX_URL
from api.setting_rules import MAX_PUBLIC_URL, InvalidSettingError
from api.settings import Settings
from tests.conftest import MakeApp
from tests.tools.endpoints import assert_parameter_error

PUBLIC = f"https://hud.example/{'a' * MAX_PUBLIC_URL}"[:MAX_PUBLIC_URL]
# Four bytes in UTF-8, so that 200 characters have 2,400 in a URL. U+1D160 has three such characters in NFC.
STARS, NOTES = "🌟" * 200, "\U0001d160" * 66
SLUGS = ",".join(f"m{number}-{'x' * 100}"[:100] for number in range(20))


@pytest.fixture
def longest(shared_url: str, make_app: MakeApp) -> FlaskClient:
    """Return a client of the service at the longest public URL."""
    client: FlaskClient = make_app(shared_url, public_url=PUBLIC).test_client()
    return client


def _read_links(client: FlaskClient, path: str) -> set[str]:
    """Return the addresses in the headers and the body of a response, as paths."""
    response = client.get(path)
    assert response.status_code == 200, path
    assert all(len(value) <= MAX_LINK_HEADER for value in response.headers.values())
    text = f"{response.headers.get('Link', '')} {response.headers.get('Content-Location', '')} {response.text}"
    found = re.findall(rf"{re.escape(PUBLIC)}(/(?:v1|embed)[^\"'<>\s]+)", text.replace("&amp;", "&"))
    return set(found)


@pytest.mark.parametrize("seed", [STARS, NOTES], ids=["stars", "notes"])
def test_links_with_the_longest_possible_seed_are_accepted(longest: FlaskClient, seed: str) -> None:
    rule = f"seed={quote(seed)}&collection=consultant-social-workers&category=research"
    links = _read_links(longest, f"/embed/moments/random?{rule}")
    normal = quote(quote(unicodedata.normalize("NFC", seed)))
    assert len([link for link in links if link.startswith("/v1/oembed") and normal in link]) == 2
    for link in [*links, *_read_links(longest, f"/v1/moments/random?{rule}")]:
        assert longest.get(link).status_code == 200, link


def test_oembed_accepts_the_url_of_the_longest_session(longest: FlaskClient) -> None:
    more = (
        "&lang=cy&fallback=allow&min_state=reviewed&stages=framing,response&minutes=240&theme=light&switch=no&release=1"
    )
    url = f"{PUBLIC}/embed/session?moments={SLUGS}{more}"
    assert 2_600 < len(url) <= MAX_URL
    # The moments do not exist, but the URL itself is valid.
    assert longest.get(f"/v1/oembed?url={quote(url)}").status_code == 404
    assert longest.get(url.removeprefix(PUBLIC)).status_code == 404


@pytest.mark.parametrize("path", ["/v1/moments/random?seed=", "/v1/search?q=", "/embed/moments/random?seed="])
def test_the_length_limit_of_a_parameter_applies_to_its_normal_form(sqlite_client: FlaskClient, path: str) -> None:
    # 67 characters that become 201, and 201 decomposed pairs that become 201 characters.
    for text, status in (("\U0001d160" * 67, 400), ("w\u0302" * 201, 400), ("w\u0302" * 200, 200)):
        response = sqlite_client.get(path + quote(text))
        assert response.status_code == status, text
        if status == 400 and path.startswith("/v1"):
            assert_parameter_error(response, path.partition("?")[2][:-1])


def test_a_longer_public_url_is_refused() -> None:
    assert Settings(public_url=PUBLIC).public_url == PUBLIC
    with pytest.raises(InvalidSettingError, match="500"):
        Settings(public_url=f"{PUBLIC}a")
