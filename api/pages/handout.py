"""What hangs on the wall or lies on the table: a page to print, and a code to point a telephone at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO

import segno
from flask import Blueprint, Response, request

from api.domain.choice import Choice
from api.domain.language import Language
from api.i18n import N_
from api.pages.choosing import read_choice
from api.pages.leaflets import SWITCH, answer_page, get_sheet, name_leaflet, render_leaflet
from api.routes.guards import gives
from api.routes.reading import body_response, cache_control, conditional
from api.routes.service import get_reader_language, get_service

handout = Blueprint("handout", __name__)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
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
    choice, is_both = read_choice(request.args), request.args.get("languages") == "both"
    language = choice.language or get_reader_language()
    choice = replace(choice, language=language)
    sheet = get_sheet(choice)
    languages = (language, language.other) if is_both else (language,)
    leaflets = [sheet.write(each) for each in languages]
    html = render_leaflet(
        "handout.html",
        language=language,
        leaflets=[(leaflet, name_leaflet(leaflet, choice), _place(choice, leaflet.language)) for leaflet in leaflets],
        codes={each: replace(choice, language=each).address_of("/embed/qr.svg") for each in languages},
        links=_list_links(choice, language, is_both=is_both),
        how_to_print=HOW_TO_PRINT,
        code_words=CODE,
    )
    address = address_handout(choice, is_both=is_both)
    return answer_page(html, language, POLICY, address, is_immutable=choice.release is not None)


def _list_links(choice: Choice, language: Language, *, is_both: bool) -> list[Link]:
    """The same handout in one language, in the other, in both."""
    links = [
        Link(SWITCH[each], each, address_handout(replace(choice, language=each)), not is_both and each is language)
        for each in (Language.CY, Language.EN)
    ]
    return [*links, Link(BOTH, language, address_handout(choice, is_both=True), is_both)]


def address_handout(choice: Choice, *, is_both: bool = False) -> str:
    """The address of a handout: what theme and switch an embed has is nothing to it."""
    plain = replace(choice, theme="auto", has_switch=True)
    return plain.address_of("/embed/handout", **({"languages": "both"} if is_both else {}))


def _place(choice: Choice, language: Language) -> str:
    """Where the text stands on the web, in this language."""
    shown = replace(choice, language=language, theme="auto", has_switch=True)
    return get_service().settings.public_url + shown.address


@handout.route("/embed/qr.svg")
@gives("image/svg+xml")
def get_code() -> Response:
    choice = read_choice(request.args)
    # A code that leads nowhere would be found out in front of a class.
    get_sheet(choice)
    response = body_response(draw_code(get_service().settings.public_url + choice.address), "image/svg+xml")
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    if "download" in request.args:
        response.headers["Content-Disposition"] = 'attachment; filename="qr.svg"'
    return conditional(response)


def draw_code(address: str) -> bytes:
    """A QR code as SVG: a quarter of it may be hidden, and it keeps the white edge that readers need."""
    out = BytesIO()
    segno.make_qr(address, error="q").save(
        out, kind="svg", border=4, light="#fff", xmldecl=True, svgns=True, omitsize=True, nl=False
    )
    return out.getvalue()
