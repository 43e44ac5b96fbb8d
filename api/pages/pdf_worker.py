"""A program that reads HTML from standard input and writes a PDF; ``--check`` tests whether PDFs can be made.

The program runs in a separate process and imports no module of the service. In the service's own process, WeasyPrint
and Pango would take a second of processor time and tens of megabytes, and hold the interpreter's lock.
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


def _build_marked(box: Any, parent: Any, pdf: Any, *arguments: Any) -> Iterator[Any]:
    """Yield the elements of the structure tree, each with its language, and with a body in each list item.

    WeasyPrint writes only one language for the whole document, but a printout may have two (PDF 32000-1, 14.9.2). It
    writes a body only for list items without paragraphs. This function replaces a private function of WeasyPrint:
    pyproject.toml allows one major version, requirements-pdf.txt pins the exact version, and tests check the elements.
    """
    for element in _build(box, parent, pdf, *arguments):
        if box.element is not None and box.style["lang"]:
            element["Lang"] = pydyf.String(box.style["lang"])
        if element["S"] == "/LI":
            _add_body(element, pdf)
        yield element


def _add_body(item: Any, pdf: Any) -> None:
    """Put all parts of a list item but its label into one ``LBody`` (PDF 32000-1, 14.8.4.3.3)."""
    parts = [(reference, pdf.objects[int(reference.split()[0])]) for reference in item["K"]]
    labels = [reference for reference, part in parts if part.get("S") == "/Lbl"]
    contents = [(reference, part) for reference, part in parts if part.get("S") != "/Lbl"]
    if [part.get("S") for _, part in contents] == ["/LBody"]:
        return
    body = pydyf.Dictionary(
        {"Type": "/StructElem", "S": "/LBody", "K": pydyf.Array(), "Pg": item["Pg"], "P": item.reference}
    )
    pdf.add_object(body)
    for reference, part in contents:
        body["K"].append(reference)
        if part.get("S") == "/LBody":
            # WeasyPrint puts the lines before the first paragraph into an ``LBody`` of their own.
            part["S"] = "/Div"
        if "P" in part:
            part["P"] = body.reference
    item["K"] = pydyf.Array([*labels, body.reference])


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
