"""The page for trainers, as the server makes it: it needs no script."""

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


def lines_of(text: str) -> dict[str, str]:
    """The lines to copy, by their names."""
    found = re.findall(r'<textarea id="line-(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL)
    return {name: html.unescape(line) for name, line in found}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_in_one_language_and_leads_to_the_other(client: FlaskClient, lang: str) -> None:
    answer = client.get(f"/embed?kind=prompts&stage=response&lang={lang}&content=cy")
    other = {"cy": "en", "en": "cy"}[lang]
    assert answer.headers["Content-Language"] == lang
    assert f'<html lang="{lang}">' in answer.text
    assert f'href="/embed?kind=prompts&amp;lang={other}&amp;stage=response&amp;content=cy"' in answer.text
    assert "Vary" not in answer.headers


def test_the_header_decides_where_the_address_does_not(client: FlaskClient) -> None:
    answer = client.get("/embed", headers={"Accept-Language": "cy"})
    assert answer.headers["Content-Language"] == "cy"
    assert answer.headers["Vary"] == "Accept-Language"
    same = client.get(answer.headers["Content-Location"].removeprefix(BASE))
    assert same.data == answer.data


def test_no_script_or_style_stands_in_the_page(client: FlaskClient) -> None:
    answer = client.get("/embed?lang=cy")
    page = re.sub(r"<textarea.*?</textarea>", "", answer.text, flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    addresses = re.findall(r'(?:src|href|action)="([^"]+)"', page)
    assert all(address.startswith("/") for address in addresses), addresses


def test_each_line_is_the_same_choice(client: FlaskClient) -> None:
    answer = client.get(
        "/embed?lang=en&content=cy&kind=moment&moment=chain-reaction&prompt=&theme=dark&switch=no&release=1"
    )
    lines = lines_of(answer.text)
    address = "/embed/moments/chain-reaction?lang=cy&switch=no&theme=dark&release=1"
    assert f'<iframe class="stage" src="{html.escape(address)}" lang="cy" title="Adwaith cadwynol"' in answer.text
    assert lines["link"] == BASE + address
    assert lines["frame"] == (
        f'<iframe src="{html.escape(BASE + address)}" lang="cy" title="Adwaith cadwynol" width="100%" height="420" '
        'style="border:0" loading="lazy"></iframe>'
    )
    assert f'src="{BASE}{NEWEST_COMPONENT.path}" integrity="{NEWEST_COMPONENT.integrity}" crossorigin="anonymous"' in lines["component"]
    assert (
        '<magic-moment kind="moment" slug="chain-reaction" lang="cy" switch="no" theme="dark" release="1">'
        in lines["component"]
    )
    assert f'<a href="{html.escape(BASE + address)}" lang="cy" hreflang="cy">Adwaith cadwynol</a>' in lines["component"]
    assert client.get(address).status_code == 200
    shown = client.get(re.search(r'"(/embed/qr.svg\?kind=[^"]+)" alt', answer.text)[1].replace("&amp;", "&"))  # type: ignore[index]
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
def test_plain_html_is_well_formed_and_says_its_languages(client: FlaskClient, query: str, lang: str) -> None:
    plain = lines_of(client.get(f"/embed?lang=en&content={lang}&{query}").text)["plain"]
    assert plain.startswith(f'<div lang="{lang}">')
    assert "class=" not in plain
    assert "style=" not in plain
    Page(f'<html lang="{lang}">{plain}</html>')
    assert f'<a href="{BASE}/embed/' in plain


@pytest.mark.parametrize(
    ("query", "said"),
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
def test_a_choice_that_cannot_be_shown_is_a_clear_page(client: FlaskClient, query: str, said: str) -> None:
    answer = client.get(f"/embed?lang=cy&{query}")
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"
    wrong = answer.text.partition('class="wrong"')[2].partition("</section>")[0]
    assert "Ni ellir dangos eich dewis" in wrong
    assert said in html.unescape(wrong)
    assert "<script>" not in answer.text
    assert 'id="choice"' in answer.text
    for address in ("handout", "qr.svg", "scorm.zip"):
        refused = client.get(f"/embed/{address}?lang=cy&{query.replace('content=', 'lang=')}")
        if "content=" not in query:
            assert refused.status_code in {400, 404, 410}, address
            assert refused.mimetype == "text/html"


def test_what_it_does_not_know_it_leaves_alone(client: FlaskClient) -> None:
    query = "/embed?lang=cy&kind=moment&slug=chain-reaction"
    assert client.get(f"{query}&dnt=1&utm_source=a&dnt=2&minutes=x").data == client.get(query).data


def test_the_page_is_there_before_anything_is_published(make_app: MakeApp, empty_url: str) -> None:
    client = make_app(empty_url).test_client()
    assert "Nid oes dim wedi’i gyhoeddi eto." in client.get("/embed?lang=cy").text
    assert client.get("/embed?lang=cy&kind=prompts").status_code == 200
    assert client.get("/embed/handout?lang=cy&kind=prompts").status_code in {404, 410}


def test_what_is_copied_runs_nothing_that_a_text_holds(odd: FlaskClient) -> None:
    lines = lines_of(odd.get("/embed?lang=cy&kind=moment&slug=hostile&content=en").text)
    assert lines.keys() == {"frame", "link", "component", "plain"}
    for name, line in lines.items():
        found = re.findall(r"<script[^>]*>", line)
        assert len(found) == (name == "component"), line
        assert "<!--" not in line
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in lines["plain"]
