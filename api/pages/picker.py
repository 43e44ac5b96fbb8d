"""The page for trainers: pick what to embed, see it, copy the line. A form, which works without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request

from api.domain.choice import PLACES, STAGES, THEMES, Choice
from api.domain.errors import (
    DomainError,
    Fault,
    LanguageMissing,
    ReleaseMissing,
    RequestRefused,
    ResourceMissing,
    ResourceSuppressed,
    ResourceWithdrawn,
)
from api.domain.language import Language
from api.i18n import N_
from api.pages.choosing import STAGE_NAMES, read_choice
from api.pages.handout import address_handout
from api.pages.leaflets import answer_page, get_menu, get_sheet, name_leaflet, refuse_page, render_leaflet
from api.pages.lines import HEIGHTS, write_lines
from api.routes.errors import describe_fault
from api.routes.guards import gives
from api.routes.service import get_reader_language
from api.services.menu import Menu

picker = Blueprint("picker", __name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
WORDS: Mapping[str, str] = {
    "title": N_("Embed a moment or a prompt"),
    "introduction": N_(
        "Choose what you want to show in your portal, see it, and copy one line. It comes in Welsh and English, "
        "sets no cookies and needs no script."
    ),
    "what": N_("What do you want to embed?"),
    "how": N_("How should it look?"),
    "which-moment": N_("Which moment?"),
    "which-prompt": N_("Which prompt?"),
    "which-set": N_("Which prompts?"),
    "all-prompts": N_("All prompts"),
    "which-moments": N_("Which moments, up to twenty?"),
    "which-stages": N_("Which prompts should the session have?"),
    "minutes": N_("Minutes for the discussion in groups"),
    "minutes-hint": N_("A timer counts them down. Leave this empty for no timer."),
    "language": N_("Language"),
    "theme": N_("Colours"),
    "no-switch": N_("Leave out the switch between the languages"),
    "freeze": N_("Keep the text as it is now: release {n}"),
    "freeze-hint": N_("Without this, later corrections to the booklet show here too."),
    "show": N_("Show"),
    "preview": N_("Preview"),
    "copy-title": N_("Copy one of these"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
    "copy-by-hand": N_("Press Ctrl and C to copy what is marked."),
    "renewed": N_("The preview and the lines show your choice."),
    "not-renewed": N_("Your choice could not be shown. Check your connection and choose Show."),
    "hand-out-title": N_("Hand it out"),
    "code": N_("QR code for a slide"),
    "code-alt": N_("QR code that leads to what you chose"),
    "download-code": N_("Download the code (SVG)"),
    "handout": N_("Handout to print"),
    "handout-one": N_("In this language"),
    "handout-both": N_("In both languages"),
    "scorm": N_("SCORM package"),
    "scorm-hint": N_(
        "For a portal that takes only packages. Both languages are inside, and the text stays as it is in release {n}."
    ),
    "scorm-download": N_("Download the package (SCORM 1.2)"),
    "wrong": N_("Your choice cannot be shown"),
    "nothing": N_("Nothing has been published yet."),
}
KINDS = {
    "moment": (N_("A moment"), N_("One story from practice")),
    "prompt": (N_("A prompt"), N_("One sentence to start a talk")),
    "prompts": (N_("A set of prompts"), N_("One after another")),
    "ground-rules": (N_("The ground rules"), N_("How the group will talk")),
    "session": (N_("A whole session"), N_("Moments, rules, prompts and a timer")),
}
LANGUAGES = {Language.CY: N_("Welsh"), Language.EN: N_("English")}
THEME_NAMES = {"auto": N_("As the reader’s device"), "light": N_("Light"), "dark": N_("Dark")}
SWITCH = {Language.CY: N_("Read this page in Welsh"), Language.EN: N_("Read this page in English")}


@dataclass(frozen=True, slots=True)
class Result:
    """What was chosen: the choice with all that goes without saying, its texts' title, its lines; or what is wrong."""

    choice: Choice
    title: str = ""
    release: int = 0
    lines: Sequence[Any] = ()
    faults: Sequence[str] = ()


@picker.route("/embed")
@gives("text/html")
def show_picker() -> Response:
    language = get_reader_language()
    menu = get_menu(language)
    result = _choose(menu, language)
    choice = result.choice
    html = render_leaflet(
        "picker/picker.html",
        language=language,
        words=WORDS,
        kinds=KINDS,
        stages={stage: STAGE_NAMES[stage] for stage in STAGES},
        languages=LANGUAGES,
        themes={theme: THEME_NAMES[theme] for theme in THEMES},
        menu=menu,
        result=result,
        choice=choice,
        # Whoever looks at sessions first sees one: the booklet’s first moment.
        picked=choice.moments or (menu.first_moment,),
        height=HEIGHTS[choice.kind],
        handout=address_handout,
        switch=(language.other, SWITCH[language.other], _address(choice, language.other)),
    )
    if result.faults:
        return refuse_page(html, language, POLICY)
    return answer_page(html, language, POLICY, _address(choice, language), is_immutable=False)


def _address(choice: Choice, language: Language) -> str:
    """This page with this choice, in ``language``: there the embed's own language has another name."""
    content = {"content": choice.language.value} if choice.language else {}
    return replace(choice, language=None).address_of("/embed", **content, lang=language.value)


def _choose(menu: Menu, language: Language) -> Result:
    """What the query chose, or (nothing chosen yet) the first moment of the booklet."""
    default = Choice("moment", slug=menu.first_moment, language=language)
    if menu.first_moment is None:
        return Result(default)
    try:
        choice = read_choice(request.args, "content") if "kind" in request.args else default
    except RequestRefused as error:
        kind = request.args.get("kind", "moment")
        return Result(replace(default, kind=kind if kind in PLACES else "moment"), faults=_describe(error.faults))
    choice = replace(choice, language=choice.language or language)
    try:
        leaflet = get_sheet(choice).write(choice.language or language)
    except RequestRefused as error:
        return Result(choice, faults=_describe(error.faults))
    except (ReleaseMissing, ResourceMissing, ResourceWithdrawn, ResourceSuppressed, LanguageMissing) as error:
        return Result(choice, faults=_describe([_name_missing(error, choice)]))
    title = name_leaflet(leaflet, choice).text
    return Result(choice, title, leaflet.release, write_lines(choice, leaflet, language))


def _name_missing(error: DomainError, choice: Choice) -> Fault:
    if isinstance(error, ReleaseMissing):
        return Fault("unknown-value", parameter="release", data={"value": error.number})
    slug = error.slug if isinstance(error, ResourceMissing) else choice.slug
    return Fault("unknown-value", parameter="slug", data={"value": slug or ", ".join(choice.moments)})


def _describe(faults: Sequence[Fault]) -> list[str]:
    return [describe_fault(fault)["detail"] for fault in faults]
