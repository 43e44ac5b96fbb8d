"""A choice as a leaflet: read once, named, and put into a page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api.domain.choice import Choice
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.i18n import N_
from api.pages.assets import asset
from api.pages.choosing import NOTES, PART_NAMES, TITLES
from api.routes.reading import body_response, cache_control, conditional
from api.routes.service import get_service
from api.services.delivery.request import Reading
from api.services.leaflet import Leaflet, Line, Sheet, read_sheet
from api.services.menu import Menu, read_menu
from api.services.snapshot import read_snapshot

RELEASE = N_("Release {n}")
SWITCH = {Language.CY: N_("Read this in Welsh"), Language.EN: N_("Read this in English")}


def get_sheet(choice: Choice) -> Sheet:
    """The texts of a choice in both languages. Raises ReleaseMissing, and what ``read_sheet`` raises."""
    service = get_service()
    with service.database.reading() as session:
        reading = _read(session, choice.language or Language.EN, choice.release)
        return read_sheet(session, reading, service.voice, choice)


def get_menu(language: Language) -> Menu:
    """What can be chosen today, named in ``language`` where it has names there."""
    service = get_service()
    with service.database.reading() as session:
        return read_menu(session, _read(session, language, None), service.voice)


def _read(session: Session, language: Language, release: int | None) -> Reading:
    default = MinState(get_service().settings.min_state)
    # What names its release is to stay as it is, whatever the setting.
    min_state = default if release is None else MinState.TRANSLATED
    rule = LanguageRule(language, Fallback.ALLOW, min_state)
    snapshot = read_snapshot(session, release)
    return Reading(snapshot, rule, is_pinned=release is not None, default_min_state=default)


def name_leaflet(leaflet: Leaflet, choice: Choice) -> Line:
    """What the leaflet is called: by its text's title, or else by what it is."""
    is_titled = choice.kind == "moment" and leaflet.title is not None
    return leaflet.title if is_titled and leaflet.title else name_kind(choice, leaflet.language)


def name_kind(choice: Choice, language: Language) -> Line:
    return Line(say_in(language, TITLES[choice.kind]), language)


def say_in(language: Language, message: str, **data: object) -> str:
    return get_service().words.say(language, message, data)


def say_notes(language: Language, notes: Sequence[str]) -> list[str]:
    """What must be said of a text to a reader of ``language``."""
    return [say_in(language, NOTES[note][language]) for note in notes]


def render_leaflet(template: str, **data: object) -> str:
    """A template that shows leaflets, with the words that they need."""
    return render_template(
        template, asset=asset, say_in=say_in, say_notes=say_notes, part_names=PART_NAMES, release_words=RELEASE, **data
    )


def answer_page(html: str, language: Language, policy: str, address: str, *, is_immutable: bool) -> Response:
    """A page in ``language``; ``address`` (path and query) gives the same page whatever Accept-Language says."""
    response = body_response(html.encode(), "text/html; charset=utf-8")
    is_open = "lang" not in request.args
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = cache_control(is_immutable and not is_open)
    if is_open:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = get_service().settings.public_url + address
    return conditional(response)


def refuse_page(html: str, language: Language, policy: str) -> Response:
    """A page that says what is wrong with the request for it."""
    response = Response(html, status=400, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    if "lang" not in request.args:
        response.headers["Vary"] = "Accept-Language"
    return response
