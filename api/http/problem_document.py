"""Problem documents (RFC 9457) and their issues, in the reader’s language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.domain.emoji import EMOJI_PATTERN, cut_text
from api.domain.errors import Issue
from api.domain.language import Language
from api.http.context import get_context, get_reader_language, get_request_id
from api.http.issue_messages import ISSUE_MESSAGES
from api.http.problems import LANGUAGE_DETAILS, ProblemType

MAX_SHOWN = 100
_SHOWN = re.compile(rf"(?P<emoji>{EMOJI_PATTERN})|[\s\S]")


@dataclass(frozen=True, slots=True)
class ProblemContext:
    """A problem of one request: the problem type, the data for the detail, the extension members and the status."""

    problem_type: ProblemType
    data: Mapping[str, object]
    members: Mapping[str, Any]
    status: int


def render_problem(problem: ProblemContext) -> dict[str, Any]:
    """Return the RFC 9457 members of a problem, in the reader’s language; extension members come last."""
    context, language = get_context(), get_reader_language()
    return {
        "type": f"{context.settings.public_url}/problems/{problem.problem_type.name}",
        "title": context.translations.gettext(language, problem.problem_type.title),
        "status": problem.status,
        "detail": _render_detail(problem, language),
        "language": language.value,
        "request_id": get_request_id(),
        **problem.members,
    }


def _render_detail(problem: ProblemContext, language: Language) -> str:
    translations, members = get_context().translations, problem.members
    if problem.problem_type.name == "language-not-available":
        alternate = members.get("links", {}).get("alternate")
        message = LANGUAGE_DETAILS[members["requested"], members["reason"], alternate is not None]
        return translations.gettext(language, message, {"url": alternate["href"]} if alternate else {})
    return translations.gettext(language, problem.problem_type.detail, sanitise_all(problem.data))


def sanitise_all(data: Mapping[str, object]) -> dict[str, object]:
    """Return the data of a message for display. A string may be a client’s and is sanitised; a tuple is ours."""
    return {name: _display(value) for name, value in data.items()}


def _display(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return sanitise(value) if isinstance(value, str) else value


def sanitise(text: str | None) -> str:
    """Return a client’s text for display: at most 100 characters, with U+FFFD in place of unprintable ones.

    The characters of well-formed emoji sequences are printable.
    """
    shown = _SHOWN.sub(_replace_unprintable, cut_text(text or "", MAX_SHOWN))
    return shown + ("…" if len(text or "") > MAX_SHOWN else "")


def _replace_unprintable(match: re.Match[str]) -> str:
    is_printable = match["emoji"] or (match[0].isprintable() and not "\ud800" <= match[0] <= "\udfff")
    return match[0] if is_printable else "\ufffd"


def render_issue(issue: Issue) -> dict[str, str]:
    """Return an entry of ``errors``: ``parameter`` or ``pointer``, the code, and how to correct the issue."""
    place = {"parameter": issue.parameter} if issue.parameter is not None else {"pointer": issue.pointer or ""}
    data = {"parameter": issue.parameter, **issue.data}
    detail = get_context().translations.gettext(get_reader_language(), ISSUE_MESSAGES[issue.code], sanitise_all(data))
    return {"code": issue.code, **{name: sanitise(value) for name, value in place.items()}, "detail": detail}
