"""oEmbed 1.0: every public address, both formats, what WordPress leaves of it, and a consumer that is not ours."""

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
from tests.tools.addresses import assert_names, assert_problem
from tests.tools.chromium import serve_site

PUBLIC = "http://127.0.0.1:8000"
TITLES = {"cy": "Adwaith cadwynol", "en": "Chain reaction"}
# What WordPress's filter lets through, by element.
LEFT = {
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


def _ask(url: str, **more: Any) -> str:
    return "/v1/oembed?" + "&".join(f"{name}={quote(str(value))}" for name, value in {"url": url, **more}.items())


class _Filtered(HTMLParser):
    """An answer's HTML as WordPress leaves it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lost: list[str] = []
        self.kept: dict[str, dict[str, str | None]] = {}
        self.left = ""
        self.feed(html)

    @property
    def shown(self) -> tuple[str, str]:
        """What WordPress shows until the frame speaks, and the frame: of what is left it takes no more than these."""
        found = re.fullmatch("(<blockquote>.*</blockquote>)(<iframe [^>]*></iframe>)", self.left, re.DOTALL)
        assert found, self.left
        return found[1], found[2]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in LEFT:
            self.lost.append(tag)
            return
        self.kept[tag] = {name: value for name, value in attrs if name in LEFT[tag]}
        said = "".join(f" {name}={quoteattr(value or '')}" for name, value in self.kept[tag].items())
        self.left += f"<{tag}{said}>"

    def handle_endtag(self, tag: str) -> None:
        self.left += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.left += escape(data)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_public_address_has_its_frame(client: FlaskClient, path: str) -> None:
    answer = client.get(_ask(f"{PUBLIC}{path}", lang="cy"))
    assert answer.status_code == 200
    card = answer.get_json()
    assert (card["version"], card["type"], card["provider_name"]) == ("1.0", "rich", "Eiliadau hud")
    filtered = _Filtered(card["html"])
    assert filtered.lost == []
    link, _ = filtered.shown
    assert escape(card["title"]) in link
    frame = filtered.kept["iframe"]
    expected = ADDRESSES[path] if "?" in ADDRESSES[path] else f"{ADDRESSES[path]}?lang=cy"
    assert frame["src"] == filtered.kept["a"]["href"] == f"{PUBLIC}{expected}"
    assert (frame["width"], frame["height"]) == (str(card["width"]), str(card["height"]))
    assert frame["title"] == card["title"] != ""
    page = client.get(str(frame["src"]).removeprefix(PUBLIC))
    assert page.status_code == 200
    assert page.headers["Content-Language"] == "cy"


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_both_formats_say_the_same_in_the_language_of_the_text(client: FlaskClient, lang: str) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    as_json = client.get(_ask(url, lang=lang))
    as_xml = client.get(_ask(url, lang=lang, format="xml"))
    assert (as_json.mimetype, as_xml.mimetype) == ("application/json", "text/xml")
    card = as_json.get_json()
    assert card["title"] == TITLES[lang]
    root = ElementTree.fromstring(as_xml.data)
    assert root.tag == "oembed"
    assert {each.tag: each.text for each in root} == {name: str(value) for name, value in card.items()}
    assert as_json.headers["Content-Language"] == as_xml.headers["Content-Language"] == lang


def test_the_parameter_goes_before_the_address_and_that_before_the_header(client: FlaskClient) -> None:
    url, header = f"{PUBLIC}/v1/moments/chain-reaction", {"Accept-Language": "cy"}
    assert client.get(_ask(f"{url}?lang=en"), headers=header).get_json()["title"] == TITLES["en"]
    assert client.get(_ask(f"{url}?lang=en", lang="cy")).get_json()["title"] == TITLES["cy"]
    by_header = client.get(_ask(url), headers=header)
    assert by_header.get_json()["title"] == TITLES["cy"]
    assert by_header.headers["Vary"] == "Accept-Language"
    assert "Vary" not in client.get(_ask(f"{url}?lang=en")).headers


def test_what_chance_will_choose_is_called_what_it_is(client: FlaskClient) -> None:
    card = client.get(_ask(f"{PUBLIC}/v1/moments/random?category=research", lang="cy")).get_json()
    assert card["title"] == "Eiliad hud"
    assert f'src="{PUBLIC}/embed/moments/random?lang=cy&amp;category=research"' in card["html"]


def test_what_a_consumer_adds_changes_nothing(client: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    plain = client.get(_ask(url, lang="cy"))
    assert client.get(_ask(url, lang="cy", dnt=1, callback="x", _="1")).data == plain.data


def test_a_frame_is_no_larger_than_asked_for_and_higher_where_it_is_narrow(client: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/chain-reaction"
    usual = client.get(_ask(url, lang="cy")).get_json()
    narrow = client.get(_ask(url, lang="cy", maxwidth=320)).get_json()
    assert (usual["width"], narrow["width"]) == (600, 320)
    assert narrow["height"] > usual["height"]
    flat = client.get(_ask(url, lang="cy", maxwidth=5000, maxheight=150)).get_json()
    assert (flat["width"], flat["height"]) == (600, 150)


TELLING = {
    "/v1/moments/chain-reaction": "?lang=cy", "/v1/prompts/some-worry-me": "?lang=cy", "/v1/prompts": "?lang=cy",
    "/v1/ground-rules": "?lang=cy", "/embed/moments/chain-reaction": "?lang=cy",
    "/embed/session?moments=chain-reaction": "&lang=cy", "/v1/bilingual/moments/chain-reaction": "",
    "/v1/bilingual/prompts?stage=after": "", "/v1/bilingual/ground-rules": "",
}  # fmt: skip


@pytest.mark.parametrize("path", TELLING)
def test_addresses_tell_where_their_frame_is(client: FlaskClient, path: str) -> None:
    response = client.get(path + TELLING[path])
    found = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*oembed)"', response.headers["Link"])
    assert [media for _, media in found] == ["application/json+oembed", "text/xml+oembed"]
    for (address, _), form in zip(found, ("json", "xml"), strict=True):
        query = parse_qs(urlsplit(address).query)
        (url,) = query["url"]
        assert query["format"] == [form]
        assert urlsplit(url).path == path.partition("?")[0]
        told = client.get(address.removeprefix(PUBLIC))
        assert told.status_code == 200
        what = path.partition("?")[0].removeprefix("/v1").replace("/bilingual", "").removeprefix("/embed")
        assert f"{PUBLIC}/embed{what}" in told.text


@pytest.mark.parametrize("path", ["/v1/sections", "/v1/moments", "/v1/prompts?q=eiliadau", "/v1/prompts?limit=2"])
def test_what_is_no_set_tells_of_none(client: FlaskClient, path: str) -> None:
    address = path
    if "limit" in path:
        address = client.get(path).get_json()["links"]["next"].removeprefix(PUBLIC)
    assert "oembed" not in client.get(address).headers["Link"]


REFUSED: dict[str, tuple[str, int, str]] = {
    "another host": (_ask("https://evil.example/v1/moments/chain-reaction"), 404, ""),
    "a host that only begins alike": (_ask("http://127.0.0.1.evil.example:8000/v1/moments/chain-reaction"), 404, ""),
    "another port": (_ask("http://127.0.0.1:9/v1/moments/chain-reaction"), 404, ""),
    "a name before the host": (_ask("http://a@127.0.0.1:8000/v1/moments/chain-reaction"), 404, ""),
    "what is not embedded": (_ask(f"{PUBLIC}/v1/sections/consultant-social-workers-why"), 404, ""),
    "a list of moments": (_ask(f"{PUBLIC}/v1/moments"), 404, ""),
    "an unknown slug": (_ask(f"{PUBLIC}/v1/moments/nid-oes-un"), 404, ""),
    "an unknown release": (_ask(f"{PUBLIC}/embed/moments/chain-reaction?release=99"), 404, ""),
    "a script": (_ask("javascript:alert(1)"), 400, "url"),
    "a fragment": (_ask(f"{PUBLIC}/v1/moments/chain-reaction#x"), 400, "url"),
    "an empty fragment": (_ask(f"{PUBLIC}/v1/moments/chain-reaction#"), 400, "url"),
    "no address": (_ask("chain-reaction"), 400, "url"),
    "a broken address": (_ask("http://[/v1"), 400, "url"),
    "a port out of range": (_ask("http://127.0.0.1:99999/v1/moments/x"), 400, "url"),
    "an address over the limit": (_ask(f"{PUBLIC}/v1/moments/{'a' * 2000}"), 400, "url"),
    "a far longer one": (_ask("a" * 30_000), 400, "url"),
    "none": ("/v1/oembed", 400, "url"),
    "two": (_ask(PUBLIC) + "&url=x", 400, "url"),
    "no width": (_ask(f"{PUBLIC}/v1/prompts", maxwidth=0), 400, "maxwidth"),
    "a height in words": (_ask(f"{PUBLIC}/v1/prompts", maxheight="tall"), 400, "maxheight"),
    "a third language": (_ask(f"{PUBLIC}/v1/prompts") + "&lang=fr", 400, "lang"),
    "a wrong parameter inside": (_ask(f"{PUBLIC}/embed/prompts?stage=x"), 400, "url.stage"),
    "a session of twenty-one": (
        _ask(f"{PUBLIC}/embed/session?moments={','.join(f'm{n}' for n in range(21))}"), 400, "url.moments",
    ),
    "a session of none": (_ask(f"{PUBLIC}/embed/session"), 400, "url.moments"),
    "a third format": (_ask(f"{PUBLIC}/v1/prompts", format="yaml"), 501, ""),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_embedded_is_a_problem_in_the_readers_language(sqlite_client: FlaskClient, fault: str) -> None:
    address, status, parameter = REFUSED[fault]
    details = set()
    for language in ("cy", "en"):
        response = sqlite_client.get(address, headers={"Accept-Language": language})
        problem = assert_problem(response, status, language)
        if parameter:
            assert_names(response, parameter, language)
        details.add(json.dumps([problem["title"], problem["detail"], problem.get("errors")]))
    assert len(details) == 2
    assert problem["type"].rpartition("/")[2] in PROBLEMS


def test_a_text_that_is_in_one_language_only_is_embedded_in_that_one(odd: FlaskClient) -> None:
    url = f"{PUBLIC}/v1/moments/alone"
    assert_problem(odd.get(_ask(url, lang="cy")), 404, "cy")
    assert_problem(odd.get(_ask(url), headers={"Accept-Language": "cy, en;q=0"}), 404, "cy")
    card = odd.get(_ask(url), headers={"Accept-Language": "cy"}).get_json()
    assert card["title"] == "EN alone title"
    assert f'src="{PUBLIC}/embed/moments/alone?lang=en"' in card["html"]


def test_markup_in_a_title_is_text_in_the_answer(odd: FlaskClient) -> None:
    card = odd.get(_ask(f"{PUBLIC}/v1/moments/hostile", lang="cy")).get_json()
    filtered = _Filtered(card["html"])
    assert filtered.lost == []
    assert filtered.kept["iframe"]["title"] == card["title"]
    assert "<script>" in card["title"]


def test_a_consumer_that_is_not_ours_finds_and_reads_the_answer(shared_url: str, make_app: MakeApp) -> None:
    app = make_app(shared_url)
    with serve_site(app, 0) as origin:
        own = make_app(shared_url, public_url=origin)
        app.wsgi_app = own.wsgi_app  # type: ignore[method-assign]  # the port was not known before
        for lang in ("cy", "en"):
            card = oEmbed(f"{origin}/embed/moments/chain-reaction?lang={lang}", maxwidth=400)
            assert (card["title"], card["width"]) == (TITLES[lang], 400)
            assert f'src="{origin}/embed/moments/chain-reaction?lang={lang}"' in card["html"]
