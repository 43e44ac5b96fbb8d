"""The page that explains the codes in responses, in both languages."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS
from api.domain.language import Language
from api.domain.state import Origin, State
from api.http.labels import GAPS, ORIGINS, REASONS, STATES, label_reason
from api.i18n import Translations
from tests.conftest import make_settings

PAGES = ("/docs", "/docs/words", "/problems", "/problems/not-found")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the application with an empty database, which is never read."""
    return create_app(make_settings(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'none.sqlite'}"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def words() -> Translations:
    return Translations()


class Page(HTMLParser):
    """The headings, links and texts of a page. An element that is not closed fails the test."""

    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.links: dict[str, dict[str, str | None]] = {}
        self.texts: list[str] = []
        self.language: str | None = None
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = attributes["lang"]
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(tag)
        if tag == "a":
            self.links[attributes["href"] or ""] = attributes

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("path", PAGES)
def test_each_docs_page_is_in_one_language_and_links_to_the_other_docs_pages(
    client: FlaskClient, path: str, language: Language
) -> None:
    response = client.get(f"{path}?lang={language.value}")
    page = Page(response.text)
    assert response.status_code == 200
    assert page.language == response.headers["Content-Language"] == language.value
    assert page.headings[0] == "h1"
    assert page.headings.count("h1") == 1
    assert set(page.headings) <= ({"h1", "h2", "h3", "h4"} if path == "/docs" else {"h1", "h2"})
    assert {f"{other}?lang={language.value}" for other in PAGES[:3]} <= set(page.links)
    here = [href for href, link in page.links.items() if link.get("aria-current") == "page"]
    assert here == ([f"{path}?lang={language.value}"] if path in PAGES[:3] else [])
    switch = page.links[f"{path}?lang={language.other.value}"]
    assert switch["lang"] == switch["hreflang"] == language.other.value


@pytest.mark.parametrize("language", Language)
def test_the_page_explains_every_code_in_the_readers_language(
    client: FlaskClient, words: Translations, language: Language
) -> None:
    texts = Page(client.get(f"/docs/words?lang={language.value}").text).texts
    for label in [label for group in (STATES, ORIGINS, REASONS, GAPS) for label in group.values()]:
        assert label.code in texts
        for meaning in label.meanings.values():
            assert words.gettext(language, meaning) in texts
            assert words.gettext(Language.CY, meaning) != words.gettext(Language.EN, meaning)
        for name in label.names.values():
            assert any(words.gettext(language, name) in text for text in texts)


def test_every_code_is_explained() -> None:
    assert set(STATES) == {*State, "outdated", "missing", "withdrawn"}
    assert set(ORIGINS) == set(Origin)
    assert set(GAPS) == {*OMITTING_GAPS, *PUBLISHED_GAPS}
    assert set(REASONS) == {"missing", "below_min_state"}


def test_the_welsh_names_match_the_style_guide(words: Translations) -> None:
    def state(code: str, text_language: Language = Language.CY) -> str:
        return words.gettext(Language.CY, STATES[code].names[text_language])

    assert [state(code) for code in State] == [
        "Heb ei gyfieithu", "Wedi’i gyfieithu", "Wedi’i adolygu", "Testun gwreiddiol",
    ]  # fmt: skip
    assert [state("outdated"), state("withdrawn")] == ["Wedi dyddio", "Wedi’i dynnu’n ôl"]
    assert [state("missing", language) for language in (Language.CY, Language.EN)] == [
        "Heb destun Cymraeg",
        "Heb destun Saesneg",
    ]
    assert words.gettext(Language.CY, ORIGINS["machine"].names[Language.CY]) == "Peiriant"
    assert words.gettext(Language.CY, GAPS["missing"].names[Language.EN]) == "Heb destun Saesneg"
    assert label_reason(words, Language.CY, "missing", Language.CY) == (
        "Nid yw’r testun hwn ar gael yn Gymraeg eto. Dangosir y Saesneg yn ei le."
    )
    assert label_reason(words, Language.CY, "below_min_state", Language.CY) == (
        "Gofynnwyd am destun wedi’i adolygu, ond nid yw’r testun Cymraeg wedi’i adolygu eto. "
        "Dangosir y Saesneg yn ei le."
    )


def test_names_are_in_the_readers_language_whatever_the_language_of_the_text(words: Translations) -> None:
    assert words.gettext(Language.EN, STATES["missing"].names[Language.CY]) == "No Welsh text"
    assert label_reason(words, Language.EN, "missing", Language.EN) == (
        "This text is not available in English yet. The Welsh is shown in its place."
    )
