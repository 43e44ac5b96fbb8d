"""The PDF of a handout, with and without the packages that render PDFs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from api.db.database import Database
from api.pages import pdf
from api.pages.pdf import PDF_WORKER, can_make_pdf, make_pdf
from tests.conftest import MakeApp
from tests.pages.parsed_page import ParsedPage
from tests.tools.booklets import load, small_booklet
from tests.tools.pdf import Pdf
from tests.tools.programs import require_program

MOMENT = "/embed/handout.pdf?kind=moment&slug=chain-reaction"
SESSION = "/embed/handout.pdf?kind=session&moments=chain-reaction,seeing-the-light"
HANDOUTS = (
    "kind=moment&slug=chain-reaction",
    "kind=prompts&stage=response",
    "kind=ground-rules",
    "kind=session&moments=chain-reaction,seeing-the-light",
)
TITLES = {"cy": "Adwaith cadwynol", "en": "Chain reaction"}


@pytest.fixture(scope="module", autouse=True)
def _require_pango() -> None:
    require_program("pango")


@pytest.fixture
def uncached(shared_url: str, make_app: MakeApp) -> FlaskClient:
    """Return a client of the booklet without the response cache."""
    return make_app(shared_url, cache_mb=0).test_client()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Record the log entries."""
    lines: list[dict[str, Any]] = []

    class Log:
        def warning(self, event: str, **data: Any) -> None:
            lines.append({"event": event, **data})

    monkeypatch.setattr(pdf, "log", Log())
    return lines


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend that requirements-pdf.txt is not installed."""
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    can_make_pdf.cache_clear()
    yield
    can_make_pdf.cache_clear()


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_a_pdf_is_tagged_with_its_language_and_title(client: FlaskClient, lang: str) -> None:
    response = client.get(f"{MOMENT}&lang={lang}")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.headers["Content-Language"] == lang
    name = f"magic-moments-moment-chain-reaction-r1-{lang}.pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    pdf = Pdf(response.data)
    assert (pdf.language, pdf.title, pdf.is_tagged) == (lang, TITLES[lang], True)
    assert TITLES[lang] in pdf.text
    note = "Cyfieithiad peirianyddol. Nid oes neb wedi’i adolygu eto."
    assert (note in pdf.text) is (lang == "cy")
    assert pdf.languages_of("H1", "P") == {("H1", lang), ("P", lang)}
    # Screen controls are not printed, and the QR code has an alternative text.
    assert "PDF" not in pdf.text
    assert pdf.count("Figure") == 1


def test_each_part_of_a_bilingual_pdf_is_tagged_with_its_language(client: FlaskClient) -> None:
    response = client.get(f"{SESSION}&lang=cy&languages=both")
    assert response.headers["Content-Language"] == "cy, en"
    pdf = Pdf(response.data)
    assert pdf.language == "cy"
    kinds = ("H1", "H2", "H3", "P", "LI")
    assert pdf.languages_of(*kinds) == {(kind, lang) for kind in kinds for lang in ("cy", "en")}
    assert pdf.count("H1") == 2
    for lang in ("cy", "en"):
        rules = client.get(f"/v1/ground-rules?lang={lang}").get_json()["items"]
        assert all(rule["text"].split("\n")[0] in pdf.text for rule in rules)


@pytest.mark.parametrize("query", HANDOUTS)
def test_each_list_item_has_a_label_and_one_body_and_nothing_else(sqlite_client: FlaskClient, query: str) -> None:
    pdf = Pdf(sqlite_client.get(f"/embed/handout.pdf?{query}&lang=cy&languages=both").data)
    # An item that continues on the next page has no second label.
    assert all(item in (["Lbl", "LBody"], ["LBody"]) for item in pdf.list_items())
    assert bool(pdf.list_items()) is (pdf.count("L") > 0)


@pytest.mark.parametrize(
    "item",
    [
        "<li>text",
        "<li><p>a<p>b",
        "<li>text <em>c</em><p>a",
        "<li><div>a</div>text",
        "<li><ul><li>a<li><p>b</ul>",
        "<li style='list-style-position:inside'>a",
        "<li style='list-style:none'><p>a",
        "<li style='display:block'>a<p>b",
        "<li><a href='#x'>a</a>",
        "<li><img alt='a' src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>'>",
        "<li>" + "<p>a" * 200,
    ],
)
def test_every_list_item_in_a_pdf_has_a_list_body(item: str) -> None:
    pdf = Pdf(make_pdf(f'<html lang="cy"><title>x</title><ol>{item}<li>last</ol>'))
    assert len(pdf.list_items()) >= 2
    assert all(kinds in (["Lbl", "LBody"], ["LBody"]) for kinds in pdf.list_items()), pdf.list_items()


def test_an_independent_checker_finds_no_error_and_no_bad_list(sqlite_client: FlaskClient, tmp_path: Path) -> None:
    checker = require_program("outloud")
    for number, query in enumerate(HANDOUTS):
        data = sqlite_client.get(f"/embed/handout.pdf?{query}&lang=cy&languages=both").data
        (tmp_path / f"{number}.pdf").write_bytes(data)
    lists = "LST-001,LST-002,LST-003,LST-004"
    for options in (["--layer", "conformance", "--fail-on", "error"], ["--only", lists, "--fail-on", "warning"]):
        result = subprocess.run([checker, *options, str(tmp_path)], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout
        assert f"{len(HANDOUTS)} file(s)" in result.stdout


def test_a_fallback_text_is_tagged_with_its_language(odd: FlaskClient) -> None:
    pdf = Pdf(odd.get("/embed/handout.pdf?kind=moment&slug=alone&lang=cy").data)
    assert pdf.language == "cy"
    assert pdf.languages_of("H1") == {("H1", "en")}
    assert "Nid yw’r testun hwn ar gael yn Gymraeg eto." in pdf.text


def test_welsh_letters_can_be_extracted_from_a_pdf(empty_database: Database, empty_url: str, make_app: MakeApp) -> None:
    with empty_database.writing() as session:
        load(session, [entry for entry in small_booklet() if entry.kind != "moment"] + [_circumflexed()], waive=True)
    pdf = Pdf(make_app(empty_url).test_client().get("/embed/handout.pdf?kind=moment&slug=first&lang=cy").data)
    assert "Ŵyr y tŷ â’i dŵr, ô, ê, î, û" in pdf.text


def _circumflexed() -> Any:
    first = next(entry for entry in small_booklet() if entry.id == "moment.first")
    texts = {**first.texts, "cy": {**first.texts["cy"], "title": "Ŵyr y tŷ â’i dŵr, ô, ê, î, û"}}
    return replace(first, texts=texts)


def test_a_pdf_is_reproducible_and_is_immutable_if_its_url_names_a_release(client: FlaskClient) -> None:
    url = f"{MOMENT}&lang=cy&release=1"
    first = client.get(url)
    assert make_pdf('<html lang="cy"><title>x</title>') == make_pdf('<html lang="cy"><title>x</title>')
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_markup_in_texts_is_escaped_and_nothing_is_fetched(odd: FlaskClient) -> None:
    pdf = Pdf(odd.get("/embed/handout.pdf?kind=moment&slug=hostile&lang=cy").data)
    assert "cy <script>alert(1)</script></p></script><!-- body" in pdf.text


def test_the_worker_reads_no_local_files() -> None:
    page = f'<html lang="cy"><title>x</title><link rel="attachment" href="file://{PDF_WORKER}"><p>x'
    assert PdfReader(BytesIO(make_pdf(page))).attachments == {}


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_the_pages_offer_pdfs_in_both_languages(client: FlaskClient, lang: str) -> None:
    expected = {
        "cy": ("Lawrlwytho fel PDF", "Fel PDF, yn yr iaith hon", "Fel PDF, yn y ddwy iaith"),
        "en": ("Download as a PDF", "As a PDF, in this language", "As a PDF, in both languages"),
    }[lang]
    query = f"kind=moment&slug=chain-reaction&lang={lang}"
    offered: dict[str, str] = {}
    for page in (f"/embed/handout?{query}&languages=both", f"/embed?{query}&content={lang}"):
        links = ParsedPage(client.get(page)).root.xpath("//a[contains(@href, 'handout.pdf')]")
        offered |= {link.text_content(): link.get("href") for link in links}
    assert set(offered) == set(expected)
    for url in offered.values():
        assert client.get(url).mimetype == "application/pdf"


@pytest.mark.usefixtures("without_package")
@pytest.mark.parametrize("lang", ["cy", "en"])
def test_no_page_offers_a_pdf_and_pdf_urls_return_501_without_the_package(uncached: FlaskClient, lang: str) -> None:
    for page in ("/embed/handout", "/embed"):
        assert "handout.pdf" not in uncached.get(f"{page}?kind=moment&slug=chain-reaction&lang={lang}").text
    response = uncached.get(f"{MOMENT}&lang={lang}&languages=both&dnt=1")
    parsed = ParsedPage(response)
    assert (response.status_code, response.mimetype, parsed.language) == (501, "text/html", lang)
    titles = ["Nid oes ffeiliau PDF ar gael yma", "PDFs are not available here"]
    assert sorted(parsed.texts("//h1 | //h2")) == sorted(titles)
    (link,) = parsed.root.xpath("//main//a")
    assert link.get("href") == f"/embed/handout?kind=moment&slug=chain-reaction&lang={lang}&languages=both"
    assert uncached.get(link.get("href")).status_code == 200


def test_a_log_entry_is_written_and_no_pdf_is_made_without_pango(
    uncached: FlaskClient, monkeypatch: pytest.MonkeyPatch, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text("raise OSError('cannot load library libpango-1.0-0')", encoding="utf-8")
    monkeypatch.setattr(pdf, "PDF_WORKER", broken)
    can_make_pdf.cache_clear()
    try:
        assert not can_make_pdf()
        assert uncached.get(f"{MOMENT}&lang=cy").status_code == 501
    finally:
        can_make_pdf.cache_clear()
    assert logged == [{"event": "no-pdf", "error": "OSError: cannot load library libpango-1.0-0"}]


def test_a_worker_that_crashes_is_restarted_once(
    monkeypatch: pytest.MonkeyPatch, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    falls = tmp_path / "worker.py"
    mark = tmp_path / "mark"
    falls.write_text(
        f"import os, pathlib, signal, sys\nmark = pathlib.Path({str(mark)!r})\n"
        "if sys.stdin.read() == 'always' or not mark.exists():\n"
        "    mark.touch()\n    os.kill(os.getpid(), signal.SIGSEGV)\nprint('printed')\n",
        encoding="utf-8",
    )
    assert can_make_pdf()
    monkeypatch.setattr(pdf, "PDF_WORKER", falls)
    assert make_pdf("once") == b"printed\n"
    with pytest.raises(subprocess.CalledProcessError):
        make_pdf("always")
    assert logged == [{"event": "pdf-again", "signal": 11}] * 2


def test_invalid_options_are_refused_before_a_pdf_is_made(client: FlaskClient) -> None:
    assert client.get("/embed/handout.pdf?kind=moment&slug=nid-oes-un&lang=cy").status_code == 404
    assert client.get("/embed/handout.pdf?kind=session&lang=cy").status_code == 400


def test_a_third_simultaneous_pdf_request_gets_a_503_with_retry_after(uncached: FlaskClient) -> None:
    for _ in range(2):
        pdf._QUEUE.acquire()
    try:
        response = uncached.get(f"{MOMENT}&lang=cy")
    finally:
        pdf._QUEUE.release(2)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert "Gormod o ffeiliau PDF ar unwaith" in response.text
    assert "Agor y daflen" in response.text


def test_a_pdf_request_that_takes_too_long_gets_a_503(
    uncached: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "worker.py"
    slow.write_text("import time; time.sleep(60)", encoding="utf-8")
    # The result is cached now, before the slow worker replaces the real one.
    assert can_make_pdf()
    monkeypatch.setattr(pdf, "PDF_WORKER", slow)
    monkeypatch.setattr(pdf, "PDF_TIMEOUT", 0.2)
    assert uncached.get(f"{MOMENT}&lang=en").status_code == 503
