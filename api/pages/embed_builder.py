"""The page for trainers: pick what to embed, see it, copy the line. A form, which works without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from api.domain.errors import (
    DomainError,
    InvalidRequestError,
    Issue,
    LanguageNotAvailableError,
    NothingToServeError,
    PublicResourceNotFoundError,
    ReleaseNotFoundError,
    ResourceSuppressedError,
    ResourceWithdrawnError,
)
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.http.cache_hints import open_read_session
from api.http.context import get_named_language, get_reader_language
from api.http.problem_document import render_issue
from api.http.request_hooks import produces
from api.i18n import N_
from api.pages.assets import PICKER_SCRIPT, PICKER_STYLE
from api.pages.embed_code import HEIGHTS, write_snippets
from api.pages.embed_options import KINDS, EmbedOptions, read_options
from api.pages.embed_page import find_base
from api.pages.embed_words import STAGES
from api.pages.handout import PDF_PATH, address_handout
from api.pages.pdf import can_make_pdf
from api.pages.printouts import finish_page, get_catalogue, page_response, read_printouts, refuse_page, render_printout
from api.services.embed.catalogue import Catalogue
from api.services.embed.target import EmbedKind, Target

embed_builder = Blueprint("picker", __name__)

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
    "how-many": N_("How many at a time?"),
    "which-moments": N_("Which moments, up to twenty?"),
    "which-stages": N_("Which prompts should the session have?"),
    "minutes": N_("Minutes for the discussion in groups"),
    "minutes-hint": N_("A timer counts them down."),
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
    "pdf-one": N_("As a PDF, in this language"),
    "pdf-both": N_("As a PDF, in both languages"),
    "scorm": N_("SCORM package"),
    "scorm-hint": N_(
        "For a portal that takes only packages. Both languages are inside, and the text stays as it is in release {n}."
    ),
    "scorm-download": N_("Download the package (SCORM 1.2)"),
    "wrong": N_("Your choice cannot be shown"),
    "nothing": N_("Nothing has been published yet."),
}
KIND_NAMES = {
    "moment": (N_("A moment"), N_("One story from practice")),
    "prompt": (N_("A prompt"), N_("One sentence to start a talk")),
    "prompts": (N_("A set of prompts"), N_("One after another")),
    "ground-rules": (N_("The ground rules"), N_("How the group will talk")),
    "session": (N_("A whole session"), N_("Moments, rules, prompts and a timer")),
}
LANGUAGES = {Language.CY: N_("Welsh"), Language.EN: N_("English")}
SHOWS = {"one": N_("One at a time"), "all": N_("All of them at once")}
THEME_NAMES = {"auto": N_("As the reader’s device"), "light": N_("Light"), "dark": N_("Dark")}
SWITCH = {Language.CY: N_("Read this page in Welsh"), Language.EN: N_("Read this page in English")}


@dataclass(frozen=True, slots=True)
class Result:
    """What was chosen: the choice with all that goes without saying, its texts' title, its lines; or what is wrong."""

    choice: EmbedOptions
    title: str = ""
    release: int = 0
    lines: Sequence[Any] = ()
    keys: Sequence[str] = ()
    faults: Sequence[str] = ()


@embed_builder.route("/embed")
@produces("text/html")
def show_picker() -> Response:
    language = get_reader_language()
    with open_read_session() as session:
        menu = get_catalogue(session, language)
        result = _choose(session, menu, language)
    choice = result.choice
    html = render_printout(
        "picker/picker.html",
        style=find_base() + PICKER_STYLE.path,
        script=find_base() + PICKER_SCRIPT.path,
        base=find_base(),
        language=language,
        words=WORDS,
        kinds=KIND_NAMES,
        stages=STAGES,
        languages=LANGUAGES,
        themes=THEME_NAMES,
        shows=SHOWS,
        menu=menu,
        result=result,
        choice=choice,
        target=choice.target,
        # Whoever looks at sessions first sees one: the booklet’s first moment.
        picked=choice.target.moments or (menu.first_moment,),
        height=HEIGHTS[choice.target.kind],
        handout=address_handout,
        pdf_path=PDF_PATH if can_make_pdf() else None,
        switch=(language.other, SWITCH[language.other], find_base() + _address(choice, language.other)),
    )
    if result.faults:
        return refuse_page(html, language, POLICY)
    same = None if get_named_language() else _address(choice, language)
    # What stands in it of one release stands beside what can be chosen today.
    keys = dict.fromkeys((*menu.keys, *result.keys))
    return finish_page(page_response(html, language, POLICY), menu.snapshot.epoch, [*keys], same, is_pinned=False)


def _address(choice: EmbedOptions, language: Language) -> str:
    """This page with this choice, in ``language``: there the embed's own language has another name."""
    content = {"content": choice.language.value} if choice.language else {}
    return choice.address_of("/embed", **content, lang=language.value)


def _choose(session: Session, menu: Catalogue, language: Language) -> Result:
    """What the query chose, or (nothing chosen yet) the first moment of the booklet."""
    default = EmbedOptions(Target(EmbedKind.MOMENT, menu.first_moment), language)
    if menu.first_moment is None:
        return Result(default)
    try:
        choice = read_options(request.args, "content") if "kind" in request.args else default
    except InvalidRequestError as error:
        return Result(_salvage(default), faults=_describe(error.issues))
    choice = choice.speaking(choice.language or language)
    try:
        [leaflet] = read_printouts(session, choice, [choice.language or language])
    except InvalidRequestError as error:
        return Result(choice, faults=_describe(error.issues))
    except MISSING as error:
        return Result(choice, faults=_describe([_name_missing(error, choice)]))
    lines = write_snippets(choice, leaflet, language)
    return Result(choice, leaflet.title, leaflet.release, lines, leaflet.embed.keys)


def _salvage(default: EmbedOptions) -> EmbedOptions:
    """Of a choice that cannot be read, at least its kind."""
    kind = request.args.get("kind", "")
    return replace(
        default, target=replace(default.target, kind=EmbedKind(kind) if kind in set(KINDS) else EmbedKind.MOMENT)
    )


MISSING = (
    ReleaseNotFoundError,
    PublicResourceNotFoundError,
    ResourceWithdrawnError,
    ResourceSuppressedError,
    LanguageNotAvailableError,
    NothingToServeError,
)


def _name_missing(error: DomainError, choice: EmbedOptions) -> Issue:
    if isinstance(error, ReleaseNotFoundError):
        return Issue(IssueCode.UNKNOWN_VALUE, parameter="release", data={"value": error.number})
    slug = error.slug if isinstance(error, PublicResourceNotFoundError) else choice.target.slug
    return Issue(IssueCode.UNKNOWN_VALUE, parameter="slug", data={"value": slug or ", ".join(choice.target.moments)})


def _describe(faults: Sequence[Issue]) -> list[str]:
    return [render_issue(fault)["detail"] for fault in faults]
