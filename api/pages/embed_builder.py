"""The embed builder: a form to choose and preview an embed, and to copy its code. It works without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
from api.http.context import get_context, get_named_language, get_reader_language
from api.http.problem_document import render_issue
from api.http.read_context import open_read_session
from api.http.request_hooks import produces
from api.http.responses import cacheable, html_response
from api.http.vocabulary import STAGES
from api.i18n import N_
from api.pages.embed_code import HEIGHTS, EmbedSnippet, write_snippets
from api.pages.embed_options import CHOOSABLE_KINDS, EmbedOptions, read_options
from api.pages.embed_page import base_path
from api.pages.handout import PDF_PATH, handout_path
from api.pages.pdf import can_make_pdf
from api.pages.printouts import error_page, get_catalogue, read_printouts, render_printout, with_needed_fallback
from api.pages.qr_code import fits_qr_code
from api.pages.static_files import BUILDER_SCRIPT, BUILDER_STYLE
from api.services.embed.catalogue import Catalogue
from api.services.embed.target import EmbedKind, Target

embed_builder = Blueprint("embed_builder", __name__)

BUILDER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
BUILDER_MESSAGES: Mapping[str, str] = {
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
    "copy-by-hand": N_("Press Ctrl and C to copy the selected text."),
    "renewed": N_("The preview and the lines show your choice."),
    "not-renewed": N_("Your choice could not be shown. Check your connection and choose Show."),
    "hand-out-title": N_("Hand it out"),
    "code": N_("QR code for a slide"),
    "code-alt": N_("QR code that leads to what you chose"),
    "download-code": N_("Download the code (SVG)"),
    "no-code": N_("The address of this session is too long for a QR code. Choose fewer moments."),
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
KIND_CHOICES = {
    "moment": (N_("A moment"), N_("One story from practice")),
    "prompt": (N_("A prompt"), N_("One sentence to start a talk")),
    "prompts": (N_("A set of prompts"), N_("One after another")),
    "ground-rules": (N_("The ground rules"), N_("How the group will talk")),
    "session": (N_("A whole session"), N_("Moments, rules, prompts and a timer")),
}
LANGUAGE_CHOICES = {Language.CY: N_("Welsh"), Language.EN: N_("English")}
SHOW_CHOICES = {"one": N_("One at a time"), "all": N_("All of them at once")}
THEME_CHOICES = {"auto": N_("As the reader’s device"), "light": N_("Light"), "dark": N_("Dark")}
BUILDER_SWITCH = {Language.CY: N_("Read this page in Welsh"), Language.EN: N_("Read this page in English")}


NOT_FOUND_ERRORS = (
    ReleaseNotFoundError,
    PublicResourceNotFoundError,
    ResourceWithdrawnError,
    ResourceSuppressedError,
    LanguageNotAvailableError,
    NothingToServeError,
)


@dataclass(frozen=True, slots=True)
class BuilderResult:
    """The chosen options with their title, release, snippets and surrogate keys, or the issues in the query."""

    options: EmbedOptions
    title: str = ""
    release: int = 0
    snippets: Sequence[EmbedSnippet] = ()
    keys: Sequence[str] = ()
    issues: Sequence[str] = ()


@embed_builder.route("/embed")
@produces("text/html")
def show_builder() -> Response:
    language = get_reader_language()
    with open_read_session() as session:
        catalogue = get_catalogue(session, language)
        result = _read_selection(session, catalogue, language)
    html = _render(catalogue, result, language)
    if result.issues:
        return error_page(html, language, BUILDER_POLICY)
    canonical_url = get_context().settings.public_url + _builder_path(result.options, language)
    return cacheable(
        html_response(html, language, BUILDER_POLICY),
        catalogue.snapshot.epoch,
        # Never pinned to a release: the page lists the choices in the newest release.
        dict.fromkeys((*catalogue.keys, *result.keys)),
        canonical_url=None if get_named_language() else canonical_url,
    )


def _render(catalogue: Catalogue, result: BuilderResult, language: Language) -> str:
    options = result.options
    return render_printout(
        "embed_builder/page.html",
        style=base_path() + BUILDER_STYLE.path,
        script=base_path() + BUILDER_SCRIPT.path,
        base=base_path(),
        language=language,
        messages=BUILDER_MESSAGES,
        kinds=KIND_CHOICES,
        stages=STAGES,
        languages=LANGUAGE_CHOICES,
        themes=THEME_CHOICES,
        shows=SHOW_CHOICES,
        catalogue=catalogue,
        result=result,
        options=options,
        target=options.target,
        # A session starts with the booklet’s first moment.
        picked=options.target.moments or (catalogue.first_moment,),
        height=HEIGHTS[options.target.kind],
        has_qr_code=fits_qr_code(get_context().settings.public_url + options.path),
        handout_path=handout_path,
        pdf_path=PDF_PATH if can_make_pdf() else None,
        switch=(language.other, BUILDER_SWITCH[language.other], base_path() + _builder_path(options, language.other)),
    )


def _builder_path(options: EmbedOptions, language: Language) -> str:
    """Return this page's path and query in ``language``. The parameter ``content`` is the language of the embed."""
    content = {"content": options.language.value} if options.language else {}
    return options.path_of("/embed", **content, lang=language.value)


def _read_selection(session: Session, catalogue: Catalogue, language: Language) -> BuilderResult:
    """Return the selection in the query, or the first moment of the booklet if the query selects nothing."""
    default = EmbedOptions(Target(EmbedKind.MOMENT, catalogue.first_moment), language)
    if catalogue.first_moment is None:
        return BuilderResult(default)
    try:
        options = read_options(request.args, "content") if "kind" in request.args else default
    except InvalidRequestError as error:
        return BuilderResult(_keep_kind(default), issues=_describe(error.issues))
    options = options.in_language(options.language or language)
    try:
        [printout] = read_printouts(session, options, [options.language or language])
    except InvalidRequestError as error:
        return BuilderResult(options, issues=_describe(error.issues))
    except NOT_FOUND_ERRORS as error:
        return BuilderResult(options, issues=_describe([_to_issue(error, options)]))
    options = with_needed_fallback(options, printout.embed)
    snippets = write_snippets(options, printout, language)
    return BuilderResult(options, printout.title, printout.release, snippets, printout.embed.keys)


def _keep_kind(default: EmbedOptions) -> EmbedOptions:
    """Return the default options, but with the kind from the query if it is valid."""
    name = request.args.get("kind", "")
    kind = EmbedKind(name) if name in set(CHOOSABLE_KINDS) else EmbedKind.MOMENT
    return replace(default, target=replace(default.target, kind=kind))


def _to_issue(error: DomainError, options: EmbedOptions) -> Issue:
    if isinstance(error, ReleaseNotFoundError):
        return Issue(IssueCode.UNKNOWN_VALUE, parameter="release", data={"value": error.number})
    slug = error.slug if isinstance(error, PublicResourceNotFoundError) else options.target.slug
    return Issue(IssueCode.UNKNOWN_VALUE, parameter="slug", data={"value": slug or ", ".join(options.target.moments)})


def _describe(issues: Sequence[Issue]) -> list[str]:
    return [render_issue(issue)["detail"] for issue in issues]
