"""A choice as a SCORM 1.2 package, for portals that take nothing else: both languages, and nothing from outside."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import Blueprint, Response, request

from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.read_context import body_response
from api.http.request_hooks import produces
from api.i18n import N_
from api.pages.assets import PLAYER_SCRIPT, PLAYER_STYLE, SCRIPT, STYLE
from api.pages.embed_options import EmbedOptions, read_options
from api.pages.embed_page import EmbedAppearance, render_embed
from api.pages.printouts import Printout, finish_printouts, get_printouts, render_printout
from api.services.embed.zip_archive import write_zip

scorm = Blueprint("scorm", __name__)

# As the schema of a manifest has it.
MAX_TITLE = 200
COMPLETED = N_("Your portal has recorded this as completed.")


@scorm.route("/embed/scorm.zip")
@produces("application/zip")
def get_package() -> Response:
    choice = read_options(request.args)
    named = choice.speaking(choice.language or get_reader_language())
    data, name, leaflets = make_package(named)
    response = body_response(data, "application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return finish_printouts(response, leaflets, None if choice.language else named.address_of("/embed/scorm.zip"))


def make_package(choice: EmbedOptions) -> tuple[bytes, str, list[Printout]]:
    """The package of a choice whose language (the first that it shows) is known, a name for its file, and its texts.

    It is a page of the portal's around the embed pages of both languages, which lead to each other. Raises what
    ``get_leaflets`` raises.
    """
    language = choice.language or Language.EN
    # No page of a set lies beside it: all of the set is on one.
    whole = replace(choice, target=replace(choice.target, switch="yes", show="all", at=1))
    leaflets = [_fix(leaflet) for leaflet in get_printouts(whole, (language, language.other))]
    index = render_printout("scorm/index.html", leaflets=leaflets, page_of=_page_of, completed=COMPLETED)
    files = {
        "index.html": index.encode(),
        **{_page_of(leaflet.language): _render(leaflet).encode() for leaflet in leaflets},
        "embed.css": STYLE.data,
        "embed.js": SCRIPT.data,
        "player.css": PLAYER_STYLE.data,
        "player.js": PLAYER_SCRIPT.data,
    }
    fixed = replace(choice, target=leaflets[0].embed.target)
    manifest = render_printout(
        "scorm/imsmanifest.xml",
        files=list(files),
        identifier=_identify(fixed),
        release=leaflets[0].release,
        # A portal shows one line in its list of activities: both languages fit on it.
        title=" / ".join(dict.fromkeys(leaflet.title for leaflet in leaflets))[:MAX_TITLE],
    )
    return (
        write_zip({"imsmanifest.xml": manifest.encode(), **files}),
        choice.name_file(leaflets[0].release, ".zip"),
        leaflets,
    )


def _fix(leaflet: Printout) -> Printout:
    """The leaflet at its release: what is packed stays, and says as what."""
    embed = leaflet.embed
    return replace(leaflet, embed=replace(embed, target=replace(embed.target, release=leaflet.release)))


def _render(leaflet: Printout) -> str:
    other = _page_of(leaflet.language.other)
    return render_embed(
        leaflet.embed, EmbedAppearance(style="embed.css", script="embed.js", switch=other, is_online=False)
    )


def _page_of(language: Language) -> str:
    return f"{language.value}.html"


def _identify(choice: EmbedOptions) -> str:
    """A name for the manifest that only this choice in this release has; XML wants a letter at its head."""
    said = f"{get_context().settings.public_url}{choice.address}"
    return f"magic-moments-{hashlib.sha256(said.encode()).hexdigest()[:16]}"
