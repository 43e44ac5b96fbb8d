"""The embed builder and the handout in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.tools.chromium import list_accessibility_issues

LANGUAGES = ("cy", "en")
SESSION = "kind=session&moments=chain-reaction,seeing-the-light"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("query", ["", "&kind=session&moments=chain-reaction", "&kind=moment&slug=nothing"])
def test_axe_finds_no_issue_on_the_builder_until_an_issue_is_added(
    service_url: str, visit: Visit, lang: str, query: str
) -> None:
    page = visit(f"{service_url}/embed?lang={lang}{query}")
    for details in page.locator("details").all():
        details.evaluate("each => each.open = true")
    assert list_accessibility_issues(page) == []
    page.evaluate("document.querySelector('h1').innerHTML += '<img src=x>'")
    assert any("image-alt" in issue for issue in list_accessibility_issues(page))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_no_issue_on_a_handout(service_url: str, visit: Visit, lang: str) -> None:
    page = visit(f"{service_url}/embed/handout?{SESSION}&lang={lang}&languages=both")
    assert list_accessibility_issues(page) == []


@pytest.mark.parametrize("url", [f"/embed?lang=cy&{SESSION}", f"/embed/handout?lang=cy&{SESSION}&languages=both"])
def test_the_builder_and_the_handout_fit_a_narrow_window_and_an_enlarged_window(
    service_url: str, visit: Visit, url: str
) -> None:
    page = visit(service_url + url, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page = visit(service_url + url, viewport={"width": 640, "height": 480}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_a_change_updates_the_preview_and_the_url_at_once(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=cy")
    page.get_by_role("radio", name="Sbardun Un frawddeg").check()
    frame = page.locator("iframe.stage")
    expect(frame).to_have_attribute("src", "/embed/prompts/everyone-contributes?lang=cy")
    expect(page.get_by_role("status")).to_have_text("Mae’r rhagolwg a’r llinellau’n dangos eich dewis.")
    page.get_by_label("Pa sbardun?").select_option("some-worry-me")
    page.get_by_role("radio", name="Tywyll").check()
    page.get_by_label("Cadw’r testun fel y mae nawr: cyhoeddiad 1").check()
    path = "/embed/prompts/some-worry-me?lang=cy&theme=dark&release=1"
    expect(frame).to_have_attribute("src", path)
    assert "slug" not in page.url
    assert "prompt=some-worry-me" in page.url
    assert "moments=" not in page.url
    expect(page.get_by_role("textbox", name="Ffrâm")).to_have_value(
        f'<iframe src="{service_url}{path.replace("&", "&amp;")}" lang="cy" title="Mae rhai o’r ‘eiliadau hud’ yn fy '
        'mhoeni oherwydd..." width="100%" height="260" style="border:0" loading="lazy"></iframe>'
    )
    again = visit(page.url)
    expect(again.locator("iframe.stage")).to_have_attribute("src", path)
    switch = again.locator("#switch").get_attribute("href")
    assert switch == page.locator("#switch").get_attribute("href")
    assert "lang=en" in str(switch)


def test_a_set_can_show_prompts_one_at_a_time_or_all_at_once(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=cy")
    expect(page.get_by_role("radio", name="Y cyfan ar unwaith")).to_be_hidden()
    page.get_by_role("radio", name="Set o sbardunau Un ar ôl y llall").check()
    page.get_by_label("Pa sbardunau?").select_option("response")
    frame = page.locator("iframe.stage")
    expect(frame).to_have_attribute("src", "/embed/prompts?lang=cy&stage=response")
    page.get_by_role("radio", name="Y cyfan ar unwaith").check()
    expect(frame).to_have_attribute("src", "/embed/prompts?lang=cy&stage=response&show=all")
    expect(page.frame_locator("iframe.stage").locator(".prompt")).to_have_count(7)
    page.get_by_role("radio", name="Eiliad hud Un stori").check()
    expect(frame).to_have_attribute("src", "/embed/moments/seeing-the-light?lang=cy")
    assert "show" not in page.url


def test_the_builder_works_without_scripts(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=cy", java_script_enabled=False)
    page.get_by_role("radio", name="Sesiwn gyfan").check()
    page.get_by_label("14. Adwaith cadwynol").check()
    page.get_by_role("button", name="Dangos").click()
    expect(page.locator("iframe.stage")).to_have_attribute(
        "src", "/embed/session?lang=cy&moments=seeing-the-light,chain-reaction"
    )
    assert page.get_by_role("button", name="Copïo").count() == 0


def test_a_snippet_can_be_copied_by_keyboard(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=cy", permissions=["clipboard-read", "clipboard-write"])
    line = page.get_by_role("textbox", name="Ffrâm").input_value()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Copïo":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Wedi’i gopïo")
    assert page.evaluate("navigator.clipboard.readText()") == line


def test_only_fields_of_the_chosen_kind_are_shown(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=en", java_script_enabled=False)
    expect(page.get_by_label("Which moment?")).to_be_visible()
    expect(page.get_by_label("Which prompt?")).to_be_hidden()
    page.get_by_role("radio", name="A prompt").check()
    expect(page.get_by_label("Which moment?")).to_be_hidden()
    expect(page.get_by_label("Which prompt?")).to_be_visible()


def test_an_invalid_choice_is_reported_before_the_form_and_can_be_corrected(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed?lang=cy&kind=moment&slug=nothing")
    expect(page.get_by_role("heading", name="Ni ellir dangos eich dewis")).to_be_visible()
    page.get_by_label("Pa eiliad hud?").select_option("chain-reaction")
    expect(page.locator("iframe.stage")).to_have_attribute("src", "/embed/moments/chain-reaction?lang=cy")
    assert page.locator("#wrong").count() == 0


def test_handouts_print_without_screen_controls(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed/handout?{SESSION}&lang=cy&languages=both")
    page.emulate_media(media="print")
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator("article.leaflet")).to_have_count(2)
    assert page.evaluate("getComputedStyle(document.querySelector('.leaflet + .leaflet')).breakBefore") == "page"
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
