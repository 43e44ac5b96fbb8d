"""An embed as a SCORM 1.2 package with both languages, for portals that take only packages."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import Blueprint, Response, request

from api.domain.emoji import cut_text
from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.request_hooks import produces
from api.http.responses import body_response
from api.i18n import N_
from api.pages.embed_options import EmbedOptions, read_options
from api.pages.embed_page import EmbedAppearance, render_embed
from api.pages.printouts import Printout, cacheable_printouts, get_printouts, render_printout
from api.pages.static_files import PLAYER_SCRIPT, PLAYER_STYLE, SCRIPT, STYLE
from api.services.embed.zip_archive import write_zip

scorm = Blueprint("scorm", __name__)

# In characters: the limit in the schema of SCORM manifests.
MAX_MANIFEST_TITLE = 200
COMPLETED = N_("Your portal has recorded this as completed.")


@scorm.route("/embed/scorm.zip")
@produces("application/zip")
def get_package() -> Response:
    requested = read_options(request.args)
    options = requested.in_language(requested.language or get_reader_language())
    data, name, printouts = make_package(options)
    response = body_response(data, "application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    canonical_path = None if requested.language else options.path_of("/embed/scorm.zip")
    return cacheable_printouts(response, printouts, canonical_path)


def make_package(options: EmbedOptions) -> tuple[bytes, str, list[Printout]]:
    """Return the package, its file name and its printouts. The language in ``options`` is shown first.

    The start page of the package has a frame, which shows the embed in one language with a link to the other language.
    Raises the errors of ``get_printouts``.
    """
    language = options.language or Language.EN
    # The frame has only one page per language, so each page shows all texts of a set.
    whole = replace(options, target=replace(options.target, switch="yes", show="all", at=1))
    printouts = [_pin_release(printout) for printout in get_printouts(whole, (language, language.other))]
    index = render_printout("scorm/index.html", printouts=printouts, page_name=_page_name, completed=COMPLETED)
    files = {
        "index.html": index.encode(),
        **{_page_name(printout.language): _render(printout).encode() for printout in printouts},
        "embed.css": STYLE.data,
        "embed.js": SCRIPT.data,
        "player.css": PLAYER_STYLE.data,
        "player.js": PLAYER_SCRIPT.data,
    }
    pinned = replace(options, target=printouts[0].embed.target)
    manifest = render_printout(
        "scorm/imsmanifest.xml",
        files=list(files),
        identifier=_identifier(pinned),
        release=printouts[0].release,
        # A portal lists one title for both languages.
        title=cut_text(" / ".join(dict.fromkeys(printout.title for printout in printouts)), MAX_MANIFEST_TITLE),
    )
    return (
        write_zip({"imsmanifest.xml": manifest.encode(), **files}),
        options.name_file(printouts[0].release, ".zip"),
        printouts,
    )


def _pin_release(printout: Printout) -> Printout:
    """Return the printout with a fixed release, since the content of a package must not change."""
    embed = printout.embed
    return replace(printout, embed=replace(embed, target=replace(embed.target, release=printout.release)))


def _render(printout: Printout) -> str:
    other = _page_name(printout.language.other)
    return render_embed(
        printout.embed, EmbedAppearance(style="embed.css", script="embed.js", switch=other, is_online=False)
    )


def _page_name(language: Language) -> str:
    return f"{language.value}.html"


def _identifier(options: EmbedOptions) -> str:
    """Return the manifest's identifier, unique to the options and the release. It begins with a letter, as in XML."""
    url = f"{get_context().settings.public_url}{options.path}"
    return f"magic-moments-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
