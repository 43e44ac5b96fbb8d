"""A SCORM package in a portal, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.tools.chromium import Site, list_accessibility_issues

# The portal's SCORM 1.2 interface: it records the calls in order.
PORTAL = """
<script>
  window.calls = [];
  const data = { "cmi.core.lesson_status": "not attempted" };
  window.API = new Proxy({}, { get: (_, name) => (...parameters) => {
    window.calls.push([name, ...parameters].join("|"));
    if (name === "LMSGetValue") return data[parameters[0]] ?? "";
    if (name === "LMSSetValue") data[parameters[0]] = parameters[1];
    return "true";
  } });
</script>
<iframe id="course" src="/course/index.html" title="Cwrs" width="700" height="500"></iframe>
"""


@pytest.fixture
def unpack(service_url: str, site: Site) -> Callable[[str], None]:
    """Return a function that unpacks a SCORM package onto the portal's site."""

    def put(query: str) -> None:
        with urlopen(f"{service_url}/embed/scorm.zip?{query}") as response:
            archive = ZipFile(BytesIO(response.read()))
        site.files |= {f"/course/{name}": archive.read(name) for name in archive.namelist()}

    return put


def calls_of(page: Page) -> list[str]:
    calls: list[str] = page.evaluate("window.calls")
    return calls


def test_completion_is_reported_to_the_portal(unpack: Callable[[str], None], site: Site, visit: Visit) -> None:
    unpack("kind=prompt&slug=some-worry-me&lang=cy")
    page = visit(site.put(PORTAL))
    page.wait_for_function("window.calls.includes('LMSSetValue|cmi.core.lesson_status|completed')")
    assert calls_of(page) == [
        "LMSInitialize|",
        "LMSGetValue|cmi.core.lesson_status",
        "LMSSetValue|cmi.core.lesson_status|incomplete",
        "LMSSetValue|cmi.core.lesson_status|completed",
        "LMSCommit|",
    ]
    course = page.frame_locator("#course")
    expect(course.get_by_role("status")).to_have_text("Mae eich porth wedi cofnodi bod hwn wedi’i gwblhau.")
    page.evaluate("document.querySelector('#course').src = 'about:blank'")
    page.wait_for_function("window.calls.includes('LMSFinish|')")
    after = calls_of(page)[5:]
    assert after[0].startswith("LMSSetValue|cmi.core.session_time|0000:00:")
    assert after[1:] == ["LMSCommit|", "LMSFinish|"]


def test_a_long_text_is_reported_as_completed_only_after_scrolling_to_its_end(
    unpack: Callable[[str], None], site: Site, visit: Visit
) -> None:
    unpack("kind=session&moments=chain-reaction,seeing-the-light&lang=en")
    page = visit(site.put(PORTAL))
    course = next(frame for frame in page.frames if frame.url.endswith("index.html"))
    course.wait_for_function("document.querySelector('iframe').style.height")
    page.wait_for_timeout(300)
    assert not any("completed" in call for call in calls_of(page))
    course.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function("window.calls.includes('LMSSetValue|cmi.core.lesson_status|completed')")


def test_switching_the_language_continues_the_same_attempt(
    unpack: Callable[[str], None], site: Site, visit: Visit
) -> None:
    unpack("kind=moment&slug=chain-reaction&lang=cy")
    page = visit(site.put(PORTAL))
    course = next(frame for frame in page.frames if frame.url.endswith("index.html"))
    course.wait_for_function("document.getElementById('end').textContent")
    assert course.title() == "Adwaith cadwynol"
    course.frame_locator("iframe").get_by_role("link", name="English").click()
    course.wait_for_function("document.documentElement.lang === 'en'")
    assert course.title() == "Chain reaction"
    expect(course.get_by_role("status")).to_have_text("Your portal has recorded this as completed.")
    assert calls_of(page).count("LMSInitialize|") == 1
    assert "LMSFinish|" not in calls_of(page)


def test_a_package_works_without_a_portal_and_loads_nothing_from_other_sites(
    unpack: Callable[[str], None], site: Site, visit: Visit
) -> None:
    unpack("kind=session&moments=chain-reaction&lang=cy")
    page = visit("about:blank")
    requested: list[str] = []
    thrown: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(f"{site.origin}/course/index.html")
    page.wait_for_function("document.querySelector('iframe').style.height")
    assert thrown == []
    assert all(url.startswith(site.origin) for url in requested), requested
    assert page.get_by_role("status").inner_text() == ""
    # The course page has no heading of its own, because the embed in the frame has one.
    assert [issue for issue in list_accessibility_issues(page) if not issue.startswith("page-has-heading-one")] == []


def test_the_text_is_shown_if_the_portal_fails(unpack: Callable[[str], None], site: Site, visit: Visit) -> None:
    unpack("kind=prompt&slug=some-worry-me&lang=cy")
    broken = PORTAL.replace('return "true"', "throw new Error('down')")
    page = visit(site.put(broken))
    inner = page.frame_locator("#course").frame_locator("iframe")
    expect(inner.get_by_text("yn fy mhoeni oherwydd")).to_be_visible()
