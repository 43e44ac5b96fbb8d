"""What hangs on the wall or lies on the table: a page to print, and a code to point a telephone at."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import segno
from flask import Blueprint, Response, request

from api.domain.language import Language
from api.i18n import N_
from api.pages.assets import HANDOUT_STYLE
from api.pages.choosing import Choice, read_choice
from api.pages.embed_page import find_base
from api.pages.leaflets import answer_page, get_leaflets, render_leaflet, settle_leaflets
from api.routes.guards import gives
from api.routes.reading import body_response
from api.routes.service import get_reader_language, get_service

handout = Blueprint("handout", __name__)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SWITCH = {Language.CY: N_("Read this in Welsh"), Language.EN: N_("Read this in English")}
BOTH = N_("Both languages")
CODE = N_("A code that leads to this text on the web")
HOW_TO_PRINT = N_("To print it, or to keep it as a PDF, use your browser’s Print command.")


@dataclass(frozen=True, slots=True)
class Link:
    """Another form of the page: what it is called, in which language, and whether it is this one."""

    words: str
    language: Language
    address: str
    is_here: bool


@handout.route("/embed/handout")
@gives("text/html")
def show_handout() -> Response:
    asked, is_both = read_choice(request.args), request.args.get("languages") == "both"
    language = asked.language or get_reader_language()
    choice = asked.on_paper.speaking(language)
    leaflets = get_leaflets(choice, (language, language.other) if is_both else (language,))
    html = render_leaflet(
        "handout.html",
        style=find_base() + HANDOUT_STYLE.path,
        language=language,
        leaflets=leaflets,
        code=lambda each: find_base() + choice.speaking(each).address_of("/embed/qr.svg"),
        links=_list_links(choice, language, is_both=is_both),
        how_to_print=HOW_TO_PRINT,
        code_words=CODE,
    )
    same = None if asked.language else address_handout(choice, is_both=is_both)
    return settle_leaflets(answer_page(html, language, POLICY), leaflets, same)


def _list_links(choice: Choice, language: Language, *, is_both: bool) -> list[Link]:
    """The same handout in one language, in the other, in both."""
    links = [
        Link(SWITCH[each], each, find_base() + address_handout(choice.speaking(each)), not is_both and each is language)
        for each in (Language.CY, Language.EN)
    ]
    return [*links, Link(BOTH, language, find_base() + address_handout(choice, is_both=True), is_both)]


def address_handout(choice: Choice, *, is_both: bool = False) -> str:
    """The path and query of a handout."""
    return choice.on_paper.address_of("/embed/handout", **({"languages": "both"} if is_both else {}))


@handout.route("/embed/qr.svg")
@gives("image/svg+xml")
def get_code() -> Response:
    choice = read_choice(request.args)
    # A code that leads nowhere would be found out in front of a class.
    leaflets = get_leaflets(choice, [choice.language or Language.CY])
    response = body_response(draw_code(get_service().settings.public_url + choice.address), "image/svg+xml")
    if "download" in request.args:
        response.headers["Content-Disposition"] = 'attachment; filename="qr.svg"'
    return settle_leaflets(response, leaflets, None)


def draw_code(address: str) -> bytes:
    """A QR code as SVG: a quarter of it may be hidden, and it keeps the white edge that readers need."""
    out = BytesIO()
    segno.make_qr(address, error="q").save(
        out, kind="svg", border=4, light="#fff", xmldecl=True, svgns=True, omitsize=True, nl=False
    )
    return out.getvalue()
