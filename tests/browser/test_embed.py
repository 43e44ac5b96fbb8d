"""The embed pages in Chromium: both languages, keyboard alone, scripts off, narrow, enlarged, in a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import Visit
from tests.tools.chromium import Site, list_faults

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
# Of the page and of each element: nothing is wider than the window.
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@every_embed
@every_language
def test_axe_finds_nothing_light_or_dark_wide_or_narrow(context: str, visit: Visit, name: str, lang: str) -> None:
    page = visit(f"{context}{EMBEDS[name]}&lang={lang}&theme=light")
    assert page.evaluate("document.documentElement.lang") == lang
    for folded in page.locator("summary").all():
        folded.click()
    assert list_faults(page) == []
    page.goto(f"{context}{EMBEDS[name]}&lang={lang}&theme=dark")
    page.set_viewport_size({"width": 320, "height": 480})
    assert list_faults(page) == []
    assert page.evaluate(FITS)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 480})
    assert page.evaluate(FITS)


def test_axe_finds_a_planted_fault(context: str, visit: Visit) -> None:
    page = visit(f"{context}/embed/ground-rules?lang=cy")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate("document.querySelector('footer p').style.color = '#ddd'")
    found = list_faults(page)
    assert any(fault.startswith("html-has-lang") for fault in found)
    assert any(fault.startswith("color-contrast") for fault in found)


@every_language
def test_the_theme_follows_the_reader_unless_it_is_said(context: str, visit: Visit, lang: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page = visit(f"{context}/embed/moments/chain-reaction?lang={lang}", color_scheme="dark")
    dark = page.evaluate(paper)
    page.goto(f"{context}/embed/moments/chain-reaction?lang={lang}&theme=light")
    assert page.evaluate(paper) == "rgb(255, 255, 255)" != dark
    page.emulate_media(color_scheme="light")
    page.goto(f"{context}/embed/moments/chain-reaction?lang={lang}&theme=dark")
    assert page.evaluate(paper) == dark


def test_with_forced_colours_the_edges_stay_and_with_reduced_motion_nothing_moves(context: str, visit: Visit) -> None:
    page = visit(f"{context}{SESSION}&lang=cy", forced_colors="active", reduced_motion="reduce")
    edge = "getComputedStyle(document.querySelector('.timer')).borderTopColor"
    assert page.evaluate(edge) != "rgba(0, 0, 0, 0)"
    assert page.evaluate("document.getAnimations().length") == 0


def test_by_keyboard_alone_a_set_turns_and_the_switch_keeps_the_place(context: str, visit: Visit) -> None:
    page = visit(f"{context}/embed/prompts?lang=cy&stage=response")
    address = page.url
    prompts = page.locator(".set .prompt")
    expect(page.locator(".place")).to_contain_text("1 / 7")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Nesaf")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Enter")
    # With a script no page was loaded, and at the end the focus is on the way back.
    assert page.url == address
    expect(prompts.nth(6)).to_be_visible()
    expect(prompts.nth(0)).to_be_hidden()
    expect(page.locator(".place .unseen")).to_have_text("Rhif 7, allan o gyfanswm: 7")
    expect(page.get_by_role("link", name="Blaenorol")).to_be_focused()
    page.get_by_role("link", name="English").press("Enter")
    page.wait_for_url("**lang=en**")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator(".place")).to_contain_text("7 / 7")


def test_without_scripts_everything_is_there_and_a_set_turns(context: str, visit: Visit) -> None:
    page = visit(f"{context}/embed/prompts?lang=cy&stage=response&theme=light", java_script_enabled=False)
    page.get_by_role("link", name="Nesaf").click()
    page.wait_for_url("**at=2**")
    assert "theme=light" in page.url
    expect(page.locator(".place")).to_contain_text("2 / 7")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en**")
    expect(page.locator(".place")).to_contain_text("2 / 7")
    page.goto(f"{context}{SESSION}&lang=cy")
    expect(page.get_by_text("1 funud")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    page.locator("summary").first.click()
    expect(page.locator("details[open]")).to_have_count(1)


def test_the_timer_starts_pauses_speaks_and_ends(context: str, visit: Visit) -> None:
    page = visit("about:blank")
    page.clock.install()
    page.goto(f"{context}{SESSION}&lang=cy")
    timer, said = page.get_by_role("timer"), page.get_by_role("status")
    page.get_by_role("button", name="Dechrau’r amser").press("Enter")
    expect(said).to_have_text("Mae’r amser wedi dechrau.")
    page.clock.run_for(20_000)
    expect(timer).to_have_text("0:40")
    page.get_by_role("button", name="Oedi").press("Enter")
    expect(said).to_have_text("Mae’r amser wedi’i oedi.")
    page.clock.run_for(60_000)
    expect(timer).to_have_text("0:40")
    page.get_by_role("button", name="Parhau").press("Enter")
    page.clock.run_for(10_000)
    expect(said).to_have_text("Hanner munud ar ôl: dewiswch lefarydd i’r grŵp.")
    page.clock.run_for(30_000)
    expect(said).to_have_text("Mae’r amser ar ben.")
    expect(timer).to_have_text("0:00")
    page.get_by_role("button", name="Dechrau eto").press("Enter")
    expect(timer).to_have_text("1 funud")
    assert list_faults(page) == []


def test_printed_the_notes_are_open_and_the_buttons_gone(context: str, visit: Visit) -> None:
    page = visit(f"{context}{SESSION}&lang=cy&theme=dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_text("ymrannu’n grwpiau o dri")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="English")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_printed_a_set_is_whole_and_says_its_heading_once(context: str, visit: Visit) -> None:
    page = visit(f"{context}/embed/prompts?stage=response&at=3&lang=cy")
    heading, prompts = page.locator(".set h2:visible"), page.locator(".set .prompt:visible")
    expect(prompts).to_have_count(1)
    expect(heading).to_have_count(1)
    page.emulate_media(media="print")
    expect(prompts).to_have_count(7)
    expect(heading).to_have_count(1)
    expect(page.get_by_text("Prin iawn yw ‘eiliadau hud’:").locator("visible=true")).to_have_count(1)


LISTEN = "<script>addEventListener('message', (e) => (window.heard ??= []).push(e.data))</script>"


def _frame(address: str, sandbox: str | None = "allow-scripts", more: str = "") -> str:
    said = "" if sandbox is None else f'sandbox="{sandbox}"'
    return f'{LISTEN}<iframe title="Ffrâm" src="{address}" {said} width="500" height="200" {more}></iframe>'


def _inside(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


@every_language
def test_in_a_sandboxed_frame_of_another_origin_it_reads_and_tells_its_height(
    context: str, site: Site, visit: Visit, lang: str
) -> None:
    address = f"{context}/embed/moments/chain-reaction?lang={lang}#?secret=abc123DEF4"
    page = visit(site.put(_frame(address)))
    expect(_inside(page).get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("window.heard?.some((each) => each.message === 'height')")
    frame = page.frames[1]
    height = frame.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    assert {"message": "height", "value": height, "secret": "abc123DEF4"} in page.evaluate("heard")
    assert {"magic-moment": "height", "value": height, "lang": lang} in page.evaluate("heard")
    assert frame.evaluate("origin") == "null"
    # Narrower, it is higher, and says so; whoever asks is told again.
    page.evaluate("document.querySelector('iframe').width = 320")
    page.wait_for_function(f"heard.some((each) => each.message === 'height' && each.value > {height})")
    before = page.evaluate("heard.length")
    page.evaluate(
        "document.querySelector('iframe').contentWindow.postMessage({message: 'ready', secret: 'abc123DEF4'}, '*')"
    )
    page.wait_for_function(f"heard.length > {before}")


def test_in_the_frame_the_switch_works_and_keeps_the_secret(context: str, site: Site, visit: Visit) -> None:
    address = f"{context}/embed/prompts?lang=cy&stage=response#?secret=abc123DEF4"
    page = visit(site.put(_frame(address)))
    _inside(page).get_by_role("link", name="Nesaf").click()
    _inside(page).get_by_role("link", name="English").click()
    expect(_inside(page).get_by_text("Some of the 'Magic Moments' worry me")).to_be_visible()
    page.wait_for_function("heard.some((each) => each['magic-moment'] && each.lang === 'en')")
    assert page.evaluate("heard.filter((each) => each.secret).at(-1).secret") == "abc123DEF4"


def test_in_the_frame_without_any_script_it_still_reads(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(_frame(f"{context}/embed/prompts?lang=cy&stage=response", sandbox="")))
    expect(_inside(page).get_by_text("Dydw i erioed wedi profi")).to_be_visible()
    _inside(page).get_by_role("link", name="Nesaf").click()
    expect(_inside(page).get_by_text("Mae rhai o’r")).to_be_visible()
    assert page.evaluate("window.heard === undefined")


def test_a_sandboxed_page_and_a_file_may_frame_it_too(context: str, site: Site, visit: Visit, tmp_path: Path) -> None:
    inner = site.put(_frame(f"{context}/embed/ground-rules?lang=cy", sandbox=None), "/inner.html")
    page = visit(site.put(_frame(inner)))
    expect(_inside(page).frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    file = tmp_path / "page.html"
    file.write_text(_frame(f"{context}/embed/ground-rules?lang=cy"), encoding="utf-8")
    page.goto(file.as_uri())
    expect(_inside(page).get_by_role("heading", level=1)).to_be_visible()


def test_a_page_that_is_not_made_for_frames_stays_out_of_them(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(_frame(f"{context}/problems", sandbox=None)))
    expect(_inside(page).get_by_role("heading", name="Problem")).to_have_count(0)
    assert page.frames[1].url.startswith("chrome-error:")


def test_nothing_comes_from_elsewhere_and_no_cookie_is_set(context: str, visit: Visit) -> None:
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in EMBEDS.values():
        page.goto(f"{context}{path}&lang=cy")
    assert len(asked) > 2 * len(EMBEDS) - 1
    assert {url for url in asked if not url.startswith(f"{context}/embed/")} <= {f"{context}/favicon.ico"}
    assert page.context.cookies() == []
