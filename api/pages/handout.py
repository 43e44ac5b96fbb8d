"""Handouts: a page to print, its PDF, and the QR code of an embed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.request_hooks import produces
from api.http.responses import body_response, html_response
from api.i18n import N_
from api.pages.embed_options import EmbedOptions, read_options
from api.pages.embed_page import base_path
from api.pages.pdf import can_make_pdf, make_pdf
from api.pages.printouts import (
    Printout,
    cacheable_printouts,
    get_printouts,
    render_printout,
    with_needed_fallback,
)
from api.pages.qr_code import draw_qr_code, fits_qr_code
from api.pages.static_files import HANDOUT_STYLE

handout = Blueprint("handout", __name__)

HANDOUT_PATH, PDF_PATH, QR_CODE_PATH = "/embed/handout", "/embed/handout.pdf", "/embed/qr.svg"
HANDOUT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HANDOUT_SWITCH = {Language.CY: N_("Read this in Welsh"), Language.EN: N_("Read this in English")}
BOTH_LABEL = N_("Both languages")
PDF_LABEL = N_("Download as a PDF")
OPEN_LABEL = N_("Open the handout")
QR_CODE_LABEL = N_("A code that leads to this text on the web")
NO_QR_CODE = N_("The address of this text is too long for a QR code. It is printed here in full.")
HOW_TO_PRINT = N_("To print it, or to save it as a PDF, use your browser’s Print command.")


@dataclass(frozen=True, slots=True)
class HandoutLink:
    """A link to a version of the handout: the label, the label's language, and whether this page is that version."""

    label: str
    language: Language
    path: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Handout:
    """A printed embed in one language or in both.

    ``is_named`` means that the URL names the language that comes first.
    """

    options: EmbedOptions
    language: Language
    is_both: bool
    is_named: bool

    @property
    def languages(self) -> tuple[Language, ...]:
        return (self.language, self.language.other) if self.is_both else (self.language,)

    def path_of(self, path: str) -> str:
        """Return the path and query of the handout, or of its PDF."""
        return handout_path(self.options, is_both=self.is_both, path=path)

    def canonical_path(self, path: str) -> str | None:
        """Return the path and query, including the language; None if the request already names a language."""
        return None if self.is_named else self.path_of(path)


def read_handout() -> Handout:
    """Return the handout in the query. Raises InvalidRequestError with every issue."""
    options = read_options(request.args)
    language = options.language or get_reader_language()
    is_both = request.args.get("languages") == "both"
    return Handout(options.for_print.in_language(language), language, is_both, options.language is not None)


@handout.route(HANDOUT_PATH)
@produces("text/html")
def show_handout() -> Response:
    requested = read_handout()
    printouts = get_printouts(requested.options, requested.languages)
    html = _render(
        requested,
        printouts,
        style=base_path() + HANDOUT_STYLE.path,
        qr_code=lambda printout: base_path() + printout.options.path_of(QR_CODE_PATH),
    )
    response = html_response(html, requested.language, HANDOUT_POLICY)
    return cacheable_printouts(response, printouts, requested.canonical_path(HANDOUT_PATH))


@handout.route(PDF_PATH)
@produces("application/pdf")
def get_pdf() -> Response:
    requested = read_handout()
    printouts = get_printouts(requested.options, requested.languages)
    data = make_pdf(
        _render(
            requested,
            printouts,
            style=_inline(HANDOUT_STYLE.data, "text/css"),
            qr_code=lambda printout: _inline(draw_qr_code(printout.url), "image/svg+xml"),
        )
    )
    response = body_response(data, "application/pdf")
    response.headers["Content-Language"] = ", ".join(requested.languages)
    name = requested.options.name_file(printouts[0].release, f"-{'-'.join(requested.languages)}.pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return cacheable_printouts(response, printouts, requested.canonical_path(PDF_PATH))


def _render(requested: Handout, printouts: list[Printout], style: str, qr_code: Callable[[Printout], str]) -> str:
    """Return the page. ``style`` is the URL of the styles; ``qr_code`` returns the URL of a printout's QR code."""
    return render_printout(
        "handout.html",
        style=style,
        language=requested.language,
        printouts=printouts,
        qr_code=qr_code,
        fits_qr_code=fits_qr_code,
        no_qr_code=NO_QR_CODE,
        links=_list_links(requested),
        how_to_print=HOW_TO_PRINT,
        qr_code_label=QR_CODE_LABEL,
    )


def _inline(data: bytes, media_type: str) -> str:
    """Return a file as a data URL."""
    return f"data:{media_type};base64,{b64encode(data).decode()}"


def _list_links(requested: Handout) -> list[HandoutLink]:
    """Return links to the handout in Welsh, in English and in both languages, and to the PDF."""
    options, base = requested.options, base_path()
    links = [
        HandoutLink(
            HANDOUT_SWITCH[language],
            language,
            base + handout_path(options.in_language(language)),
            is_current=(language,) == requested.languages,
        )
        for language in (Language.CY, Language.EN)
    ]
    both = base + handout_path(options, is_both=True)
    links.append(HandoutLink(BOTH_LABEL, requested.language, both, is_current=requested.is_both))
    if can_make_pdf():
        links.append(HandoutLink(PDF_LABEL, requested.language, base + requested.path_of(PDF_PATH)))
    return links


def handout_path(options: EmbedOptions, *, is_both: bool = False, path: str = HANDOUT_PATH) -> str:
    """Return the path and query of a handout, or of its PDF."""
    return options.for_print.path_of(path, **({"languages": "both"} if is_both else {}))


@handout.route(QR_CODE_PATH)
@produces("image/svg+xml")
def get_qr_code() -> Response:
    options = read_options(request.args)
    # Read the texts first, so that no QR code leads to an error.
    printouts = get_printouts(options, [options.language or Language.CY])
    url = get_context().settings.public_url + with_needed_fallback(options, printouts[0].embed).path
    response = body_response(draw_qr_code(url), "image/svg+xml")
    if "download" in request.args:
        response.headers["Content-Disposition"] = 'attachment; filename="qr.svg"'
    return cacheable_printouts(response, printouts, None)
