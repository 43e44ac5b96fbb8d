"""``<magic-moment>`` on somebody else's page: a frame as high as its text, or else the link inside."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page, expect

from api.pages.component import NEWEST
from tests.browser.conftest import Visit
from tests.tools.chromium import Site, list_faults

SCRIPT = '<script src="{}/embed.js" async></script>'
MOMENT = (
    '<magic-moment kind="moment" slug="chain-reaction" lang="cy">'
    '<a href="#" lang="cy">Adwaith cadwynol</a></magic-moment>'
)


def frame_of(page: Page, place: int = 0) -> dict[str, object]:
    """What the component's frame is, once it has a height."""
    page.wait_for_function(f"document.querySelectorAll('magic-moment')[{place}].shadowRoot?.querySelector('.sized')")
    found: dict[str, object] = page.evaluate(
        f"""() => {{
            const frame = document.querySelectorAll('magic-moment')[{place}].shadowRoot.querySelector('iframe');
            return {{src: frame.src, title: frame.title, lang: frame.lang, height: frame.clientHeight}};
        }}"""
    )
    return found


def inside(page: Page, context: str, part: str) -> Frame:
    """The document of the frame whose address has this in it."""
    return next(frame for frame in page.frames if frame.url.startswith(context) and part in frame.url)


def test_it_is_a_frame_as_high_as_its_text_with_a_title_in_its_language(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(context)))
    frame = frame_of(page)
    assert frame["src"] == f"{context}/embed/moments/chain-reaction?lang=cy"
    assert (frame["title"], frame["lang"]) == ("Adwaith cadwynol", "cy")
    document = inside(page, context, "chain-reaction")
    assert document.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert document.evaluate("document.documentElement.getBoundingClientRect().height > innerHeight - 2")
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_hidden()
    assert list_faults(page) == []


def test_it_grows_where_it_is_narrow(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(context)), viewport={"width": 900, "height": 700})
    wide = frame_of(page)["height"]
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function(
        f"document.querySelector('magic-moment').shadowRoot.querySelector('iframe').clientHeight > {wide}"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= 320")


def test_its_title_follows_the_language_that_the_reader_changes_to(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(context)))
    frame_of(page)
    inside(page, context, "chain-reaction").get_by_role("link", name="English").click()
    page.wait_for_function("document.querySelector('magic-moment').shadowRoot.querySelector('iframe').lang === 'en'")
    # The link inside is Welsh: it cannot name the English frame.
    assert frame_of(page)["title"] == "Magic moment"


def test_two_on_a_page_keep_their_own_heights_and_leave_no_global(context: str, site: Site, visit: Visit) -> None:
    two = MOMENT + '<magic-moment kind="prompt" slug="some-worry-me" theme="dark" switch="no"></magic-moment>'
    page = visit(site.put("", "/bare.html"))
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.goto(site.put(two + SCRIPT.format(context) * 2))
    first, second = frame_of(page, 0), frame_of(page, 1)
    assert first["height"] != second["height"]
    assert second["src"] == f"{context}/embed/prompts/some-worry-me?lang=cy&switch=no&theme=dark"
    assert second["title"] == "Sbardun ar gyfer sgwrs"
    assert {name for name in set(page.evaluate("Object.getOwnPropertyNames(window)")) - before if name != "0"} <= {"1"}


def test_attributes_that_change_are_followed(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(context)))
    frame_of(page)
    page.evaluate(
        "() => { const e = document.querySelector('magic-moment'); e.lang = 'en'; e.setAttribute('release', '1'); }"
    )
    page.wait_for_function(
        "document.querySelector('magic-moment').shadowRoot.querySelector('iframe').src.endsWith('?lang=en&release=1')"
    )
    assert frame_of(page)["title"] == "Magic moment"
    assert page.evaluate("document.querySelector('magic-moment').shadowRoot.querySelectorAll('iframe').length") == 1
    page.evaluate("document.querySelector('magic-moment').removeAttribute('slug')")
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_visible()


@pytest.mark.parametrize(
    "broken",
    [
        '<magic-moment kind="nonsense"><a href="#x">Y ddolen</a></magic-moment>',
        '<magic-moment kind="moment"><a href="#x">Y ddolen</a></magic-moment>',
        '<magic-moment kind="toString" slug="a"><a href="#x">Y ddolen</a></magic-moment>',
    ],
)
def test_what_it_cannot_show_stays_a_link(context: str, site: Site, visit: Visit, broken: str) -> None:
    page = visit(site.put(broken + SCRIPT.format(context)))
    page.wait_for_function("!!customElements.get('magic-moment')")
    expect(page.get_by_role("link", name="Y ddolen")).to_be_visible()
    assert page.locator("iframe").count() == 0


def test_it_stays_a_link_without_scripts_and_where_the_page_forbids_frames(
    context: str, site: Site, visit: Visit
) -> None:
    address = site.put(MOMENT + SCRIPT.format(context))
    expect(visit(address, java_script_enabled=False).get_by_role("link")).to_be_visible()
    strict = site.put(
        MOMENT + SCRIPT.format(context), Content_Security_Policy=f"script-src {context}; frame-src 'none'"
    )
    page = visit(strict)
    page.wait_for_function("!!customElements.get('magic-moment')")
    page.wait_for_timeout(300)
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_visible()


def test_it_works_on_a_page_with_a_strict_policy_and_its_integrity_holds(
    context: str, site: Site, visit: Visit
) -> None:
    script = (
        f'<script src="{context}{NEWEST.path}" integrity="{NEWEST.integrity}" crossorigin="anonymous" async></script>'
    )
    policy = f"default-src 'none'; script-src {context}; frame-src {context}"
    page = visit(site.put(MOMENT + script, Content_Security_Policy=policy))
    assert frame_of(page)["lang"] == "cy"
    wrong = NEWEST.integrity[:-4] + "AAA="
    page = visit(site.put(MOMENT + script.replace(NEWEST.integrity, wrong)))
    page.wait_for_timeout(300)
    assert page.evaluate("!customElements.get('magic-moment')")
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_visible()


def test_heights_from_anybody_else_are_not_believed(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(context)))
    height = frame_of(page)["height"]
    page.evaluate("postMessage({'magic-moment': 'height', value: 5000}, '*')")
    site.files["/liar.html"] = b"<script>parent.postMessage({'magic-moment': 'height', value: 4000}, '*')</script>"
    page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), {src: '/liar.html'}))")
    page.wait_for_timeout(300)
    assert frame_of(page)["height"] == height


def test_who_tabs_through_the_page_reaches_what_is_inside(context: str, site: Site, visit: Visit) -> None:
    page = visit(site.put("<button>cyn</button>" + MOMENT + "<button>wedyn</button>" + SCRIPT.format(context)))
    frame_of(page)
    page.get_by_role("button", name="cyn").focus()
    page.keyboard.press("Tab")
    assert inside(page, context, "chain-reaction").evaluate("document.activeElement.textContent.trim()") == "English"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="wedyn")).to_be_focused()
