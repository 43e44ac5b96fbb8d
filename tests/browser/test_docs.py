"""The reference page at /docs in Chromium: requests are sent as the reader writes them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.tools.chromium import list_accessibility_issues

LANGUAGES = ("cy", "en")


def _open(page: Page, operation: str) -> Locator:
    block = page.locator(f"details:has(> #{operation})")
    block.locator("summary").first.click()
    expect(block.locator(".try form")).to_be_visible()
    return block


def _send(page: Page, block: Locator) -> tuple[str, dict[str, str], str]:
    """Send the form; return the method with the path, the headers, and the body of the request."""
    with page.expect_request("**/*") as sent:
        block.locator(".try button:not(.fill)").click()
    expect(block.locator(".answer")).to_be_visible()
    request = sent.value
    path = "/" + request.url.split("/", 3)[3]
    return f"{request.method} {path}", request.all_headers(), request.post_data or ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_form_sends_nothing_that_the_reader_did_not_write(service_url: str, visit: Visit, lang: str) -> None:
    page = visit(f"{service_url}/docs?lang={lang}")
    block = _open(page, "list_moments")
    line, headers, _ = _send(page, block)
    assert line == "GET /v1/moments"
    assert "authorization" not in headers
    assert "if-none-match" not in headers
    expect(block.get_by_role("status")).to_have_text("200 OK")
    values: list[Any] = page.eval_on_selector_all("input, select, textarea", "all => all.map((each) => each.value)")
    assert set(values) == {""}


def test_a_read_that_needs_no_parameters_can_be_sent_from_its_form(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy")
    for operation in ("get_service", "list_prompts", "list_bilingual_moments", "list_releases", "get_health"):
        block = _open(page, operation)
        _send(page, block)
        expect(block.get_by_role("status")).to_have_text("200 OK")


def test_parameters_and_headers_are_sent_as_written(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy")
    block = _open(page, "get_moment")
    block.locator(".try").get_by_label("slug").fill("adwaith-cadwynol")
    block.locator(".try").get_by_label("lang", exact=True).select_option("cy")
    block.locator(".try").get_by_label("fields").fill("title,slug")
    line, _, _ = _send(page, block)
    assert line == "GET /v1/moments/adwaith-cadwynol?lang=cy&fields=title%2Cslug"
    expect(block.locator(".command")).to_have_text(f"curl '{service_url}{line.removeprefix('GET ')}'")
    expect(block.locator(".answer")).to_contain_text('"title": "Adwaith cadwynol"')
    etag = (block.locator(".answer").text_content() or "").partition("etag: ")[2].partition("\n")[0]
    block.locator(".try").get_by_label("If-None-Match").fill(etag)
    _, headers, _ = _send(page, block)
    assert headers["if-none-match"] == etag
    expect(block.get_by_role("status")).to_contain_text("304")


def test_a_required_parameter_that_is_empty_is_not_sent(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=en")
    block = _open(page, "get_moment")
    block.get_by_role("button", name="Send").click()
    assert block.locator(".try").get_by_label("slug").evaluate("each => each.validity.valueMissing")
    expect(block.get_by_role("status")).to_have_text("")


def test_a_write_sends_the_token_and_the_body(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy")
    page.get_by_label("Tocyn").fill("eih_no_such_token")
    block = _open(page, "create_token")
    expect(block.get_by_text("Mae’r cais hwn yn newid cynnwys y gwasanaeth hwn.")).to_be_visible()
    block.get_by_role("button", name="Defnyddio’r enghraifft").click()
    line, headers, body = _send(page, block)
    assert line == "POST /v1/tokens"
    assert headers["authorization"] == "Bearer eih_no_such_token"
    assert headers["content-type"] == "application/json"
    assert body.startswith("{")
    expect(block.get_by_role("status")).to_contain_text("401")
    expect(block.locator(".command")).not_to_contain_text("eih_no_such_token")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_no_issue_on_the_reference_page_with_everything_open(
    service_url: str, visit: Visit, lang: str
) -> None:
    page = visit(f"{service_url}/docs?lang={lang}")
    assert list_accessibility_issues(page) == []
    page.evaluate(
        "document.querySelectorAll('#list_moments, #write_target, #schema-Moment, #schema-MinState')"
        ".forEach((each) => { each.closest('details').open = true; })"
    )
    expect(page.locator("#write_target .try form")).to_be_visible()
    assert list_accessibility_issues(page) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reference_page_fits_a_narrow_window_with_everything_open(
    service_url: str, visit: Visit, lang: str
) -> None:
    page = visit(f"{service_url}/docs?lang={lang}", viewport={"width": 360, "height": 640})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    expect(page.locator("#get_readiness .try form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_search_shows_only_operations_that_contain_all_the_words(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy")
    search = page.get_by_role("searchbox", name="Chwilio drwy’r ceisiadau")
    search.fill("eiliadau bilingual")
    expect(page.locator("details.operation:visible")).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("Nifer y ceisiadau a ddangosir: 1")
    search.fill("dim-byd")
    expect(page.locator("#shown")).to_have_text("Nid oes cais sy’n cynnwys y geiriau hyn.")


@pytest.mark.parametrize("target", ["get_moment", "schema-Moment"])
def test_a_link_to_an_operation_or_schema_opens_it(service_url: str, visit: Visit, target: str) -> None:
    page = visit(f"{service_url}/docs?lang=cy#{target}")
    expect(page.locator(f"#{target}")).to_be_in_viewport()


def test_the_page_is_complete_without_scripts(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy", java_script_enabled=False)
    block = page.locator("details:has(> #get_moment)")
    block.locator("summary").first.click()
    expect(block.locator(".command")).to_be_visible()
    expect(page.get_by_label("Tocyn")).to_be_hidden()
    block.get_by_role("link", name="Agor yr enghraifft").click()
    expect(page.locator("pre")).to_contain_text('"title":"Adwaith cadwynol"')


def test_the_keyboard_reaches_an_operation_and_its_form(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/docs?lang=cy")
    page.locator("details:has(> #list_moments) > summary").focus()
    page.keyboard.press("Enter")
    block = page.locator("details:has(> #list_moments)")
    expect(block.locator(".try form")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#list_moments .try button')"):
            break
    page.keyboard.press("Enter")
    expect(block.locator(".answer")).to_be_visible()
