"""The documentation and the list of problems, as pages in both languages."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from api.domain.language import Language
from api.http.cache_hints import mark_cacheable
from api.http.context import get_context, get_named_language, get_reader_language
from api.http.labels import explain
from api.http.problems import PROBLEMS
from api.http.read_context import body_response, cache_control, content_location_query, make_conditional
from api.http.request_hooks import produces
from api.i18n import N_

docs = Blueprint("docs", __name__)
STATIC = Path(__file__).parent / "static"

TITLE = N_("Documentation")
INTRODUCTION = N_(
    "Everything that this service answers, with examples from the booklet. The descriptions of single fields are in "
    "English; each error is answered in the reader’s language."
)
NO_SCRIPT = N_("This page shows the description with a script. Without one, read the description itself:")
SWITCH = {Language.CY: N_("Read this page in Welsh"), Language.EN: N_("Read this page in English")}
PROBLEMS_TITLE = N_("Problems")
PROBLEMS_INTRODUCTION = N_(
    "Every problem that this service answers, by its address. A problem document says which one it is in ‘type’."
)
WORDS_TITLE = N_("Words used in the answers")
WORDS_INTRODUCTION = N_(
    "The answers name states, origins, reasons and gaps by words that never change. This is what each of them says."
)
PAGES = (("/docs", TITLE), ("/docs/words", WORDS_TITLE), ("/problems", PROBLEMS_TITLE))
# Swagger UI sets styles on its elements by script; nothing else is loosened, and nothing comes from elsewhere.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@docs.route("/docs")
@produces("text/html")
def show_docs() -> Response:
    return _page("docs.html", DOCS_POLICY, title=TITLE, introduction=INTRODUCTION, no_script=NO_SCRIPT)


@docs.route("/docs/words")
@produces("text/html")
def show_words() -> Response:
    groups = explain(get_context().words, get_reader_language())
    return _page("words.html", PAGE_POLICY, title=WORDS_TITLE, introduction=WORDS_INTRODUCTION, groups=groups)


@docs.route("/problems")
@produces("text/html")
def list_problems() -> Response:
    return _problems(list(PROBLEMS))


@docs.route("/problems/<name>")
@produces("text/html")
def show_problem(name: str) -> Response:
    if name not in PROBLEMS:
        raise NotFound
    return _problems([name])


def _problems(names: list[str]) -> Response:
    problems = [PROBLEMS[name] for name in names]
    return _page(
        "problems.html", PAGE_POLICY, title=PROBLEMS_TITLE, introduction=PROBLEMS_INTRODUCTION, problems=problems
    )


def _page(template: str, policy: str, **data: object) -> Response:
    context, language = get_context(), get_reader_language()

    def say(message: str) -> str:
        return context.words.gettext(language, message, _Places())

    html = render_template(
        template,
        say=say,
        language=language.value,
        other=language.other.value,
        # The name of the other page stands in the language of that page: whoever needs it reads that.
        switch=context.words.gettext(language.other, SWITCH[language.other]),
        path=request.path,
        pages=PAGES,
        **data,
    )
    response = body_response(html.encode(), "text/html; charset=utf-8")
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    if get_named_language() is None:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = content_location_query(language, {})
    mark_cacheable(None)
    return make_conditional(response)


class _Places(dict[str, str]):
    """A message shown for itself keeps its places as they are."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


@docs.route("/static/<path:name>")
@produces("*/*")
def get_static(name: str) -> Response:
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    media_type, _ = guess_type(path)
    # Flask's own answer has an ETag of the file's time, which differs from node to node.
    response = body_response(Path(path).read_bytes(), media_type or "application/octet-stream")
    response.headers["Cache-Control"] = "public, max-age=86400"
    mark_cacheable(None)
    return make_conditional(response)
