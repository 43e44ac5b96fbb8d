"""A choice as a SCORM 1.2 package, for portals that take nothing else: both languages, and nothing from outside."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, request

from api.domain.choice import Choice
from api.domain.language import Language
from api.i18n import N_
from api.pages.choosing import read_choice
from api.pages.leaflets import SWITCH, get_sheet, name_leaflet, render_leaflet
from api.routes.guards import gives
from api.routes.reading import body_response, cache_control, conditional
from api.routes.service import get_reader_language, get_service
from api.services.leaflet import Leaflet, Sheet
from api.services.package import pack

scorm = Blueprint("scorm", __name__)
STATIC = Path(__file__).parent / "static"

# As the schema of a manifest has it.
MAX_TITLE = 200
COMPLETED = N_("Your portal has recorded this as completed.")
CUT = N_("This text is as it was in release {n}. Newer releases do not change it.")


@scorm.route("/embed/scorm.zip")
@gives("application/zip")
def get_package() -> Response:
    choice = read_choice(request.args)
    language = choice.language or get_reader_language()
    data, name = make_package(replace(choice, language=language))
    response = body_response(data, "application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    is_open = choice.language is None
    response.headers["Cache-Control"] = cache_control(is_immutable=choice.release is not None and not is_open)
    if is_open:
        response.headers["Vary"] = "Accept-Language"
        address = replace(choice, language=language).address_of("/embed/scorm.zip")
        response.headers["Content-Location"] = get_service().settings.public_url + address
    return conditional(response)


def make_package(choice: Choice) -> tuple[bytes, str]:
    """The package of a choice whose language (the first that it shows) is known, and a name for its file.

    Raises what ``get_sheet`` raises.
    """
    sheet = get_sheet(choice)
    # Whatever the choice says: what is packed stays as it was in this release.
    choice = replace(choice, release=sheet.release, has_switch=True)
    files = {
        "index.html": _render("scorm/index.html", choice, sheet),
        "script.js": (STATIC / "scorm.js").read_bytes(),
        "style.css": (STATIC / "scorm.css").read_bytes(),
    }
    manifest = _render("scorm/imsmanifest.xml", choice, sheet, files=list(files), identifier=_identify(choice))
    return pack({"imsmanifest.xml": manifest, **files}), _name_file(choice)


def _render(template: str, choice: Choice, sheet: Sheet, **more: object) -> bytes:
    language = choice.language or Language.EN
    leaflets = [sheet.write(each) for each in (language, language.other)]
    html = render_leaflet(
        template,
        language=language,
        choice=choice,
        release=sheet.release,
        leaflets=[(leaflet, name_leaflet(leaflet, choice), _place(choice, leaflet)) for leaflet in leaflets],
        # A portal shows one line in its list of activities: both languages fit on it.
        title=" / ".join(dict.fromkeys(name_leaflet(leaflet, choice).text for leaflet in leaflets))[:MAX_TITLE],
        switch=SWITCH,
        completed=COMPLETED,
        cut=CUT,
        **more,
    )
    return html.encode()


def _place(choice: Choice, leaflet: Leaflet) -> str:
    return get_service().settings.public_url + replace(choice, language=leaflet.language, theme="auto").address


def _identify(choice: Choice) -> str:
    """A name for the manifest that only this choice in this release has; XML wants a letter at its head."""
    said = f"{get_service().settings.public_url}{choice.address}"
    return f"magic-moments-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _name_file(choice: Choice) -> str:
    return "-".join(filter(None, ("magic-moments", choice.kind, choice.slug, f"r{choice.release}"))) + ".zip"
