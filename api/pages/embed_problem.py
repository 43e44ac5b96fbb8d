"""The page for problems below /embed, so that a frame is never blank. The reader's language comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request

from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.problem_document import ProblemContext
from api.http.problems import LANGUAGE_DETAILS
from api.pages.embed import allow_frames
from api.pages.embed_page import base_path
from api.pages.embed_words import LANGUAGE_NAMES, READ_IN
from api.pages.handout import HANDOUT_PATH, OPEN_LABEL, read_handout
from api.pages.static_files import SCRIPT, STYLE
from api.services.embed.target import EMBED_PARAMETERS

THEMES = ("light", "dark", "auto")


def show_problem_page(documents: Mapping[Language, Mapping[str, Any]], problem: ProblemContext) -> Response:
    """Return the page for a problem. If the text exists only in the other language, the page links to the text."""
    language = get_reader_language()
    theme = request.args.get("theme", "auto")
    html = render_template(
        "embed/problem.html",
        blocks=[
            (block_language, documents[block_language], _render_detail(problem, documents, block_language))
            for block_language in (language, language.other)
        ],
        style=base_path() + STYLE.path,
        script=base_path() + SCRIPT.path,
        language=language,
        theme=theme if theme in THEMES else "auto",
        read_it=_find_link(problem, language),
        own_names=LANGUAGE_NAMES,
    )
    response = Response(html, status=problem.status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = f"{language.value}, {language.other.value}"
    allow_frames(response)
    return response


def _render_detail(problem: ProblemContext, documents: Mapping[Language, Mapping[str, Any]], language: Language) -> str:
    """Return the detail of the problem. The URL in the detail is left out if the page has a link."""
    if problem.problem_type.name != "language-not-available":
        return str(documents[language]["detail"])
    message = LANGUAGE_DETAILS[problem.members["requested"], problem.members["reason"], False]
    return get_context().translations.gettext(language, message)


def _find_link(problem: ProblemContext, language: Language) -> tuple[str, Language, str] | None:
    """Return a link with which the reader can continue: the path, the language of the target, and the label."""
    gettext = get_context().translations.gettext
    if problem.problem_type.name in {"pdf-not-available", "printing-busy"}:
        return base_path() + read_handout().path_of(HANDOUT_PATH), language, gettext(language, OPEN_LABEL)
    exists = _find_other(problem)
    return None if exists is None else (_path_in(exists), exists, gettext(language, READ_IN[exists]))


def _find_other(problem: ProblemContext) -> Language | None:
    """Return the language in which the missing text is available, or None."""
    if problem.problem_type.name != "language-not-available" or "links" not in problem.members:
        return None
    return Language(problem.members["links"]["alternate"]["hreflang"])


def _path_in(language: Language) -> str:
    """Return the path and query of this request in another language, without a fallback."""
    parameters = {
        name: value for name, value in request.args.items() if name in EMBED_PARAMETERS - {"lang", "fallback"}
    }
    return f"{base_path()}{request.path}?{urlencode({'lang': language.value, **parameters}, safe=',')}"
