"""The documentation pages: the API, the codes in responses, the problems; each in both languages."""

from __future__ import annotations

import json
import re

from flask import Blueprint, Response, request, stream_template
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from api.domain.language import Language
from api.http.context import get_context, get_named_language, get_reader_language
from api.http.labels import explain
from api.http.problems import PROBLEMS
from api.http.request_hooks import produces
from api.http.responses import cache_control, cacheable, html_response, localised_url
from api.i18n import N_
from api.openapi.load import read_openapi_json
from api.pages.embed_page import base_path
from api.pages.reference_reader import ReferenceReader
from api.pages.reference_words import GROUPS, LABELS
from api.pages.static_files import DOCS_SCRIPT, DOCS_STYLE

docs = Blueprint("docs", __name__)

TITLE = N_("Documentation")
INTRODUCTION = N_(
    "Every request that this service answers, with examples from the booklet. The names of requests and the examples "
    "are in the reader’s language; the descriptions are in English."
)
DOCS_SWITCH = {Language.CY: N_("Read this page in Welsh"), Language.EN: N_("Read this page in English")}
PROBLEMS_TITLE = N_("Problems")
PROBLEMS_INTRODUCTION = N_(
    "Every problem that this service can report, with its address. The ‘type’ of a problem document is that address."
)
WORDS_TITLE = N_("Words used in the responses")
WORDS_INTRODUCTION = N_(
    "Responses name states, origins, reasons and gaps by words that never change. This is the meaning of each."
)
DOCS_PAGES = (("/docs", TITLE), ("/docs/words", WORDS_TITLE), ("/problems", PROBLEMS_TITLE))
# The script sends the requests that readers try.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@docs.route("/")
@produces("*/*")
def show_home() -> Response:
    """Redirect to the documentation, until there is a home page. The redirect is temporary for that reason."""
    language = get_named_language()
    query = f"?lang={language.value}" if language else ""
    response = Response(status=307, headers={"Location": f"{get_context().settings.public_url}/docs{query}"})
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    del response.headers["Content-Type"]  # the response has no body
    return response


@docs.route("/docs")
@produces("text/html")
def show_docs() -> Response:
    context, language = get_context(), get_reader_language()
    public_url = context.settings.public_url
    return _render_page(
        "docs.html",
        DOCS_POLICY,
        title=TITLE,
        introduction=INTRODUCTION,
        reference=ReferenceReader(json.loads(read_openapi_json(public_url)), language, public_url),
        label={name: context.translations.gettext(language, text, _KeptFields()) for name, text in LABELS.items()},
        groups=GROUPS,
        origin=public_url,
        style=DOCS_STYLE.path,
        script=DOCS_SCRIPT.path,
    )


@docs.app_template_filter("code")
def mark_code(text: str) -> Markup:
    """Return a text as HTML, with each part in backticks as a ``code`` element."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


@docs.route("/docs/words")
@produces("text/html")
def show_words() -> Response:
    groups = explain(get_context().translations, get_reader_language())
    return _render_page("words.html", PAGE_POLICY, title=WORDS_TITLE, introduction=WORDS_INTRODUCTION, groups=groups)


@docs.route("/problems")
@produces("text/html")
def list_problems() -> Response:
    return _render_problems(list(PROBLEMS))


@docs.route("/problems/<name>")
@produces("text/html")
def show_problem(name: str) -> Response:
    if name not in PROBLEMS:
        raise NotFound
    return _render_problems([name])


def _render_problems(names: list[str]) -> Response:
    problems = [PROBLEMS[name] for name in names]
    return _render_page(
        "problems.html", PAGE_POLICY, title=PROBLEMS_TITLE, introduction=PROBLEMS_INTRODUCTION, problems=problems
    )


def _render_page(template: str, policy: str, **data: object) -> Response:
    context, language = get_context(), get_reader_language()

    def translate(message: str) -> str:
        return context.translations.gettext(language, message, _KeptFields())

    # Append each piece at once: a list of all pieces of the longest page would take several megabytes.
    html = bytearray()
    pieces = stream_template(
        template,
        translate=translate,
        language=language.value,
        other=language.other.value,
        # The link is in the other language, for readers of that language.
        switch=context.translations.gettext(language.other, DOCS_SWITCH[language.other]),
        base_path=base_path(),
        path=request.path,
        pages=DOCS_PAGES,
        **data,
    )
    for piece in pieces:
        html += piece.encode()
    canonical_url = None if get_named_language() else localised_url(language, {})
    return cacheable(html_response(bytes(html), language, policy), None, canonical_url=canonical_url)


class _KeptFields(dict[str, str]):
    """Message data that replaces each field with the field's name in braces, to show the message as a pattern."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"
