"""The ``<magic-moment>`` element on another site: its frame, its title and its link."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page, expect

from api.pages.static_files import NEWEST_COMPONENT
from tests.browser.conftest import Visit
from tests.tools.chromium import Site, list_accessibility_issues

SCRIPT = '<script src="{}/embed.js" async></script>'
MOMENT = (
    '<magic-moment kind="moment" slug="chain-reaction" lang="cy">'
    '<a href="#" lang="cy">Adwaith cadwynol</a></magic-moment>'
)


def frame_of(page: Page, index: int = 0) -> dict[str, object]:
    """Wait until the component's frame has a height; return the frame's properties."""
    page.wait_for_function(f"document.querySelectorAll('magic-moment')[{index}].shadowRoot?.querySelector('.sized')")
    properties: dict[str, object] = page.evaluate(
        f"""() => {{
            const frame = document.querySelectorAll('magic-moment')[{index}].shadowRoot.querySelector('iframe');
            return {{src: frame.src, title: frame.title, lang: frame.lang, height: frame.clientHeight}};
        }}"""
    )
    return properties


def inside(page: Page, service_url: str, part: str) -> Frame:
    """Return the frame that shows a page of the service with ``part`` in its URL."""
    return next(frame for frame in page.frames if frame.url.startswith(service_url) and part in frame.url)


def test_the_frame_is_as_high_as_the_text_and_has_a_title_in_the_language_of_the_text(
    service_url: str, site: Site, visit: Visit
) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(service_url)))
    frame = frame_of(page)
    assert frame["src"] == f"{service_url}/embed/moments/chain-reaction?lang=cy"
    assert (frame["title"], frame["lang"]) == ("Adwaith cadwynol", "cy")
    document = inside(page, service_url, "chain-reaction")
    assert document.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert document.evaluate("document.documentElement.getBoundingClientRect().height > innerHeight - 2")
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_hidden()
    assert list_accessibility_issues(page) == []


def test_the_frame_is_higher_on_a_narrow_page(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(service_url)), viewport={"width": 900, "height": 700})
    wide = frame_of(page)["height"]
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function(
        f"document.querySelector('magic-moment').shadowRoot.querySelector('iframe').clientHeight > {wide}"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= 320")


def test_the_language_switch_changes_the_frame_title(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(service_url)))
    frame_of(page)
    inside(page, service_url, "chain-reaction").get_by_role("link", name="English").click()
    page.wait_for_function("document.querySelector('magic-moment').shadowRoot.querySelector('iframe').lang === 'en'")
    # The page contains the title of the moment in Welsh only, so the English frame gets a general title.
    assert frame_of(page)["title"] == "Magic moment"


def test_each_of_two_elements_has_its_own_frame_and_the_script_defines_no_globals(
    service_url: str, site: Site, visit: Visit
) -> None:
    two = MOMENT + '<magic-moment kind="prompt" slug="some-worry-me" theme="dark" switch="no"></magic-moment>'
    page = visit(site.put("", "/bare.html"))
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.goto(site.put(two + SCRIPT.format(service_url) * 2))
    first, second = frame_of(page, 0), frame_of(page, 1)
    assert first["height"] != second["height"]
    assert second["src"] == f"{service_url}/embed/prompts/some-worry-me?lang=cy&switch=no&theme=dark"
    assert second["title"] == "Sbardun ar gyfer sgwrs"
    assert {name for name in set(page.evaluate("Object.getOwnPropertyNames(window)")) - before if name != "0"} <= {"1"}


def test_changing_an_attribute_updates_the_frame(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(service_url)))
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
def test_the_link_is_shown_if_attributes_are_invalid(service_url: str, site: Site, visit: Visit, broken: str) -> None:
    page = visit(site.put(broken + SCRIPT.format(service_url)))
    page.wait_for_function("!!customElements.get('magic-moment')")
    expect(page.get_by_role("link", name="Y ddolen")).to_be_visible()
    assert page.locator("iframe").count() == 0


def test_the_link_is_shown_without_scripts_and_without_frames(service_url: str, site: Site, visit: Visit) -> None:
    url = site.put(MOMENT + SCRIPT.format(service_url))
    expect(visit(url, java_script_enabled=False).get_by_role("link")).to_be_visible()
    strict = site.put(
        MOMENT + SCRIPT.format(service_url), Content_Security_Policy=f"script-src {service_url}; frame-src 'none'"
    )
    page = visit(strict)
    page.wait_for_function("!!customElements.get('magic-moment')")
    page.wait_for_timeout(300)
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_visible()


def test_the_element_works_with_a_strict_content_security_policy_and_an_integrity_hash(
    service_url: str, site: Site, visit: Visit
) -> None:
    url, integrity = service_url + NEWEST_COMPONENT.path, NEWEST_COMPONENT.integrity
    script = f'<script src="{url}" integrity="{integrity}" crossorigin="anonymous" async></script>'
    policy = f"default-src 'none'; script-src {service_url}; frame-src {service_url}"
    page = visit(site.put(MOMENT + script, Content_Security_Policy=policy))
    assert frame_of(page)["lang"] == "cy"
    wrong = integrity[:-4] + "AAA="
    page = visit(site.put(MOMENT + script.replace(integrity, wrong)))
    page.wait_for_timeout(300)
    assert page.evaluate("!customElements.get('magic-moment')")
    expect(page.get_by_role("link", name="Adwaith cadwynol")).to_be_visible()


def test_height_messages_from_other_windows_are_ignored(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put(MOMENT + SCRIPT.format(service_url)))
    height = frame_of(page)["height"]
    page.evaluate("postMessage({'magic-moment': 'height', value: 5000}, '*')")
    site.files["/liar.html"] = b"<script>parent.postMessage({'magic-moment': 'height', value: 4000}, '*')</script>"
    page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), {src: '/liar.html'}))")
    page.wait_for_timeout(300)
    assert frame_of(page)["height"] == height


def test_the_tab_key_reaches_links_inside_the_frame(service_url: str, site: Site, visit: Visit) -> None:
    page = visit(site.put("<button>cyn</button>" + MOMENT + "<button>wedyn</button>" + SCRIPT.format(service_url)))
    frame_of(page)
    page.get_by_role("button", name="cyn").focus()
    page.keyboard.press("Tab")
    assert (
        inside(page, service_url, "chain-reaction").evaluate("document.activeElement.textContent.trim()") == "English"
    )
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="wedyn")).to_be_focused()
