"""The documentation page in Chromium: processor time until its first operation is shown, and to open an operation."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from playwright.sync_api import Browser, CDPSession, Page

from bench.client import LOOPBACK
from bench.parts.result import PartResult
from bench.stage import MissingPartError, Stage
from tests.tools.chromium import browse
from tests.tools.programs import find_program

# A page of the same site and style, with one paragraph.
SMALL_PAGE, SMALL_CONTENT = "/problems/not-found", "main p"
FIRST = "details.operation summary >> nth=0"
OPENED = "details.operation[open] .try form >> nth=0"
# Wait until the browser has painted.
PAINT = "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"


def measure_docs(stage: Stage) -> PartResult:
    """Measure ``/docs`` in a browser on one core, next to a page with one paragraph. Both start uncached."""
    if find_program("chromium") is None:
        raise MissingPartError("there is no Chromium")
    result = PartResult("The documentation in Chromium, processor time", ("page", "step", "seconds", "ratio"))
    shown: list[float] = []
    opened: list[float] = []
    small: list[float] = []
    with stage.service(stage.database(min(stage.sizes))) as server, stage.on_client_core(), browse() as browser:
        origin = f"http://{LOOPBACK}:{server.port}"
        clock = _clock(browser)
        _visit(browser, origin + SMALL_PAGE, SMALL_CONTENT, clock)  # the first page also starts the browser
        for number in range(stage.rounds):
            small.append(_visit(browser, origin + SMALL_PAGE, SMALL_CONTENT, clock)[0])
            until_shown, until_opened = _visit(browser, f"{origin}/docs?lang=cy", FIRST, clock, opened=OPENED)
            shown.append(until_shown)
            opened.append(until_opened)
            stage.report(f"  round {number + 1} of {stage.rounds}")
    result.add("one paragraph", "show", median(small), 1)
    result.add("/docs", "show the first operation", median(shown), median(_ratios(shown, small)))
    result.add("/docs", "open an operation", median(opened), median(_ratios(opened, small)))
    result.figures |= {
        "docs.shown": median(shown),
        "docs.opened": median(opened),
        "docs.shown.ratio": median(_ratios(shown, small)),
    }
    return result


def _ratios(times: list[float], to: list[float]) -> list[float]:
    return [time / base for time, base in zip(times, to, strict=True)]


def _clock(browser: Browser) -> Callable[[], float]:
    """Return a function that returns the processor time in seconds of all processes of the browser."""
    session: CDPSession = browser.new_browser_cdp_session()

    def read() -> float:
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return float(sum(process["cpuTime"] for process in processes))

    return read


def _visit(
    browser: Browser, url: str, content: str, clock: Callable[[], float], opened: str | None = None
) -> tuple[float, float]:
    """Return the processor time until ``content`` is shown, and from a click on it until ``opened`` is shown."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page: Page = context.new_page()
    page.wait_for_timeout(500)
    started = clock()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(content)
    page.evaluate(PAINT)
    until_shown = clock() - started
    page.wait_for_timeout(500)
    started = clock()
    if opened:
        page.click(content)
        page.wait_for_selector(opened)
        page.evaluate(PAINT)
    until_opened = clock() - started
    context.close()
    return until_shown, until_opened
