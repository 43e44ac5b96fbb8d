"""Chromium for the tests, and small web sites on loopback ports that the browser visits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.tools.programs import require_program

# The sandbox is off because the tests may run as root. Background requests are off.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def browse() -> Iterator[Browser]:
    chromium = require_program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def serve_site(application: Callable[..., Any], port: int = 0) -> Iterator[str]:
    """Serve an application on a loopback port and yield its origin."""
    server = make_server("127.0.0.1", port, application, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Site:
    """A web site other than the service, for example one that embeds content. A test adds its files by path."""

    def __init__(self) -> None:
        self.origin = ""
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}

    def put(self, html: str, path: str = "/page.html", *, lang: str = "cy", **headers: str) -> str:
        """Add a page with this body and return its URL."""
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        head = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>Porth</title>'
        whole = f"{head}<main><h1>Porth</h1>{html}</main>"
        self.files[path] = whole.encode()
        return self.origin + path

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = Request(environ).path
        data = self.files.get(path)
        types = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css"}
        kind = types.get(path.rpartition(".")[2], "application/octet-stream")
        response = Response(data, 200, self.headers, content_type=kind) if data is not None else Response("", 404)
        return response(environ, start_response)


def list_accessibility_issues(page: Page) -> list[str]:
    """Return the issues that axe-core reports on a page: WCAG 2.2 A and AA, and best practice."""
    violations = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{violation['id']}: {node['html'][:160]}" for violation in violations for node in violation["nodes"]]
