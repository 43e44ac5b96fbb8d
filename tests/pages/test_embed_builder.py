"""The embed builder without scripts."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from api.pages.static_files import NEWEST_COMPONENT
from tests.conftest import MakeApp
from tests.pages.test_words import Page

BASE = "http://127.0.0.1:8000"
LANGUAGES = ("cy", "en")


def read_snippets(text: str) -> dict[str, str]:
    """Return the snippets that the page offers to copy, by name."""
    snippets = re.findall(r'<textarea id="line-(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL)
    return {name: html.unescape(snippet) for name, snippet in snippets}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_builder_is_in_one_language_and_links_to_the_other(client: FlaskClient, lang: str) -> None:
    response = client.get(f"/embed?kind=prompts&stage=response&lang={lang}&content=cy")
    other = {"cy": "en", "en": "cy"}[lang]
    assert response.headers["Content-Language"] == lang
    assert f'<html lang="{lang}">' in response.text
    assert f'href="/embed?kind=prompts&amp;lang={other}&amp;stage=response&amp;content=cy"' in response.text
    assert "Accept-Language" not in response.headers.get("Vary", "")


def test_accept_language_decides_the_language_of_a_url_without_lang(client: FlaskClient) -> None:
    response = client.get("/embed", headers={"Accept-Language": "cy"})
    assert response.headers["Content-Language"] == "cy"
    assert "Accept-Language" in response.headers["Vary"]
    same = client.get(response.headers["Content-Location"].removeprefix(BASE))
    assert same.data == response.data


def test_the_builder_contains_no_inline_scripts_or_styles(client: FlaskClient) -> None:
    response = client.get("/embed?lang=cy")
    page = re.sub(r"<textarea.*?</textarea>", "", response.text, flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    urls = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert all(url.startswith("/") for url in urls), urls


def test_every_snippet_embeds_the_same_options(client: FlaskClient) -> None:
    response = client.get(
        "/embed?lang=en&content=cy&kind=moment&moment=chain-reaction&prompt=&theme=dark&switch=no&release=1"
    )
    lines = read_snippets(response.text)
    url = "/embed/moments/chain-reaction?lang=cy&switch=no&theme=dark&release=1"
    assert f'<iframe class="stage" src="{html.escape(url)}" lang="cy" title="Adwaith cadwynol"' in response.text
    assert lines["link"] == BASE + url
    assert lines["frame"] == (
        f'<iframe src="{html.escape(BASE + url)}" lang="cy" title="Adwaith cadwynol" width="100%" height="420" '
        'style="border:0" loading="lazy"></iframe>'
    )
    script = f'src="{BASE}{NEWEST_COMPONENT.path}" integrity="{NEWEST_COMPONENT.integrity}" crossorigin="anonymous"'
    assert script in lines["component"]
    assert (
        '<magic-moment kind="moment" slug="chain-reaction" lang="cy" switch="no" theme="dark" release="1">'
        in lines["component"]
    )
    assert f'<a href="{html.escape(BASE + url)}" lang="cy" hreflang="cy">Adwaith cadwynol</a>' in lines["component"]
    assert client.get(url).status_code == 200
    shown = client.get(re.search(r'"(/embed/qr.svg\?kind=[^"]+)" alt', response.text)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert shown.mimetype == "image/svg+xml"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "query",
    [
        "kind=moment&slug=chain-reaction",
        "kind=prompt&slug=some-worry-me",
        "kind=prompts",
        "kind=prompts&stage=after",
        "kind=ground-rules",
        "kind=session&moments=chain-reaction,seeing-the-light&stages=response&minutes=20",
    ],
)
def test_plain_html_is_well_formed_and_has_lang_attributes(client: FlaskClient, query: str, lang: str) -> None:
    plain = read_snippets(client.get(f"/embed?lang=en&content={lang}&{query}").text)["plain"]
    assert plain.startswith(f'<div lang="{lang}">')
    assert "class=" not in plain
    assert "style=" not in plain
    Page(f'<html lang="{lang}">{plain}</html>')
    assert f'<a href="{BASE}/embed/' in plain


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=nonsense", "Nid yw ‘nonsense’ yn un o’r gwerthoedd"),
        ("kind=moment&slug=nothing", "Nid oes dim cyhoeddus o’r enw ‘nothing’."),
        ("kind=moment&slug=%00%ff", "Nid oes dim cyhoeddus"),
        ("kind=moment&slug=" + "a" * 3000, "Nid oes dim cyhoeddus"),
        ("kind=moment&slug=random", "Nid oes dim cyhoeddus"),
        ("kind=moment", "slug"),
        ("kind=session", "moments"),
        ("kind=session&moments=nothing", "Nid oes dim cyhoeddus"),
        ("kind=session&moments=" + ",".join(f"m{n}" for n in range(21)), "20"),
        ("kind=session&moments=chain-reaction&minutes=1e3", "1"),
        ("kind=session&moments=chain-reaction&stages=nonsense", "nonsense"),
        ("kind=prompts&stage=nonsense", "nonsense"),
        ("kind=prompts&collection=nothing", "nothing"),
        ("kind=moment&slug=chain-reaction&content=fr", "fr"),
        ("kind=moment&slug=chain-reaction&theme=pink", "pink"),
        ("kind=moment&slug=chain-reaction&release=99", "99"),
        ("kind=moment&slug=chain-reaction&release=99999999999999999999", "1"),
        ('kind=moment&slug="><script>alert(1)</script>', "script"),
    ],
)
def test_invalid_options_return_400_and_name_the_problem(client: FlaskClient, query: str, expected: str) -> None:
    response = client.get(f"/embed?lang=cy&{query}")
    assert response.status_code == 400
    assert response.headers["Cache-Control"] == "no-store"
    wrong = response.text.partition('class="wrong"')[2].partition("</section>")[0]
    assert "Ni ellir dangos eich dewis" in wrong
    assert expected in html.unescape(wrong)
    assert "<script>" not in response.text
    assert 'id="choice"' in response.text
    for url in ("handout", "qr.svg", "scorm.zip"):
        refused = client.get(f"/embed/{url}?lang=cy&{query.replace('content=', 'lang=')}")
        if "content=" not in query:
            assert refused.status_code in {400, 404, 410}, url
            assert refused.mimetype == "text/html"


def test_the_builder_ignores_unknown_parameters(client: FlaskClient) -> None:
    query = "/embed?lang=cy&kind=moment&slug=chain-reaction"
    assert client.get(f"{query}&dnt=1&utm_source=a&dnt=2&minutes=x").data == client.get(query).data


def test_the_builder_works_before_anything_is_published(make_app: MakeApp, empty_url: str) -> None:
    client = make_app(empty_url).test_client()
    assert "Nid oes dim wedi’i gyhoeddi eto." in client.get("/embed?lang=cy").text
    assert client.get("/embed?lang=cy&kind=prompts").status_code == 200
    assert client.get("/embed/handout?lang=cy&kind=prompts").status_code in {404, 410}


def test_snippets_escape_markup_in_texts(odd: FlaskClient) -> None:
    lines = read_snippets(odd.get("/embed?lang=cy&kind=moment&slug=hostile&content=en").text)
    assert lines.keys() == {"frame", "link", "component", "plain"}
    for name, line in lines.items():
        scripts = re.findall(r"<script[^>]*>", line)
        assert len(scripts) == (name == "component"), line
        assert "<!--" not in line
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in lines["plain"]
