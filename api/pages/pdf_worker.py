"""A program that makes a PDF of a page: HTML on its standard input, the PDF on its output. ``--check``: can it, here?

It runs by itself, and knows nothing of the service: WeasyPrint and Pango take a second of processor time, tens of
megabytes, and the lock that all threads of a worker share.
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


def _build_marked(box: Any, *given: Any) -> Iterator[Any]:
    """The elements of the tree that screen readers read, each with its language (PDF 32000-1, 14.9.2).

    WeasyPrint says the document's language alone, and a leaflet may be in two. There is no public way in: the version
    is held in requirements-pdf.in, and a test reads the languages.
    """
    for element in _build(box, *given):
        if box.element is not None and box.style["lang"]:
            element["Lang"] = pydyf.String(box.style["lang"])
        yield element


def make_pdf(html: str, *, is_plain: bool = False) -> bytes:
    """A tagged PDF (PDF/UA-1) of a page that has all that it needs in it: nothing is fetched. The same page, the same
    bytes."""
    tags._build_box_tree = _build_marked
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    data: bytes = page.write_pdf(pdf_variant="pdf/ua-1", uncompressed_pdf=is_plain)
    return data


def main() -> None:
    # It lives for one page. What C has lent is not taken back while it is in use, nor at the end, in whatever order.
    gc.disable()
    if "--check" not in sys.argv:
        sys.stdout.buffer.write(make_pdf(sys.stdin.buffer.read().decode()))
    elif b"/FontFile" not in make_pdf(CHECK, is_plain=True):
        sys.exit("no font: install one with ŵ and ŷ in it (Debian: fonts-dejavu-core)")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
