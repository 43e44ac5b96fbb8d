"""The embed pages in Chromium: accessibility, keyboard, print, frames, and pages without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Visit
from tests.tools.chromium import Site, list_accessibility_issues

SESSION = "/embed/session?moments=chain-reaction,being-heard&minutes=1"
EMBEDS = {
    "moment": "/embed/moments/chain-reaction?",
    "highlight": "/embed/moments/being-heard?",
    "random": "/embed/moments/random?seed=heddiw",
    "prompt": "/embed/prompts/some-worry-me?",
    "prompts": "/embed/prompts?stage=response&at=3",
    "all": "/embed/prompts?show=all",
    "rules": "/embed/ground-rules?",
    "session": SESSION,
    "unknown": "/embed/moments/nid-oes-un?",
    "refused": "/embed/session?",
}
LANGUAGES = ("cy", "en")
every_embed = pytest.mark.parametrize("name", EMBEDS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)
# True if no element is wider than the window.
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@every_embed
@every_language
def test_axe_finds_no_issue_in_any_theme_at_any_width(service_url: str, visit: Visit, name: str, lang: str) -> None:
    page = visit(f"{service_url}{EMBEDS[name]}&lang={lang}&theme=light")
    assert page.evaluate("document.documentElement.lang") == lang
    for folded in page.locator("summary").all():
        folded.click()
    assert list_accessibility_issues(page) == []
    page.goto(f"{service_url}{EMBEDS[name]}&lang={lang}&theme=dark")
    page.set_viewport_size({"width": 320, "height": 480})
    assert list_accessibility_issues(page) == []
    assert page.evaluate(FITS)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 480})
    assert page.evaluate(FITS)


def test_axe_finds_issues_that_are_added_to_a_page(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed/ground-rules?lang=cy")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('footer p').style.color = '#ddd'")
    issues = list_accessibility_issues(page)
    assert any(issue.startswith("html-has-lang") for issue in issues)
    assert any(issue.startswith("color-contrast") for issue in issues)


@every_language
def test_the_theme_follows_the_device_unless_the_url_sets_a_theme(service_url: str, visit: Visit, lang: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page = visit(f"{service_url}/embed/moments/chain-reaction?lang={lang}", color_scheme="dark")
    dark = page.evaluate(paper)
    page.goto(f"{service_url}/embed/moments/chain-reaction?lang={lang}&theme=light")
    assert page.evaluate(paper) == "rgb(255, 255, 255)" != dark
    page.emulate_media(color_scheme="light")
    page.goto(f"{service_url}/embed/moments/chain-reaction?lang={lang}&theme=dark")
    assert page.evaluate(paper) == dark


def test_borders_are_visible_with_forced_colours_and_transitions_stop_with_reduced_motion(
    service_url: str, visit: Visit
) -> None:
    page = visit(f"{service_url}{SESSION}&lang=cy", forced_colors="active", reduced_motion="reduce")
    edge = "getComputedStyle(document.querySelector('.timer')).borderTopColor"
    assert page.evaluate(edge) != "rgba(0, 0, 0, 0)"
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_set_can_be_paged_by_keyboard_and_the_language_switch_keeps_the_position(
    service_url: str, visit: Visit
) -> None:
    page = visit(f"{service_url}/embed/prompts?lang=cy&stage=response")
    url = page.url
    prompts = page.locator(".set .prompt")
    expect(page.locator(".place")).to_contain_text("1 / 7")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Nesaf")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Enter")
    # The script shows another prompt without loading a page. At the last prompt, the "previous" link gets the focus.
    assert page.url == url
    expect(prompts.nth(6)).to_be_visible()
    expect(prompts.nth(0)).to_be_hidden()
    expect(page.locator(".place .unseen")).to_have_text("Rhif 7 (cyfanswm: 7)")
    expect(page.get_by_role("link", name="Blaenorol")).to_be_focused()
    page.get_by_role("link", name="English").press("Enter")
    page.wait_for_url("**lang=en**")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator(".place")).to_contain_text("7 / 7")


def test_all_texts_are_shown_without_scripts_and_links_lead_through_a_set(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed/prompts?lang=cy&stage=response&theme=light", java_script_enabled=False)
    page.get_by_role("link", name="Nesaf").click()
    page.wait_for_url("**at=2**")
    assert "theme=light" in page.url
    expect(page.locator(".place")).to_contain_text("2 / 7")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en**")
    expect(page.locator(".place")).to_contain_text("2 / 7")
    page.goto(f"{service_url}{SESSION}&lang=cy")
    expect(page.get_by_text("1 funud")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    page.locator("summary").first.click()
    expect(page.locator("details[open]")).to_have_count(1)


def test_the_timer_can_be_paused_and_announces_its_start_and_last_half_minute_and_end(
    service_url: str, visit: Visit
) -> None:
    page = visit("about:blank")
    page.clock.install()
    page.goto(f"{service_url}{SESSION}&lang=cy")
    timer, status = page.get_by_role("timer"), page.get_by_role("status")
    page.get_by_role("button", name="Dechrau amseru").press("Enter")
    expect(status).to_have_text("Mae’r amser wedi dechrau.")
    page.clock.run_for(20_000)
    expect(timer).to_have_text("0:40")
    page.get_by_role("button", name="Oedi").press("Enter")
    expect(status).to_have_text("Mae’r amser wedi’i oedi.")
    page.clock.run_for(60_000)
    expect(timer).to_have_text("0:40")
    page.get_by_role("button", name="Parhau").press("Enter")
    page.clock.run_for(10_000)
    expect(status).to_have_text("Hanner munud ar ôl: dewiswch lefarydd i’r grŵp.")
    page.clock.run_for(30_000)
    expect(status).to_have_text("Mae’r amser ar ben.")
    expect(timer).to_have_text("0:00")
    page.get_by_role("button", name="Dechrau eto").press("Enter")
    expect(timer).to_have_text("1 funud")
    assert list_accessibility_issues(page) == []


def test_printed_pages_show_notes_and_hide_buttons(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}{SESSION}&lang=cy&theme=dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_text("ymrannu’n grwpiau o dri")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="English")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_printed_set_is_complete_and_has_one_heading(service_url: str, visit: Visit) -> None:
    page = visit(f"{service_url}/embed/prompts?stage=response&at=3&lang=cy")
    heading, prompts = page.locator(".set h2:visible"), page.locator(".set .prompt:visible")
    expect(prompts).to_have_count(1)
    expect(heading).to_have_count(1)
    page.emulate_media(media="print")
    expect(prompts).to_have_count(7)
    expect(heading).to_have_count(1)
    expect(page.get_by_text("Prin iawn yw ‘eiliadau hud’:").locator("visible=true")).to_have_count(1)


LISTEN = "<script>addEventListener('message', (e) => (window.heard ??= []).push(e.data))</script>"


def _frame(url: str, sandbox: str | None = "allow-scripts", attributes: str = "") -> str:
    attribute = "" if sandbox is None else f'sandbox="{sandbox}"'
    return f'{LISTEN}<iframe title="Ffrâm" src="{url}" {attribute} width="500" height="200" {attributes}></iframe>'


def _inside(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


@every_language
def test_a_sandboxed_frame_of_another_origin_shows_the_text_and_reports_its_height(
    service_url: str, site: Site, visit: Visit, lang: str
) -> None:
    url = f"{service_url}/embed/moments/chain-reaction?lang={lang}#?secret=abc123DEF4"
    page = visit(site.put(_frame(url)))
    expect(_inside(page).get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("window.heard?.some((each) => each.message === 'height')")
    frame = page.frames[1]
    height = frame.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    assert {"message": "height", "value": height, "secret": "abc123DEF4"} in page.evaluate("heard")
    assert {"magic-moment": "height", "value": height, "lang": lang} in page.evaluate("heard")
    assert frame.evaluate("origin") == "null"
    # A narrower frame reports a greater height. A frame also reports its height on request.
    page.evaluate("document.querySelector('iframe').width = 320")
    page.wait_for_function(f"heard.some((each) => each.message === 'height' && each.value > {height})")
    before = page.evaluate("heard.length")
    page.evaluate(
        "document.querySelector('iframe').contentWindow.postMessage({message: 'ready', secret: 'abc123DEF4'}, '*')"
    )
    page.wait_for_function(f"heard.length > {before}")


def test_the_language_switch_in_a_frame_keeps_the_wordpress_secret(service_url: str, site: Site, visit: Visit) -> None:
    url = f"{service_url}/embed/prompts?lang=cy&stage=response#?secret=abc123DEF4"
    page = visit(site.put(_frame(url)))
    _inside(page).get_by_role("link", name="Nesaf").click()
    _inside(page).get_by_role("link", name="English").click()
    expect(_inside(page).get_by_text("Some of the 'Magic Moments' worry me")).to_be_visible()
    page.wait_for_function("heard.some((each) => each['magic-moment'] && each.lang === 'en')")
    assert page.evaluate("heard.filter((each) => each.secret).at(-1).secret") == "abc123DEF4"


def test_a_frame_without_scripts_shows_the_text(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(_frame(f"{service_url}/embed/prompts?lang=cy&stage=response", sandbox="")))
    expect(_inside(page).get_by_text("Dydw i erioed wedi profi")).to_be_visible()
    _inside(page).get_by_role("link", name="Nesaf").click()
    expect(_inside(page).get_by_text("Mae rhai o’r")).to_be_visible()
    assert page.evaluate("window.heard === undefined")


def test_sandboxed_pages_and_local_files_may_frame_an_embed_page(
    service_url: str, site: Site, visit: Visit, tmp_path: Path
) -> None:
    inner = site.put(_frame(f"{service_url}/embed/ground-rules?lang=cy", sandbox=None), "/inner.html")
    page = visit(site.put(_frame(inner)))
    expect(_inside(page).frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    file = tmp_path / "page.html"
    file.write_text(_frame(f"{service_url}/embed/ground-rules?lang=cy"), encoding="utf-8")
    page.goto(file.as_uri())
    expect(_inside(page).get_by_role("heading", level=1)).to_be_visible()


def test_pages_other_than_embeds_cannot_be_framed(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(_frame(f"{service_url}/problems", sandbox=None)))
    expect(_inside(page).get_by_role("heading", name="Problem")).to_have_count(0)
    assert page.frames[1].url.startswith("chrome-error:")


def test_embed_pages_load_nothing_from_other_sites_and_set_no_cookie(service_url: str, visit: Visit) -> None:
    page = visit("about:blank")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    for path in EMBEDS.values():
        page.goto(f"{service_url}{path}&lang=cy")
    assert len(requested) > 2 * len(EMBEDS) - 1
    assert {page_url for page_url in requested if not page_url.startswith(f"{service_url}/embed/")} <= {
        f"{service_url}/favicon.ico"
    }
    assert page.context.cookies() == []
