"""A problem under /embed as a page in both languages, the reader's first: a frame never stays blank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request

from api.domain.language import Language
from api.http.context import get_context, get_reader_language
from api.http.problem_document import ProblemContext
from api.http.problems import LANGUAGE_DETAILS
from api.pages.assets import SCRIPT, STYLE
from api.pages.embed import allow_frames
from api.pages.embed_page import find_base
from api.pages.embed_words import OWN_NAMES, READ_IN
from api.pages.handout import OPEN, read_handout
from api.services.embed.target import PARAMETERS

THEMES = ("light", "dark", "auto")


def show_problem_page(said: Mapping[Language, Mapping[str, Any]], told: ProblemContext) -> Response:
    """What went wrong, in both languages; for a text that is in the other language only, where it can be read."""
    language = get_reader_language()
    theme = request.args.get("theme", "auto")
    html = render_template(
        "embed/problem.html",
        blocks=[(each, said[each], _say_detail(told, said, each)) for each in (language, language.other)],
        style=find_base() + STYLE.path,
        script=find_base() + SCRIPT.path,
        language=language,
        theme=theme if theme in THEMES else "auto",
        read_it=_find_way(told, language),
        own_names=OWN_NAMES,
    )
    response = Response(html, status=told.status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = f"{language.value}, {language.other.value}"
    allow_frames(response)
    return response


def _say_detail(told: ProblemContext, said: Mapping[Language, Mapping[str, Any]], language: Language) -> str:
    """The detail; without an address in it where the page has a link instead."""
    if told.problem.name != "language-not-available":
        return str(said[language]["detail"])
    message = LANGUAGE_DETAILS[told.members["requested"], told.members["reason"], False]
    return get_context().words.gettext(language, message)


def _find_way(told: ProblemContext, language: Language) -> tuple[str, Language, str] | None:
    """What leads on: an address, the language of what is there, and what it is called."""
    say = get_context().words.gettext
    if told.problem.name in {"pdf-not-available", "printing-busy"}:
        return find_base() + read_handout().address(), language, say(language, OPEN)
    exists = _find_other(told)
    return None if exists is None else (_address_in(exists), exists, say(language, READ_IN[exists]))


def _find_other(told: ProblemContext) -> Language | None:
    """The language in which the text that is missing can be read."""
    if told.problem.name != "language-not-available" or "links" not in told.members:
        return None
    return Language(told.members["links"]["alternate"]["hreflang"])


def _address_in(language: Language) -> str:
    """This address in another language, which is then meant."""
    kept = {name: value for name, value in request.args.items() if name in PARAMETERS - {"lang", "fallback"}}
    return f"{find_base()}{request.path}?{urlencode({'lang': language.value, **kept}, safe=',')}"
