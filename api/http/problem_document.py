"""Problem documents (RFC 9457) and their issues, in the reader’s language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.domain.errors import Issue
from api.domain.language import Language
from api.http.context import get_context, get_reader_language, get_request_id
from api.http.issue_messages import ISSUE_MESSAGES
from api.http.problems import LANGUAGE_DETAILS, ProblemType


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
    """Return the data of a message with all strings sanitised."""
    return {name: sanitise(value) if isinstance(value, str) else value for name, value in data.items()}


def sanitise(text: str | None) -> str:
    """Return a client’s text for display: at most 100 characters, with U+FFFD in place of unprintable ones."""
    shown = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in (text or "")[:100])
    return shown + ("…" if len(text or "") > 100 else "")


def render_issue(issue: Issue) -> dict[str, str]:
    """Return an entry of ``errors``: ``parameter`` or ``pointer``, the code, and how to correct the issue."""
    place = {"parameter": issue.parameter} if issue.parameter is not None else {"pointer": issue.pointer or ""}
    data = {"parameter": issue.parameter, **issue.data}
    detail = get_context().translations.gettext(get_reader_language(), ISSUE_MESSAGES[issue.code], sanitise_all(data))
    return {"code": issue.code, **{name: sanitise(value) for name, value in place.items()}, "detail": detail}
