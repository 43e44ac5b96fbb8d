"""oEmbed 1.0: public URLs, both formats, WordPress's filter, an independent client."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import pytest
from flask.testing import FlaskClient
from pyoembed import oEmbed

from api.http.problems import PROBLEMS
from tests.conftest import MakeApp
from tests.tools.chromium import serve_site
from tests.tools.endpoints import assert_parameter_error, assert_problem

PUBLIC = "http://127.0.0.1:8000"
TITLES = {"cy": "Adwaith cadwynol", "en": "Chain reaction"}
# The attributes that WordPress's HTML filter allows on each element.
ALLOWED_ATTRIBUTES = {
    "a": {"href"},
    "blockquote": set(),
    "iframe": {"src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title"},
}
ADDRESSES = {
    "/v1/moments/chain-reaction": "/embed/moments/chain-reaction",
    "/v1/moments/adwaith-cadwynol?lang=en": "/embed/moments/adwaith-cadwynol",
    "/v1/bilingual/moments/chain-reaction": "/embed/moments/chain-reaction",
    "/embed/moments/chain-reaction?theme=dark&dnt=1": "/embed/moments/chain-reaction?lang=cy&theme=dark",
    "/v1/moments/random?seed=heddiw": "/embed/moments/random?lang=cy&seed=heddiw",
    "/v1/prompts/some-worry-me": "/embed/prompts/some-worry-me",
    "/v1/bilingual/prompts/some-worry-me": "/embed/prompts/some-worry-me",
    "/embed/prompts/some-worry-me?release=1": "/embed/prompts/some-worry-me?lang=cy&release=1",
    "/v1/prompts?stage=response&limit=3": "/embed/prompts?lang=cy&stage=response",
    "/embed/prompts?stage=after&show=all": "/embed/prompts?lang=cy&stage=after&show=all",
    "/v1/ground-rules": "/embed/ground-rules",
    "/v1/bilingual/ground-rules?collection=consultant-social-workers": (
        "/embed/ground-rules?lang=cy&collection=consultant-social-workers"
    ),
    "/embed/session?moments=chain-reaction,being-heard&minutes=5": (
        "/embed/session?lang=cy&moments=chain-reaction,being-heard&minutes=5"
    ),
}


def _oembed_path(url: str, **more: Any) -> str:
    return "/v1/oembed?" + "&".join(f"{name}={quote(str(value))}" for name, value in {"url": url, **more}.items())


class _Filtered(HTMLParser):
    """The part of a response's HTML that WordPress's filter leaves."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lost: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.left = ""
        self.feed(html)

    @property
    def shown(self) -> tuple[str, str]:
        """Return the two elements that WordPress keeps: a quotation, and the frame that replaces the quotation."""
        match = re.fullmatch("(<blockquote>.*</blockquote>)(<iframe [^>]*></iframe>)", self.left, re.DOTALL)
        assert match, self.left
        return match[1], match[2]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_ATTRIBUTES:
            self.lost.append(tag)
            return
        self.attributes[tag] = {name: value for name, value in attrs if name in ALLOWED_ATTRIBUTES[tag]}
        attributes = "".join(f" {name}={quoteattr(value or '')}" for name, value in self.attributes[tag].items())
        self.left += f"<{tag}{attributes}>"

    def handle_endtag(self, tag: str) -> None:
        self.left += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.left += escape(data)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_public_url_can_be_embedded_in_a_frame(client: FlaskClient, path: str) -> None:
    answer = client.get(_oembed_path(f"{PUBLIC}{path}", lang="cy"))
    assert answer.status_code == 200
    card = answer.get_json()
    assert (card["version"], card["type"], card["provider_name"]) == ("1.0", "rich", "Eiliadau hud")
    filtered = _Filtered(card["html"])
    assert filtered.lost == []
    link, _ = filtered.shown
    assert escape(card["title"]) in link
    frame = filtered.attributes["iframe"]
    expected = ADDRESSES[path] if "?" in ADDRESSES[path] else f"{ADDRESSES[path]}?lang=cy"
    assert frame["src"] == filtered.attributes["a"]["href"] == f"{PUBLIC}{expected}"
    assert (frame["width"], frame["height"]) == (str(card["width"]), str(card["height"]))
    assert frame["title"] == card["title"] != ""
    page = client.get(str(frame["src"]).removeprefix(PUBLIC))
    assert page.status_code == 200
    assert page.headers["Content-Language"] == "cy"


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_json_and_xml_responses_have_the_same_content_and_language(client: FlaskClient, lang: str) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    as_json = client.get(_oembed_path(url, lang=lang))
    as_xml = client.get(_oembed_path(url, lang=lang, format="xml"))
    assert (as_json.mimetype, as_xml.mimetype) == ("application/json", "text/xml")
    card = as_json.get_json()
    assert card["title"] == TITLES[lang]
    root = ElementTree.fromstring(as_xml.data)
    assert root.tag == "oembed"
    assert {element.tag: element.text for element in root} == {name: str(value) for name, value in card.items()}
    assert as_json.headers["Content-Language"] == as_xml.headers["Content-Language"] == lang


def test_lang_overrides_the_embedded_url_and_both_override_accept_language(client: FlaskClient) -> None:
    url, header = f"{PUBLIC}/v1/moments/chain-reaction", {"Accept-Language": "cy"}
    assert client.get(_oembed_path(f"{url}?lang=en"), headers=header).get_json()["title"] == TITLES["en"]
    assert client.get(_oembed_path(f"{url}?lang=en", lang="cy")).get_json()["title"] == TITLES["cy"]
    by_header = client.get(_oembed_path(url), headers=header)
    assert by_header.get_json()["title"] == TITLES["cy"]
    assert "Accept-Language" in by_header.headers["Vary"]
    assert "Accept-Language" not in client.get(_oembed_path(f"{url}?lang=en")).headers.get("Vary", "")


def test_the_title_of_a_random_moment_is_the_name_of_its_kind(client: FlaskClient) -> None:
    card = client.get(_oembed_path(f"{PUBLIC}/v1/moments/random?category=research", lang="cy")).get_json()
    assert card["title"] == "Eiliad hud"
    assert f'src="{PUBLIC}/embed/moments/random?lang=cy&amp;category=research"' in card["html"]


def test_unknown_parameters_do_not_change_the_response(client: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    plain = client.get(_oembed_path(url, lang="cy"))
    assert client.get(_oembed_path(url, lang="cy", dnt=1, callback="x", _="1")).data == plain.data


def test_a_frame_fits_the_maximum_size_and_a_narrow_frame_is_taller(client: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    usual = client.get(_oembed_path(url, lang="cy")).get_json()
    narrow = client.get(_oembed_path(url, lang="cy", maxwidth=320)).get_json()
    assert (usual["width"], narrow["width"]) == (600, 320)
    assert narrow["height"] > usual["height"]
    flat = client.get(_oembed_path(url, lang="cy", maxwidth=5000, maxheight=150)).get_json()
    assert (flat["width"], flat["height"]) == (600, 150)


DISCOVERABLE = {
    "/v1/moments/chain-reaction": "?lang=cy", "/v1/prompts/some-worry-me": "?lang=cy", "/v1/prompts": "?lang=cy",
    "/v1/ground-rules": "?lang=cy", "/embed/moments/chain-reaction": "?lang=cy",
    "/embed/session?moments=chain-reaction": "&lang=cy", "/v1/bilingual/moments/chain-reaction": "",
    "/v1/bilingual/prompts?stage=after": "", "/v1/bilingual/ground-rules": "",
}  # fmt: skip


@pytest.mark.parametrize("path", DISCOVERABLE)
def test_public_urls_have_discovery_links(client: FlaskClient, path: str) -> None:
    response = client.get(path + DISCOVERABLE[path])
    links = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*oembed)"', response.headers["Link"])
    assert [media for _, media in links] == ["application/json+oembed", "text/xml+oembed"]
    for (link, _), form in zip(links, ("json", "xml"), strict=True):
        query = parse_qs(urlsplit(link).query)
        (url,) = query["url"]
        assert query["format"] == [form]
        assert urlsplit(url).path == path.partition("?")[0]
        oembed = client.get(link.removeprefix(PUBLIC))
        assert oembed.status_code == 200
        what = path.partition("?")[0].removeprefix("/v1").replace("/bilingual", "").removeprefix("/embed")
        assert f"{PUBLIC}/embed{what}" in oembed.text


@pytest.mark.parametrize("path", ["/v1/sections", "/v1/moments", "/v1/prompts?q=eiliadau", "/v1/prompts?limit=2"])
def test_lists_without_an_embed_page_have_no_discovery_links(client: FlaskClient, path: str) -> None:
    page_path = path
    if "limit" in path:
        page_path = client.get(path).get_json()["links"]["next"].removeprefix(PUBLIC)
    assert "oembed" not in client.get(page_path).headers["Link"]


REFUSED: dict[str, tuple[str, int, str]] = {
    "another host": (_oembed_path("https://evil.example/v1/moments/chain-reaction"), 404, ""),
    "a host with the same beginning": (_oembed_path("http://127.0.0.1.evil.example:8000/v1/moments/x"), 404, ""),
    "another port": (_oembed_path("http://127.0.0.1:9/v1/moments/chain-reaction"), 404, ""),
    "a name before the host": (_oembed_path("http://a@127.0.0.1:8000/v1/moments/chain-reaction"), 404, ""),
    "a section": (_oembed_path(f"{PUBLIC}/v1/sections/consultant-social-workers-why"), 404, ""),
    "a list of moments": (_oembed_path(f"{PUBLIC}/v1/moments"), 404, ""),
    "an unknown slug": (_oembed_path(f"{PUBLIC}/v1/moments/nid-oes-un"), 404, ""),
    "an unknown release": (_oembed_path(f"{PUBLIC}/embed/moments/chain-reaction?release=99"), 404, ""),
    "a script": (_oembed_path("javascript:alert(1)"), 400, "url"),
    "a fragment": (_oembed_path(f"{PUBLIC}/v1/moments/chain-reaction#x"), 400, "url"),
    "an empty fragment": (_oembed_path(f"{PUBLIC}/v1/moments/chain-reaction#"), 400, "url"),
    "not a URL": (_oembed_path("chain-reaction"), 400, "url"),
    "a malformed URL": (_oembed_path("http://[/v1"), 400, "url"),
    "a port out of range": (_oembed_path("http://127.0.0.1:99999/v1/moments/x"), 400, "url"),
    "a URL over the limit": (_oembed_path(f"{PUBLIC}/v1/moments/{'a' * 4000}"), 400, "url"),
    "a much longer text": (_oembed_path("a" * 30_000), 400, "url"),
    "no URL": ("/v1/oembed", 400, "url"),
    "two URLs": (_oembed_path(PUBLIC) + "&url=x", 400, "url"),
    "no width": (_oembed_path(f"{PUBLIC}/v1/prompts", maxwidth=0), 400, "maxwidth"),
    "a height in words": (_oembed_path(f"{PUBLIC}/v1/prompts", maxheight="tall"), 400, "maxheight"),
    "a third language": (_oembed_path(f"{PUBLIC}/v1/prompts") + "&lang=fr", 400, "lang"),
    "a wrong parameter inside": (_oembed_path(f"{PUBLIC}/embed/prompts?stage=x"), 400, "url.stage"),
    "a session of twenty-one": (
        _oembed_path(f"{PUBLIC}/embed/session?moments={','.join(f'm{n}' for n in range(21))}"), 400, "url.moments",
    ),
    "a repeated parameter inside": (_oembed_path(f"{PUBLIC}/embed/prompts?theme=dark&theme=auto"), 400, "url.theme"),
    "a session of none": (_oembed_path(f"{PUBLIC}/embed/session"), 400, "url.moments"),
    "a third format": (_oembed_path(f"{PUBLIC}/v1/prompts", format="yaml"), 501, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_url_that_cannot_be_embedded_returns_a_problem_in_the_readers_language(
    sqlite_client: FlaskClient, name: str
) -> None:
    path, status, parameter = REFUSED[name]
    details = set()
    for language in ("cy", "en"):
        response = sqlite_client.get(path, headers={"Accept-Language": language})
        problem = assert_problem(response, status, language)
        if parameter:
            assert_parameter_error(response, parameter, language)
        details.add(json.dumps([problem["title"], problem["detail"], problem.get("errors")]))
    assert len(details) == 2
    assert problem["type"].rpartition("/")[2] in PROBLEMS


@pytest.mark.parametrize("form", ["/", "/?utm_source=a", "?dnt=1&dnt=2", "?lang=cy", "/?lang=cy"])
@pytest.mark.parametrize("path", ["/embed/moments/chain%2Dreaction", "/v1/%6Doments/chain-reaction", "/embed/prompts"])
def test_a_url_in_another_form_that_the_service_accepts_can_be_embedded(
    sqlite_client: FlaskClient, path: str, form: str
) -> None:
    assert sqlite_client.get(path + form).status_code != 404
    response = sqlite_client.get(_oembed_path(f"{PUBLIC}{path}{form}"))
    assert response.status_code == 200, response.text
    assert "utm_source" not in response.text


@pytest.mark.parametrize("path", ["/embed/moments/nid-oes-un", "/v1/sections/x", "/embed/prompts?stage=x"])
def test_a_problem_is_in_the_language_that_the_url_to_embed_names(sqlite_client: FlaskClient, path: str) -> None:
    url = f"{PUBLIC}{path}{'&' if '?' in path else '?'}lang=CY"
    english = {"Accept-Language": "en"}
    assert sqlite_client.get(_oembed_path(url), headers=english).get_json()["language"] == "cy"
    assert sqlite_client.get(_oembed_path(url, lang="en"), headers=english).get_json()["language"] == "en"


def test_a_text_in_one_language_is_embedded_in_that_language(odd: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/alone"
    assert_problem(odd.get(_oembed_path(url, lang="cy")), 404, "cy")
    assert_problem(odd.get(_oembed_path(url), headers={"Accept-Language": "cy, en;q=0"}), 404, "cy")
    card = odd.get(_oembed_path(url), headers={"Accept-Language": "cy"}).get_json()
    assert card["title"] == "EN alone title"
    assert f'src="{PUBLIC}/embed/moments/alone?lang=en"' in card["html"]


def test_markup_in_titles_is_escaped(odd: FlaskClient) -> None:
    card = odd.get(_oembed_path(f"{PUBLIC}/v1/moments/hostile", lang="cy")).get_json()
    filtered = _Filtered(card["html"])
    assert filtered.lost == []
    assert filtered.attributes["iframe"]["title"] == card["title"]
    assert "<script>" in card["title"]


def test_an_independent_oembed_client_discovers_and_reads_the_response(shared_url: str, make_app: MakeApp) -> None:
    app = make_app(shared_url)
    with serve_site(app, 0) as origin:
        own = make_app(shared_url, public_url=origin)
        app.wsgi_app = own.wsgi_app  # type: ignore[method-assign]  # the port was not known before
        for lang in ("cy", "en"):
            card = oEmbed(f"{origin}/embed/moments/chain-reaction?lang={lang}", maxwidth=400)
            assert (card["title"], card["width"]) == (TITLES[lang], 400)
            assert f'src="{origin}/embed/moments/chain-reaction?lang={lang}"' in card["html"]
