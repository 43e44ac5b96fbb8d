"""What hangs on the wall or lies on the table: a page to print, its PDF, and a code to point a telephone at."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import segno
from flask import Blueprint, Response, request

from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.read_context import body_response
from api.http.request_hooks import produces
from api.i18n import N_
from api.pages.assets import HANDOUT_STYLE
from api.pages.embed_options import EmbedOptions, read_options
from api.pages.embed_page import find_base
from api.pages.pdf import can_make_pdf, print_pdf
from api.pages.printouts import Printout, finish_printouts, get_printouts, page_response, render_printout

handout = Blueprint("handout", __name__)

PATH, PDF_PATH, CODE_PATH = "/embed/handout", "/embed/handout.pdf", "/embed/qr.svg"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SWITCH = {Language.CY: N_("Read this in Welsh"), Language.EN: N_("Read this in English")}
BOTH = N_("Both languages")
AS_PDF = N_("Download as a PDF")
OPEN = N_("Open the handout")
CODE = N_("A code that leads to this text on the web")
HOW_TO_PRINT = N_("To print it, or to keep it as a PDF, use your browser’s Print command.")


@dataclass(frozen=True, slots=True)
class Link:
    """Another form of the page: what it is called, in which language, and whether it is this one."""

    words: str
    language: Language
    address: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Handout:
    """A choice on paper, in one language or in both; ``is_named``: the address says in which first."""

    choice: EmbedOptions
    language: Language
    is_both: bool
    is_named: bool

    @property
    def languages(self) -> tuple[Language, ...]:
        return (self.language, self.language.other) if self.is_both else (self.language,)

    def address(self, path: str = PATH) -> str:
        return address_handout(self.choice, is_both=self.is_both, path=path)

    def open_address(self, path: str) -> str | None:
        """The address that gives the same whatever the header says, where this one does not."""
        return None if self.is_named else self.address(path)


def read_handout() -> Handout:
    """The handout that the query names. Raises RequestRefused, with all that is wrong."""
    asked = read_options(request.args)
    language = asked.language or get_reader_language()
    is_both = request.args.get("languages") == "both"
    return Handout(asked.on_paper.speaking(language), language, is_both, asked.language is not None)


@handout.route(PATH)
@produces("text/html")
def show_handout() -> Response:
    given = read_handout()
    leaflets = get_printouts(given.choice, given.languages)
    html = _render(
        given,
        leaflets,
        style=find_base() + HANDOUT_STYLE.path,
        code=lambda each: find_base() + given.choice.speaking(each).address_of(CODE_PATH),
    )
    return finish_printouts(page_response(html, given.language, POLICY), leaflets, given.open_address(PATH))


@handout.route(PDF_PATH)
@produces("application/pdf")
def get_pdf() -> Response:
    given = read_handout()
    leaflets = get_printouts(given.choice, given.languages)
    data = print_pdf(
        _render(
            given,
            leaflets,
            style=_inline(HANDOUT_STYLE.data, "text/css"),
            code=lambda each: _inline(_draw_code_of(given.choice.speaking(each)), "image/svg+xml"),
        )
    )
    response = body_response(data, "application/pdf")
    response.headers["Content-Language"] = ", ".join(given.languages)
    name = given.choice.name_file(leaflets[0].release, f"-{'-'.join(given.languages)}.pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return finish_printouts(response, leaflets, given.open_address(PDF_PATH))


def _render(given: Handout, leaflets: list[Printout], style: str, code: Callable[[Language], str]) -> str:
    """The page, with its style and codes at these addresses."""
    return render_printout(
        "handout.html",
        style=style,
        language=given.language,
        leaflets=leaflets,
        code=code,
        links=_list_links(given),
        how_to_print=HOW_TO_PRINT,
        code_words=CODE,
    )


def _inline(data: bytes, media_type: str) -> str:
    """A file as its own address."""
    return f"data:{media_type};base64,{b64encode(data).decode()}"


def _list_links(given: Handout) -> list[Link]:
    """The same handout in one language, in the other, in both; and as a PDF."""
    choice, base = given.choice, find_base()
    links = [
        Link(SWITCH[each], each, base + address_handout(choice.speaking(each)), (each,) == given.languages)
        for each in (Language.CY, Language.EN)
    ]
    links.append(Link(BOTH, given.language, base + address_handout(choice, is_both=True), given.is_both))
    if can_make_pdf():
        links.append(Link(AS_PDF, given.language, base + given.address(PDF_PATH)))
    return links


def address_handout(choice: EmbedOptions, *, is_both: bool = False, path: str = PATH) -> str:
    """The path and query of a handout, or of its PDF."""
    return choice.on_paper.address_of(path, **({"languages": "both"} if is_both else {}))


@handout.route(CODE_PATH)
@produces("image/svg+xml")
def get_code() -> Response:
    choice = read_options(request.args)
    # A code that leads nowhere would be found out in front of a class.
    leaflets = get_printouts(choice, [choice.language or Language.CY])
    response = body_response(_draw_code_of(choice), "image/svg+xml")
    if "download" in request.args:
        response.headers["Content-Disposition"] = 'attachment; filename="qr.svg"'
    return finish_printouts(response, leaflets, None)


def _draw_code_of(choice: EmbedOptions) -> bytes:
    return draw_code(get_context().settings.public_url + choice.address)


def draw_code(address: str) -> bytes:
    """A QR code as SVG: a quarter of it may be hidden, and it keeps the white edge that readers need."""
    out = BytesIO()
    segno.make_qr(address, error="q").save(
        out, kind="svg", border=4, light="#fff", xmldecl=True, svgns=True, omitsize=True, nl=False
    )
    return out.getvalue()
