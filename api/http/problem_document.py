"""What is said of a problem, in the language spoken at the time: RFC 9457’s members, and each thing to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.domain.errors import Issue
from api.domain.language import Language
from api.http.context import get_context, get_reader_language, get_request_id
from api.http.issue_messages import ISSUE_MESSAGES
from api.http.problems import LANGUAGE_DETAILS, Problem


@dataclass(frozen=True, slots=True)
class ProblemContext:
    """A problem, what fills its places, and its extension members: said in the language spoken at the time."""

    problem: Problem
    data: Mapping[str, object]
    members: Mapping[str, Any]
    status: int


def render_problem(told: ProblemContext) -> dict[str, Any]:
    """A problem as RFC 9457 writes it, in the language spoken; the extension members come last."""
    context, language = get_context(), get_reader_language()
    return {
        "type": f"{context.settings.public_url}/problems/{told.problem.name}",
        "title": context.words.gettext(language, told.problem.title),
        "status": told.status,
        "detail": _detail(told.problem, language, told.data, told.members),
        "language": language.value,
        "request_id": get_request_id(),
        **told.members,
    }


def _detail(problem: Problem, language: Language, data: Mapping[str, object], members: Mapping[str, Any]) -> str:
    words = get_context().words
    if problem.name == "language-not-available":
        alternate = members.get("links", {}).get("alternate")
        message = LANGUAGE_DETAILS[members["requested"], members["reason"], alternate is not None]
        return words.gettext(language, message, {"url": alternate["href"]} if alternate else {})
    return words.gettext(language, problem.detail, sanitise_all(data))


def sanitise_all(data: Mapping[str, object]) -> dict[str, object]:
    return {name: sanitise(value) if isinstance(value, str) else value for name, value in data.items()}


def sanitise(text: str | None) -> str:
    """What a client sent, fit to be said back to it: short, and without what is not text."""
    shown = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\ufffd" for c in (text or "")[:100])
    return shown + ("…" if len(text or "") > 100 else "")


def render_issue(fault: Issue) -> dict[str, str]:
    """One entry of ``errors``: where it is (``parameter`` or ``pointer``), what it is, and how to mend it."""
    where = {"parameter": fault.parameter} if fault.parameter is not None else {"pointer": fault.pointer or ""}
    data = {"parameter": fault.parameter, **fault.data}
    detail = get_context().words.gettext(get_reader_language(), ISSUE_MESSAGES[fault.code], sanitise_all(data))
    return {"code": fault.code, **{name: sanitise(value) for name, value in where.items()}, "detail": detail}
