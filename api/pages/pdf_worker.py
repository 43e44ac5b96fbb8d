"""A program that turns HTML on its standard input into a PDF on its output; ``--check`` tests that it can.

It is a process of its own and imports nothing of the service: WeasyPrint and Pango take a second of processor time,
tens of megabytes, and the interpreter's lock.
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

    WeasyPrint only writes the document's language, and a printout may be in two. There is no public API for it:
    pyproject.toml allows one major version, requirements-pdf.txt pins it, and a test reads the languages.
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
    # The process makes one page: never free objects of the C libraries, neither during the work nor at exit.
    gc.disable()
    if "--check" not in sys.argv:
        sys.stdout.buffer.write(render_pdf(sys.stdin.buffer.read().decode()))
    elif b"/FontFile" not in render_pdf(CHECK, is_plain=True):
        sys.exit("no font: install one with ŵ and ŷ in it (Debian: fonts-dejavu-core)")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    run_worker()
