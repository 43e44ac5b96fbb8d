"""A program that reads HTML from standard input and writes a PDF; ``--check`` tests whether PDFs can be made.

The program runs in a separate process and imports nothing of the service: WeasyPrint and Pango take a second of
processor time, tens of megabytes, and the interpreter's lock.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint import HTML
from weasyprint.pdf import tags
from weasyprint.urls import URLFetcher

CHECK = '<html lang="cy"><title>Tŷ</title><p>Ŵŷ'
_build = tags._build_box_tree


def _build_marked(box: Any, *arguments: Any) -> Iterator[Any]:
    """Yield the elements of the structure tree, each with its language (PDF 32000-1, 14.9.2).

    WeasyPrint writes only one language for the whole document, but a printout may have two. This function replaces a
    private function of WeasyPrint: pyproject.toml allows one major version, requirements-pdf.txt pins the exact
    version, and a test checks the languages.
    """
    for element in _build(box, *arguments):
        if box.element is not None and box.style["lang"]:
            element["Lang"] = pydyf.String(box.style["lang"])
        yield element


def render_pdf(html: str, *, is_plain: bool = False) -> bytes:
    """Return a tagged PDF (PDF/UA-1) of a page; nothing is fetched, and the same page gives the same bytes.

    ``is_plain`` leaves the content uncompressed.
    """
    tags._build_box_tree = _build_marked
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    data: bytes = page.write_pdf(pdf_variant="pdf/ua-1", uncompressed_pdf=is_plain)
    return data


def run_worker() -> None:
    # The process makes one page, so it never frees objects of the C libraries, not even at exit.
    gc.disable()
    if "--check" not in sys.argv:
        sys.stdout.buffer.write(render_pdf(sys.stdin.buffer.read().decode()))
    elif b"/FontFile" not in render_pdf(CHECK, is_plain=True):
        sys.exit("no font: install one with ŵ and ŷ in it (Debian: fonts-dejavu-core)")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    run_worker()
